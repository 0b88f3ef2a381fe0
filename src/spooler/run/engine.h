// The spooler's engine: claims what is due, starts a run for each message, and decides what follows
// when it ends.
//
// It has no thread and no timer of its own: the executor runs its work, and whoever drives it calls
// `turn` when something is due. Threads: all functions may be called from any thread.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "spooler/course/deferral_list.h"
#include "spooler/course/exhaustion.h"
#include "spooler/course/queue_schedule.h"
#include "spooler/course/stored_times.h"
#include "spooler/course/waiting_room.h"
#include "spooler/run/executor.h"
#include "spooler/run/finish_queue.h"
#include "spooler/run/message_run.h"
#include "spooler/run/serial.h"
#include "spooler/spooler.h"

namespace postern::spooler {

class Engine {
 public:
  /// `wake` is called when `turn` may be due earlier than it was.
  Engine(mapi::MsgStore& store, const std::vector<mapi::XPProvider*>& providers,
         SpoolerOptions options, SpoolerObserver observer, Executor& executor, Clock clock,
         std::function<void()> wake);
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  /// Starts what is due.
  void turn();
  /// When `turn` is due next.
  [[nodiscard]] mapi::FileTime next_turn();

  void flush();
  /// The rows of the status table: the spooler's and the transports'.
  [[nodiscard]] std::vector<mapi::PropertyBag> status();
  /// Sends the message no further; it leaves the queue as by AbortSubmit. False: nothing of it is
  /// under way.
  bool cancel(const mapi::EntryId& entry);
  /// Nothing is begun any more.
  void begin_stop();
  /// Cancels what is under way.
  void cancel_all();

  /// Nothing is under way, and nothing has changed in the queue since the last look; or no
  /// transport can be offered anything.
  [[nodiscard]] bool is_idle();
  /// No transport can be offered anything now.
  [[nodiscard]] bool is_suspended();
  [[nodiscard]] bool is_stopping();
  [[nodiscard]] bool is_stopped();  ///< and nothing is under way any more
  /// Waits until `condition` holds, which is looked at whenever a run has ended or a look was made.
  bool wait(std::chrono::steady_clock::time_point until, const std::function<bool()>& condition);

 private:
  /// A message that is worked on.
  struct Running {
    std::shared_ptr<MessageRun> run;
    std::optional<std::size_t> deferred_by;
    WaitingRoom::Number number = 0;
    /// There is room, and it is on its way there.
    std::optional<WaitingRoom::Destination> on_its_way{};
  };
  /// The next look into the queue.
  struct QueueLook {
    auto operator<=>(const QueueLook&) const = default;
  };
  /// Who has met an exhausted resource and has not done since what it could not do then: the look,
  /// the work on a message, or the storing of what a transport (its index) has brought.
  using Waiter = std::variant<QueueLook, mapi::EntryId, std::size_t>;
  /// What is wrong with a message that cannot be worked on.
  struct Trouble {
    int times = 0;
    std::string sentence;
  };

  void log_on(const std::vector<mapi::XPProvider*>& providers);
  TransportEvents events_of(std::size_t transport);
  void ask_transports();
  void log_on_again();
  void look(const QueueSchedule::Look& look);
  void check_times();
  [[nodiscard]] std::size_t count_worked_on_since_check() const;
  [[nodiscard]] bool is_worked_on_since_check(const mapi::EntryId& entry) const;
  void claim_asked(const mapi::EntryId& entry, std::size_t transport);
  void begin(const mapi::EntryId& entry, std::optional<std::size_t> deferred_by);
  void start(const mapi::EntryId& entry, std::optional<std::size_t> deferred_by);
  void ended(const mapi::EntryId& entry, const RunResult& result);
  void failed(const mapi::EntryId& entry, const RunResult& result);
  void wait_for_room(const mapi::EntryId& entry, const RunResult& result);
  bool has_room(const WaitingRoom::Destination& destination, std::size_t messages);
  /// Why a message waits for room no more.
  enum class Turn { room, late, cancelled, stopped };
  /// With the mutex, which takes it out of the waiting room, too: it is always in one of the two.
  void take_place(const WaitingRoom::Waiting& waiting, Turn turn);
  /// Then, without the mutex.
  void take_turn(const WaitingRoom::Waiting& waiting, Turn turn);
  void go_on(const WaitingRoom::Waiting& waiting, Turn turn);
  void leave_way(const mapi::EntryId& entry, bool was_offered);
  [[nodiscard]] std::size_t most_open() const;
  void forget(const mapi::EntryId& entry);
  void set_aside(const mapi::EntryId& entry, const RunResult& result);
  void asked_for(const mapi::EntryId& entry, std::size_t transport);
  void drop_cancelled();
  void poll(std::size_t transport);
  void fetch(std::size_t transport);
  bool receive(std::size_t transport, const mapi::InboundMessage& message);
  void end_flush();
  [[nodiscard]] bool is_at_rest() const;
  [[nodiscard]] bool may_take_more() const;
  bool pause(const Waiter& waiter, const mapi::Failure& lack, std::function<void()> again);
  void waits_no_more(const Waiter& waiter);
  void fail(const mapi::Failure& failure);
  /// `is_turn_due`: not only if it was put off for want of room.
  void announce(bool is_turn_due);
  void call(const std::function<void()>& transports);
  void notify(const std::function<void()>& notice);
  [[nodiscard]] std::optional<mapi::FileTime> all_suspended_until(mapi::FileTime now) const;

  mapi::MsgStore& store_;
  SpoolerOptions options_;
  SpoolerObserver observer_;
  Executor& executor_;
  Clock clock_;
  std::function<void()> wake_;
  std::mutex observer_mutex_;

  FinishQueue finish_queue_;
  RunContext context_;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::shared_ptr<const TransportProfile> profile_;  ///< null: not all are logged on yet
  QueueSchedule schedule_;
  ExhaustionBackoff exhaustion_;
  std::deque<std::function<void()>> again_;  ///< what waits for the end of a pause
  std::string lack_;                         ///< why the last pause was made
  std::set<Waiter> waiting_;
  int pauses_while_stopping_ = 0;
  std::map<mapi::EntryId, Running> running_;
  mapi::FileTime last_turn_{};
  bool waits_for_room_ = false;     ///< the next turn, until less is in flight
  bool are_times_checked_ = false;  ///< since the clock was set back last
  /// While they are checked: the messages that are worked on, or were since it began.
  std::optional<std::set<mapi::EntryId>> worked_on_since_check_;
  mapi::FileTime last_stir_{};  ///< of the waiting room
  WaitingRoom waiting_room_;
  WaitingRoom::Number claims_ = 0;
  std::shared_ptr<Serial> inbound_;
  DeferralList deferrals_;
  bool may_be_cancelled_ = false;  ///< a message of the deferral list
  bool is_flushing_ = false;
  std::map<mapi::EntryId, Trouble> troubles_;
  bool stopping_ = false;
  std::uint64_t changes_ = 0;  ///< counts what `wait` waits for

  /// Behind what they call back into: their threads end as they log off.
  std::vector<std::unique_ptr<TransportLogon>> transports_;
  std::unique_ptr<mapi::Subscription> subscription_;
};

}  // namespace postern::spooler
