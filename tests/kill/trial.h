// One trial: a store, a server, spoolers and submitters that are killed again and again and started
// again at once; then a spooler that may live until the queue is empty, and the ledger's judgement.
//
// Some lives end at a point (points.h) that they were told, the others at any instant. A seed
// decides which life ends how; when that is, the system's scheduler has a say in.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tests/kill/child.h"
#include "tests/kill/ledger.h"
#include "tests/kill/points.h"
#include "tests/kill/sink.h"
#include "tests/store/power_loss/dice.h"

namespace postern::kill {

struct TrialOptions {
  std::string helper;    ///< the program of the processes
  std::string location;  ///< of a store with the mailboxes (letter.h) and nothing in it
  std::size_t spoolers = 1;
  /// Of those that die at any instant. Others have three times as long to come to their point.
  std::chrono::milliseconds longest_life{200};
  std::size_t kills = 250;  ///< at least: each point has one, too
  std::uint64_t seed = 1;
};

struct Kills {
  std::size_t of_spoolers = 0;
  std::size_t of_submitters = 0;
  std::size_t at_points = 0;
  [[nodiscard]] std::size_t count() const { return of_spoolers + of_submitters; }
  Kills& operator+=(const Kills& other);
};

struct Result {
  Kills kills;
  std::map<Point, std::size_t> kills_at;  ///< those at points, each of which has an entry
  Judgement judgement;
};

class Trial {
 public:
  explicit Trial(TrialOptions options);
  [[nodiscard]] Result run();

 private:
  using Clock = std::chrono::steady_clock;
  /// A process, and the one that is started when it was killed.
  struct Slot {
    Role role;
    std::string mailbox;  ///< of a submitter
    Life life = 0;
    std::unique_ptr<Child> child{};
    Clock::time_point end{};  ///< it is killed then at the latest
    std::optional<Point> dies_at{};
  };

  void start(Slot& slot);
  [[nodiscard]] Point choose_point(Role role);
  [[nodiscard]] bool is_enough() const;
  void wait_for_output();
  void attend(Slot& slot);
  void take(Slot& slot, const std::string& line);
  void bury(Slot& slot);
  void finish();
  void read_reports();

  const TrialOptions options_;
  store::test::Dice dice_;
  Sink sink_;
  Ledger ledger_;
  std::vector<Slot> slots_;
  Life lives_ = 0;
  std::map<Point, std::size_t> lives_for_;  ///< that were to end there
  bool has_failed_ = false;                 ///< a life has ended by itself
  bool is_finished_ = false;
  /// What lives have said to be saved: a spooler may be heard before who has submitted the message.
  std::vector<std::pair<Life, std::string>> saved_;
  Result result_;
};

}  // namespace postern::kill
