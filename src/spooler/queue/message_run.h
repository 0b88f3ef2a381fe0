// Offers one message to the transports once, and decides whether it is finished, held until its
// next attempt or given up (mapi-submission.md §3.6).
//
// Errors: mapi::Failure of the store; the message stays queued. Threads: used on one thread.
#pragma once

#include <algorithm>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "mapi/msg_store.h"
#include "spooler/queue/transport_session.h"
#include "spooler/report/report.h"
#include "spooler/retry_schedule.h"

namespace postern::spooler {

/// The state of the message after the run.
struct RunResult {
  enum class End {
    finished,   ///< every recipient has a final verdict; the message left the queue
    held,       ///< stays queued until `until`
    gone,       ///< is no longer in the queue (aborted)
    cancelled,  ///< the spooler is stopping; stays queued
  };
  End end = End::finished;
  std::chrono::system_clock::time_point until{};
};

/// What a run needs of the spooler's options.
struct RunOptions {
  RetrySchedule retry;
  Reporter reporter;
};

/// One run of one message.
class MessageRun {
 public:
  /// Called with the message's state after each step that changed it durably.
  using Progress = std::function<void(const mapi::EntryId&, const mapi::Message&, bool finished)>;

  /// All references must outlive the run. `sessions` are in transport order.
  MessageRun(mapi::MsgStore& store, std::vector<std::unique_ptr<TransportSession>>& sessions,
             const RunOptions& options, Progress progress);

  /// `trouble`: why the message could not be processed before; empty if it could. Throws
  /// mapi::Failure if the store fails; the message then stays queued.
  RunResult run(const mapi::EntryId& entry, const std::string& trouble = {});
  /// When the message expires; 1601 for one that could not be opened.
  [[nodiscard]] mapi::FileTime deadline() const { return deadline_; }

 private:
  struct OfferResult {
    using Time = std::chrono::system_clock::time_point;
    bool cancelled = false;
    bool rows = false;   ///< some open row waits for a transport
    bool tried = false;  ///< an attempt was made for one: the schedule decides about the next
    std::optional<Time> postponed_until{};  ///< else: when the first suspension ends

    void postpone(Time until) {
      postponed_until = std::min(postponed_until.value_or(until), until);
    }
  };

  std::unique_ptr<mapi::MessageHandle> open(const mapi::EntryId& entry);
  void unlock(const mapi::EntryId& entry);
  RunResult run_locked(mapi::MessageHandle& message, const std::string& trouble);
  void give_up(mapi::MessageHandle& message, const std::string& trouble);
  OfferResult offer_to_all(mapi::MessageHandle& message);
  void offer(mapi::MessageHandle& message, std::size_t transport,
             const std::vector<std::size_t>& rows, std::vector<std::size_t>& kept,
             OfferResult& offered);
  void make_reports(mapi::MessageHandle& message);
  void make_report_of(mapi::MessageHandle& message, ReportKind kind);
  mapi::EntryId create_report(mapi::MessageHandle& message, const mapi::EntryId& folder,
                              mapi::Message report);
  RunResult finish(mapi::MessageHandle& message);
  RunResult hold(mapi::MessageHandle& message, const OfferResult& offered);

  mapi::MsgStore& store_;
  std::vector<std::unique_ptr<TransportSession>>& sessions_;
  const RunOptions& options_;
  Progress progress_;
  mapi::FileTime deadline_;
};

}  // namespace postern::spooler
