// The spooler's logon to a store whose disk fails now and then: a call throws and has changed
// nothing, or the process dies with it, before it is durable or behind it.
//
// Once the process is dead, nothing reaches the disk any more. What is durable then is what the
// store behind has.
#pragma once

#include <functional>
#include <memory>
#include <type_traits>
#include <utility>

#include "mapi/error.h"
#include "tests/forwarding_store.h"
#include "tests/simulation/chance.h"
#include "tests/simulation/ledger.h"
#include "tests/simulation/time/trace.h"

namespace postern::simulation {

class Disk {
 public:
  /// How often it fails, and how often the process dies with it, of a thousand calls.
  struct Rates {
    std::size_t fails = 0;
    std::size_t dies = 0;
  };

  /// `died` is called when the process dies.
  Disk(Chance& chance, Ledger& ledger, Trace& trace, std::function<void()> died)
      : chance_(chance), ledger_(ledger), trace_(trace), died_(std::move(died)) {}

  void set_rates(const Rates& rates) { rates_ = rates; }
  void die();
  [[nodiscard]] bool is_dead() const { return is_dead_; }
  void begin_anew() { is_dead_ = false; }

  /// Throws what this call meets.
  void read();
  /// The call, if the disk lets it.
  template <class Call>
  auto write(const mapi::EntryId& entry, const Call& call) {
    const bool dies_behind = may_write(entry);
    if constexpr (std::is_void_v<decltype(call())>) {
      call();
      if (dies_behind) die_behind(entry);
    } else {
      auto result = call();
      if (dies_behind) die_behind(entry);
      return result;
    }
  }
  /// The message is durable so.
  void saved(const mapi::EntryId& entry, const mapi::Message& message);
  [[nodiscard]] Ledger& ledger() { return ledger_; }

 private:
  bool may_write(const mapi::EntryId& entry);
  [[noreturn]] void die_behind(const mapi::EntryId& entry);
  void require_alive() const;
  std::optional<std::size_t> life(const mapi::EntryId& entry);

  Chance& chance_;
  Ledger& ledger_;
  Trace& trace_;
  std::function<void()> died_;
  Rates rates_;
  bool is_dead_ = false;
};

/// `inner`: the spooler's logon.
std::unique_ptr<mapi::MsgStore> on_disk(Disk& disk, std::unique_ptr<mapi::MsgStore> inner);

}  // namespace postern::simulation
