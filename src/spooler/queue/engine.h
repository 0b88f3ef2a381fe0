// The threads of the spooler, and what they share.
//
// Each thread is one sending session: it takes the next message from the queue, has it sent
// (spooler/queue/message_run.h) and notes when it is due again. Threads: its public functions may
// be called from any.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "spooler/queue/exhaustion.h"
#include "spooler/queue/message_run.h"
#include "spooler/queue/queue_scan.h"
#include "spooler/spooler.h"

namespace postern::spooler {

class Spooler::Engine {
 public:
  Engine(mapi::MsgStore& store, const std::vector<mapi::XPProvider*>& providers,
         SpoolerOptions options, SpoolerObserver observer);
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  void stop(std::chrono::milliseconds grace);
  bool wait_idle(std::chrono::steady_clock::time_point until);
  bool wait_empty(std::chrono::steady_clock::time_point until);
  void flush();

 private:
  using Sessions = std::vector<std::unique_ptr<TransportSession>>;

  /// What is wrong with a message that cannot be processed.
  struct Trouble {
    int times = 0;
    std::string sentence;
  };

  void flush_transports();
  void start_threads();
  void work(Sessions& sessions);
  void rescan_if_due(QueueScan::Time now);
  /// Returns the failure if a resource is exhausted.
  std::optional<mapi::Failure> run_one(Sessions& sessions, const mapi::EntryId& entry);
  /// The session, and its message if it has one, wait until there may be more of the resource.
  void back_off(std::unique_lock<std::mutex>& lock, ExhaustionBackoff::Session& session,
                const mapi::Failure& lack, const std::optional<mapi::EntryId>& entry);
  void recover(std::unique_lock<std::mutex>& lock, ExhaustionBackoff::Session& session);
  void settle(const mapi::EntryId& entry, const RunResult& result);
  void retry_later(const mapi::EntryId& entry, const std::string& sentence,
                   mapi::FileTime deadline);
  std::string trouble_of(const mapi::EntryId& entry);
  void forget_trouble(const mapi::EntryId& entry);
  void fail(const std::exception& error);
  template <class Condition>
  bool wait(std::chrono::steady_clock::time_point until, Condition condition);
  void notify(const std::function<void()>& notice);

  mapi::MsgStore& store_;
  SpoolerOptions options_;
  RunOptions run_options_;
  SpoolerObserver observer_;
  std::mutex observer_mutex_;

  std::vector<std::unique_ptr<TransportState>> states_;
  std::vector<Sessions> sessions_;  ///< per thread

  std::mutex mutex_;
  std::condition_variable work_;     ///< sessions wait here for a message
  std::condition_variable changed_;  ///< callers wait here for the sessions
  QueueScan scan_;
  std::size_t running_ = 0;
  bool stopping_ = false;
  QueueScan::Time next_rescan_{};
  bool scanned_ = false;  ///< the queue was read to its end since the last change
  ExhaustionBackoff exhaustion_;
  std::map<mapi::EntryId, Trouble> troubles_;

  std::unique_ptr<mapi::Subscription> subscription_;
  std::vector<std::thread> threads_;
};

}  // namespace postern::spooler
