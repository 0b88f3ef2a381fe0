// The course of one message through the transports: what the spooler has to do with it next, and
// what follows from each answer (mapi-submission.md §§3.6, 7).
//
// It has no thread, clock or I/O: whoever carries the steps out tells it the time and the results.
// Never throws anything but std::bad_alloc.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "mapi/file_time.h"
#include "mapi/message.h"
#include "mapi/transport.h"
#include "session/assignment.h"
#include "session/report.h"
#include "spooler/retry_schedule.h"

namespace postern::spooler {

/// Have the message preprocessed; afterwards the course goes on with it as it is then.
struct PreprocessMessage {};
/// Make the report of that kind about the rows that are due for it, and mark that it was made, in
/// one commit.
struct MakeReport {
  session::ReportKind kind;
};
/// Save the message: rows were settled.
struct SaveMessage {};
/// Show the rows to the transport as open, and all others as settled.
struct OfferRows {
  std::size_t transport = 0;
  std::vector<std::size_t> rows;
  mapi::SubmitKind kind = mapi::SubmitKind::normal;
};
/// Every row is settled: the message leaves the queue.
struct FinishMessage {};
/// Save the message and unlock it; it is not due before that time.
struct HoldMessage {
  mapi::FileTime until;
};
/// Unlock it; the transport will ask for it (END_DONT_RESEND).
struct DeferMessage {
  std::size_t transport = 0;
};
/// Keep it locked; the transport will have room for it (SubmitResult::destination), and at `until`
/// it has waited long enough.
struct WaitForRoom {
  std::size_t transport = 0;
  std::string destination;
  std::optional<mapi::FileTime> until;
};
/// Unlock it as it is: the run was cancelled.
struct LeaveMessage {};

using Step = std::variant<PreprocessMessage, MakeReport, SaveMessage, OfferRows, FinishMessage,
                          HoldMessage, DeferMessage, WaitForRoom, LeaveMessage>;

/// Until when each transport can be offered nothing, by its index; nullopt: it can.
using Suspensions = std::vector<std::optional<mapi::FileTime>>;

/// What a course goes by; all of it must outlive the course.
struct CourseRules {
  const session::TransportOrder& transports;
  const RetrySchedule& retry;
};

class MessageCourse {
 public:
  /// `deferred_by`: the transport that has asked for the message. `trouble`: why the message could
  /// not be worked on before; empty if it could.
  MessageCourse(CourseRules rules, std::optional<std::size_t> deferred_by, std::string trouble);

  /// No transport may see the message before it is preprocessed.
  void require_preprocessing() { needs_preprocessing_ = true; }
  /// It is now; rows may be others.
  void preprocessed() { needs_preprocessing_ = false; }

  /// The next step. Settles rows in `message` that nobody can serve, and with a hold changes its
  /// place in the schedule; then the step is one that saves it.
  Step next(mapi::Message& message, const Suspensions& suspensions, mapi::FileTime now);

  /// The transport's answer to an offer; `message` as it is saved now. If it is S_OK, `end` is that
  /// of EndMessage.
  void answered(OfferRows offer, const mapi::SubmitResult& result, mapi::EndMessage end,
                const mapi::Message& message, mapi::FileTime now);

  /// Every row is settled and no report is due: the next step is to finish, or to leave.
  [[nodiscard]] static bool is_complete(const mapi::Message& message);

  /// No further offer is made.
  void cancel() { cancelled_ = true; }

 private:
  /// What is known of a row in this run.
  struct Row {
    std::size_t candidate = 0;  ///< the place of the transport that is next among its candidates
    bool waits = false;         ///< stays with that transport, for a later run
    bool tried = false;         ///< an attempt was made for it in this run
  };

  [[nodiscard]] bool may_be_preprocessed(const mapi::Message& message) const;
  static std::optional<Step> report_due(const mapi::Message& message);
  bool settle_late(mapi::Message& message, mapi::FileTime now);
  std::optional<OfferRows> plan(mapi::Message& message, const Suspensions& suspensions,
                                bool& settled, mapi::FileTime now);
  Step rest(mapi::Message& message, mapi::FileTime now);
  mapi::FileTime next_attempt(mapi::Message& message, mapi::FileTime now) const;
  [[nodiscard]] bool is_delay_due(const mapi::Message& message, mapi::FileTime now) const;
  void keep(const OfferRows& offer, const mapi::Message& message, bool tried);
  void pass_on(const OfferRows& offer);
  void decline(OfferRows& offer, const std::vector<std::size_t>& rows);
  void postpone(mapi::FileTime until);

  CourseRules rules_;
  std::optional<std::size_t> deferred_by_;
  std::string trouble_;
  std::vector<Row> rows_;
  std::optional<OfferRows> again_;  ///< END_RESEND_NOW
  int immediate_resends_ = 0;
  std::optional<mapi::FileTime> postponed_until_;
  std::optional<std::size_t> kept_by_;         ///< END_DONT_RESEND
  std::optional<WaitForRoom> waits_for_;       ///< MAPI_E_BUSY
  std::optional<mapi::FileTime> rests_until_;  ///< the hold that is decided
  bool scheduled_ = false;                     ///< the schedule decides about the next attempt
  bool cancelled_ = false;
  bool needs_preprocessing_ = false;
};

}  // namespace postern::spooler
