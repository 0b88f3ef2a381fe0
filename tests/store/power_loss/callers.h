// Who calls a store in one life of it: clients, and a spooler, each from a thread of its own or one
// after the other. Every call is written down in the ledger, with what it changes.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "mapi/msg_store.h"
#include "tests/store/power_loss/dice.h"
#include "tests/store/power_loss/disk.h"
#include "tests/store/power_loss/ledger.h"

namespace postern::store::test {

/// What ends whoever calls a machine without power.
struct PowerIsGone {};

/// The folders of a mailbox.
struct Places {
  mapi::EntryId outbox;
  mapi::EntryId sent_items;
  mapi::EntryId inbox;
  mapi::EntryId subtree;
};

/// A store that is open, on a machine.
struct Machine {
  Disk& disk;
  Ledger& ledger;
  std::filesystem::path store;
  mapi::MSProvider& provider;
  std::map<std::string, Places> places{};  ///< by the names of the mailboxes
};

class Caller {
 protected:
  Caller(Machine& machine, std::uint64_t seed) : machine_(machine), dice_(seed) {}

  /// An object that nobody else has in hands meanwhile.
  class Hand : public Ledger::Taken {
   public:
    Hand(Ledger& ledger, Ledger::Taken taken) : Ledger::Taken(std::move(taken)), ledger_(&ledger) {}
    Hand(Hand&& other) noexcept
        : Ledger::Taken(std::move(other)), ledger_(std::exchange(other.ledger_, nullptr)) {}
    Hand& operator=(Hand&&) = delete;
    ~Hand() {
      if (ledger_ != nullptr) ledger_->release(number);
    }

   private:
    Ledger* ledger_;
  };
  std::optional<Hand> take(ObjectKind kind, const std::function<bool(const Expected&)>& is_wanted);
  std::optional<Hand> take(const mapi::EntryId& entry);

  /// Calls the store. False: it has refused with that code, and changed nothing.
  bool call(const Step& step, const std::function<void()>& work,
            std::optional<mapi::Code> refusal = std::nullopt);
  /// Asks the store for something.
  template <class Question>
  auto ask(Question&& question) {
    std::optional<decltype(question())> answer;
    call({"a question"}, [&] { answer = question(); });
    return *std::move(answer);
  }

  /// Writes down what the submission of a letter, as it was submitted, delivers to mailboxes.
  void add_deliveries(Step& step, const mapi::Message& submitted);
  std::string new_name(const std::string& kind);
  ObjectNumber add_object() { return machine_.ledger.add(ObjectKind::message); }

  Machine& machine_;
  Dice dice_;
};

class Client : private Caller {
 public:
  Client(Machine& machine, const std::string& mailbox, std::uint64_t seed);
  /// Makes a call or two. Throws PowerIsGone.
  void act();

 private:
  friend struct ClientActs;
  void submit();
  void create();
  void change();
  void submit_draft();
  void abort();
  void remove();
  void move();
  void copy();
  void set_on_hold();
  void retry_now();
  void receive();
  void receive_report();
  void create_folder();
  void checkpoint();

  void require_done(const mapi::FolderOperation& operation) const;
  std::vector<Hand> take_some_unqueued();
  mapi::EntryId any_folder();

  std::string mailbox_;
  std::unique_ptr<mapi::MsgStore> store_;
};

class SpoolerCaller : private Caller {
 public:
  SpoolerCaller(Machine& machine, std::uint64_t seed);
  /// Claims messages, or does something with one. Throws PowerIsGone.
  void act();
  /// Sends all that is queued, whatever it waits for. Throws PowerIsGone.
  void work_off();

 private:
  void log_on();
  bool claim(std::size_t limit);
  void lock_one();
  void unlock(const mapi::EntryId& entry);
  void attempt(Hand& letter);
  void report(Hand& letter);
  void hold(const Hand& letter);
  void save_and_finish(const Hand& letter);
  void finish(const Hand& letter);
  void abort(const Hand& letter);

  std::unique_ptr<mapi::MsgStore> store_;
  std::vector<Hand> claimed_;
};

}  // namespace postern::store::test
