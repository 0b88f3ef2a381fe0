// The whole gateway in one process under a simulated clock, network and disk: a store in memory,
// the stepped spooler, the SMTP transport with its engine and dialogue, scripted servers, clients,
// operators, and crashes. All of it goes by one seed.
//
// The spooler's process is what `start` makes and a crash ends: when it dies, nothing reaches the
// disk or the network any more, and what it had in memory winds down without a trace.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "mapi/msg_store.h"
#include "mapi/transport.h"
#include "session/store_support.h"
#include "spooler/run/engine.h"
#include "tests/simulation/day.h"
#include "tests/simulation/disk.h"
#include "tests/simulation/ledger.h"
#include "tests/simulation/network.h"
#include "tests/simulation/stepped_executor.h"
#include "tests/simulation/time/agenda.h"
#include "tests/simulation/time/trace.h"

namespace postern::simulation {

class World {
 public:
  /// One at a time.
  World(std::uint64_t seed, bool is_traced);
  ~World();
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  /// Until every life has ended, which is checked.
  void run();

  [[nodiscard]] Ledger& ledger() { return ledger_; }
  [[nodiscard]] const Trace& trace() const { return trace_; }

 private:
  // Clients and operators (world_clients.cpp).
  void plan();
  void plan_each(std::size_t times, void (World::*what)());
  void submit();
  mapi::Message draw_message(Life& life);
  void draw_recipients(Life& life, mapi::Message& message);
  void draw_place(Life& life, mapi::Message& message);
  void draw_times(Life& life, mapi::Message& message);
  mapi::EntryId some_entry();
  void cancel();
  void hold();
  void retry();
  void flush();
  void set_clock();
  void die();
  void ask_for_restart();

  // The spooler's process.
  void start();
  void crash();
  void restart();
  void end_process();
  /// False: nothing is left to be done now.
  bool step();
  void step_executor();
  void work_network();
  void turn();
  void pass_time();
  [[nodiscard]] std::optional<Moment> next_turn();
  /// Steps until nothing is under way.
  void wind_down();

  [[nodiscard]] bool may_expire(const Life& life) const;
  void check();
  std::map<std::string, Reports, std::less<>> read_reports();
  [[nodiscard]] bool is_over() const;
  [[nodiscard]] Span some_time(Span most);

  SimulatedClock clock_;
  Chance chance_;
  const Day day_;
  Trace trace_;
  Agenda agenda_;
  Ledger ledger_;
  Network network_;
  Disk disk_;
  session::DefaultStoreSupport support_;
  std::unique_ptr<mapi::MSProvider> provider_;
  std::unique_ptr<mapi::MsgStore> client_;
  Moment begun_{};
  Moment end_of_trouble_{};  ///< from then on the disk is well
  std::size_t submissions_left_ = 0;
  std::size_t holds_left_ = 0;

  SteppedExecutor executor_;
  std::unique_ptr<mapi::XPProvider> transport_;
  std::unique_ptr<mapi::MsgStore> spooler_;
  mapi::MsgStore* queue_ = nullptr;  ///< the same without the disk
  std::unique_ptr<spooler::Engine> engine_;
  bool is_awake_ = false;        ///< the engine's turn may be due
  bool network_is_due_ = false;  ///< the SMTP engine may have something to do
  bool wants_restart_ = false;
  bool is_stuck_ = false;
};

}  // namespace postern::simulation
