// Carries out the course of one message (spooler/course/message_course.h): opens it, has transports
// send it, saves, reports, and gives it back to the queue or finishes it.
//
// No thread waits for a transport, nor for the end of a message to be saved: the run goes on when
// the transport has answered, or the messages that end together are finished. What was heard
// is kept: if the store cannot save it now (it is busy, or a resource is exhausted), the run stays,
// nothing is begun meanwhile, and the same step is carried out again.
//
// Threads: all functions may be called from any thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "mapi/msg_store.h"
#include "mapi/transport.h"
#include "session/preprocessing.h"
#include "session/reporter.h"
#include "spooler/course/message_course.h"
#include "spooler/course/waiting_room.h"
#include "spooler/run/executor.h"
#include "spooler/run/finish_queue.h"
#include "spooler/run/offered_view.h"
#include "spooler/run/serial.h"
#include "spooler/run/transport_logon.h"

namespace postern::spooler {

/// The state of the message after the run.
struct RunResult {
  enum class End {
    finished,   ///< every recipient has a final verdict; the message left the queue
    held,       ///< stays queued until `until`
    deferred,   ///< stays queued until `transport` asks for it
    waits,      ///< stays queued and locked until `transport` has room at `destination`, until
                ///< `until` at most unless that is 1601
    gone,       ///< is no longer in the queue (aborted), or, with `failure`, another spooler's
    cancelled,  ///< stays queued; the spooler is stopping
    failed,     ///< stays queued, still locked: `failure` says why it could not be worked on, and
                ///< at `until` it is given up; 1601 if it could not be read
  };
  End end = End::finished;
  mapi::FileTime until{};
  std::size_t transport = 0;
  std::optional<mapi::Failure> failure{};
  std::string destination{};
};

/// What the transports have said at their logon.
struct TransportProfile {
  session::TransportOrder order;
  session::Preprocessors preprocessors;
};

/// What the runs of a spooler have in common; it outlives them.
struct RunContext {
  mapi::MsgStore& store;
  Executor& executor;
  Clock clock;
  std::vector<std::unique_ptr<TransportLogon>>& transports;
  const RetrySchedule& retry;
  const session::Reporter& reporter;
  /// A message's recipients have new outcomes, durably; `finished`: it has left the queue.
  std::function<void(const mapi::EntryId&, const mapi::Message&, bool finished)> progress;
  /// A step of the message's run could not be carried out for lack of something: calls `again`
  /// after a pause. Returns false if it will not, because the spooler is stopping.
  std::function<bool(const mapi::EntryId&, const mapi::Failure& lack, std::function<void()> again)>
      pause;
  /// A step of its run was carried out.
  std::function<void(const mapi::EntryId&)> carried_out;
  /// The message was offered to a transport, which may have answered or not.
  std::function<void(const mapi::EntryId&)> offered;
  /// Whether messages that were claimed before that number wait for the destination.
  std::function<bool(const WaitingRoom::Destination&, WaitingRoom::Number)> others_wait;
  FinishQueue& finish_queue;
};

class MessageRun final : public mapi::SenderSupport,
                         public std::enable_shared_from_this<MessageRun> {
 public:
  /// How a run is cancelled.
  enum class Cancel {
    stop,   ///< the spooler stops: the message stays queued
    abort,  ///< somebody wants it sent no further: it leaves the queue as by AbortSubmit
  };
  /// Called once, when nothing more happens.
  using Ended = std::function<void(const RunResult&)>;

  /// The message is locked. `profile` is that of the context's transports, `number` that of its
  /// claim.
  MessageRun(const RunContext& context, std::shared_ptr<const TransportProfile> profile,
             mapi::EntryId entry, WaitingRoom::Number number,
             std::optional<std::size_t> deferred_by, std::string trouble, Ended ended);

  void start();
  void cancel(Cancel kind);

  mapi::Code status_recips(std::vector<mapi::Recipient> rows) override;
  [[nodiscard]] mapi::Code spooler_yield() const override;
  [[nodiscard]] bool others_wait(const std::string& destination) const override;
  void run(std::function<void()> work) override;

 private:
  void post(std::function<void(MessageRun&)> work);
  void begin();
  void open();
  [[nodiscard]] bool awaits_second_pass() const;
  void advance();
  void carry_out_step();
  void carry_out(const PreprocessMessage& step);
  void carry_out(const MakeReport& step);
  void carry_out(const SaveMessage& step);
  void carry_out(const OfferRows& step);
  void carry_out(const FinishMessage& step);
  void carry_out(const HoldMessage& step);
  void carry_out(const DeferMessage& step);
  void carry_out(const WaitForRoom& step);
  void carry_out(const LeaveMessage& step);
  void finished(const mapi::Message& message, const mapi::MsgStore::Finished& failure);
  bool take_sender(const std::shared_ptr<mapi::XPSender>& sender);
  void drop_sender();
  void answered(const mapi::SubmitResult& result);
  void save_answer();
  void end_message();
  [[nodiscard]] bool is_aborted() const;
  [[nodiscard]] bool is_gone(mapi::Code code) const;
  void pause(const mapi::Failure& lack, void (MessageRun::*work)());
  void end(const RunResult& result);
  void fail(const std::exception_ptr& thrown);
  void report_progress();
  void take_over_answer();
  [[nodiscard]] bool save_owed_verdicts();
  void fail_again();
  void go_on_preprocessed();
  [[nodiscard]] Suspensions suspensions() const;
  mapi::NewMail create_report(mapi::Message report);

  const RunContext& context_;
  const std::shared_ptr<const TransportProfile> profile_;
  const mapi::EntryId entry_;
  const WaitingRoom::Number number_;
  Ended ended_;
  std::shared_ptr<Serial> serial_;
  MessageCourse course_;
  std::unique_ptr<mapi::MessageHandle> message_;
  std::optional<Step> step_;  ///< being carried out
  std::unique_ptr<OfferedView> view_;
  std::vector<mapi::Recipient> reported_;
  mapi::SubmitResult answer_;
  bool is_offering_ = false;                ///< a transport is at work
  bool owes_verdicts_ = false;              ///< that the message's end is to save
  std::uint64_t offers_ = 0;                ///< so many were made
  std::optional<mapi::Failure> failure_{};  ///< which ends the run once that has answered

  mutable std::mutex mutex_;
  std::shared_ptr<mapi::XPSender> sender_;  ///< of the offer that is under way
  std::optional<Cancel> cancel_;
};

}  // namespace postern::spooler
