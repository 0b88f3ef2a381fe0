#include "spooler/course/message_course.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "mapi/property_tags.h"
#include "mapi/recipient_outcome.h"
#include "session/preprocessing.h"

namespace postern::spooler {
namespace {

constexpr int max_immediate_resends = 3;               // END_RESEND_NOW in a row (§3.6)
constexpr auto busy_pause = std::chrono::seconds{15};  // MAPI_E_BUSY (§3.6)

bool is_open(const mapi::Recipient& row) {
  return !row.get_or(mapi::PR_RESPONSIBILITY, false);
}

/// 4.4.7 with the last answer, or our own trouble, so that the sender sees what stood in the way.
Outcome expired(const mapi::Recipient& row, const std::string& trouble, mapi::FileTime now) {
  const auto last = mapi::outcome(row);
  Outcome outcome{.verdict = Verdict::failed,
                  .stage = last ? last->stage : Stage::submit,
                  .code = last ? last->code : 0,
                  .status = {4, 4, 7},
                  .text = "the message could not be delivered in time",
                  .host = last ? last->host : std::string(),
                  .time = now.time_point(),
                  .own_words = true};
  if (!trouble.empty()) {
    outcome.text += "; it could not be worked on: " + trouble;
  } else if (last && !last->text.empty()) {
    outcome.text += "; the last answer was: ";
    if (last->has_reply()) outcome.text += std::to_string(last->code) + ' ';
    outcome.text += last->text;
  }
  return outcome;
}

}  // namespace

MessageCourse::MessageCourse(CourseRules rules, std::optional<std::size_t> deferred_by,
                             std::string trouble)
    : rules_(rules), deferred_by_(deferred_by), trouble_(std::move(trouble)) {}

Step MessageCourse::next(mapi::Message& message, const Suspensions& suspensions,
                         mapi::FileTime now) {
  rows_.resize(message.recipients.size());
  if (const auto report = report_due(message)) return *report;
  if (settle_late(message, now)) return SaveMessage{};
  if (cancelled_) return LeaveMessage{};
  if (needs_preprocessing_ && may_be_preprocessed(message)) return PreprocessMessage{};
  if (again_) return *std::exchange(again_, std::nullopt);
  bool settled = false;
  const auto offer = plan(message, suspensions, settled, now);
  if (settled) return SaveMessage{};
  if (offer) return *offer;
  return rest(message, now);
}

bool MessageCourse::is_complete(const mapi::Message& message) {
  return std::ranges::none_of(message.recipients, is_open) && !report_due(message);
}

/// A row is open, and some transport would get one: its preprocessors are called. Without any, the
/// second pass alone may be due (of a coupled store, which then delivers to its own mailboxes).
bool MessageCourse::may_be_preprocessed(const mapi::Message& message) const {
  const auto open = session::open_rows(message);
  const bool has_transport = std::ranges::any_of(open, [&](std::size_t row) {
    return !rules_.transports.candidates(message.recipients[row]).empty();
  });
  const bool needs_a_preprocessor =
      message.get_or(mapi::PR_PREPROCESS, false) || session::is_to_be_secured(message);
  return has_transport || (!open.empty() && !needs_a_preprocessor);
}

std::optional<Step> MessageCourse::report_due(const mapi::Message& message) {
  for (const auto kind : {session::ReportKind::non_delivery, session::ReportKind::delivery}) {
    if (!session::rows_due(message, kind).empty()) return MakeReport{kind};
  }
  return std::nullopt;
}

/// Settles the rows that the sender wants served no more, and those that were tried in vain when
/// their time was up. A row that no transport could be asked about is none of them.
bool MessageCourse::settle_late(mapi::Message& message, mapi::FileTime now) {
  const auto latest = latest_delivery_time(message);
  const bool is_too_late = latest && now >= *latest;
  const bool gives_up = now >= rules_.retry.give_up_time(message, !trouble_.empty(), now);
  bool settled = false;
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    auto& row = message.recipients[i];
    if (!is_open(row)) continue;
    if (!is_too_late && !(gives_up && (rows_[i].tried || !trouble_.empty()))) continue;
    mapi::set_outcome(row, expired(row, trouble_, now));
    row.set(mapi::PR_RESPONSIBILITY, true);
    settled = true;
  }
  return settled;
}

/// The offer to the first transport that has rows and can be asked. Rows of one that cannot wait.
std::optional<OfferRows> MessageCourse::plan(mapi::Message& message, const Suspensions& suspensions,
                                             bool& settled, mapi::FileTime now) {
  std::map<std::size_t, std::vector<std::size_t>> rows_of;
  for (const auto i : session::open_rows(message)) {
    if (rows_[i].waits) continue;
    const auto candidates = rules_.transports.candidates(message.recipients[i]);
    if (rows_[i].candidate < candidates.size()) {
      rows_of[candidates[rows_[i].candidate]].push_back(i);
    } else {
      session::settle_untransportable(message.recipients[i], now);
      settled = true;
    }
  }
  if (settled) return std::nullopt;
  for (const auto transport : rules_.transports.order()) {
    const auto found = rows_of.find(transport);
    if (found == rows_of.end()) continue;
    const auto suspended_until = suspensions.at(transport);
    if (!suspended_until || *suspended_until <= now) {
      const auto kind =
          deferred_by_ == transport ? mapi::SubmitKind::deferred : mapi::SubmitKind::normal;
      return OfferRows{transport, std::move(found->second), kind};
    }
    for (const auto i : found->second) rows_[i].waits = true;
    postpone(*suspended_until);
  }
  return std::nullopt;
}

void MessageCourse::answered(OfferRows offer, const mapi::SubmitResult& result,
                             mapi::EndMessage end, const mapi::Message& message,
                             mapi::FileTime now) {
  decline(offer, result.declined);
  const bool counts = result.retry_after.count() == 0;
  if (result.code == mapi::MAPI_E_USER_CANCEL) {
    cancelled_ = true;
  } else if (result.code == mapi::MAPI_E_NOT_ME ||
             (result.code == mapi::S_OK && end == mapi::EndMessage::done)) {
    pass_on(offer);
  } else if (result.code == mapi::S_OK && end == mapi::EndMessage::resend_now &&
             ++immediate_resends_ < max_immediate_resends) {
    again_ = offer;
    std::erase_if(again_->rows, [&](std::size_t i) { return !is_open(message.recipients[i]); });
    if (again_->rows.empty()) again_.reset();
  } else if (result.code == mapi::MAPI_E_CANCEL ||
             (result.code == mapi::S_OK && end == mapi::EndMessage::dont_resend)) {
    keep(offer, message, false);
    kept_by_ = offer.transport;
  } else if (result.code == mapi::MAPI_E_BUSY && result.destination) {
    keep(offer, message, false);
    waits_for_ = {offer.transport, *result.destination, latest_delivery_time(message)};
  } else if (result.code == mapi::MAPI_E_BUSY) {
    keep(offer, message, false);
    postpone(now + (counts ? busy_pause : result.retry_after));
  } else {
    const bool is_verdict = result.code == mapi::S_OK || result.code == mapi::MAPI_E_WAIT ||
                            result.code == mapi::MAPI_E_NETWORK_ERROR;
    keep(offer, message, counts && is_verdict);
    if (counts) {
      scheduled_ = true;
    } else {
      postpone(now + result.retry_after);
    }
  }
}

/// The rows that the transport has left open stay with it, for a later run.
void MessageCourse::keep(const OfferRows& offer, const mapi::Message& message, bool tried) {
  for (const auto i : offer.rows) {
    if (!is_open(message.recipients[i])) continue;
    rows_[i].waits = true;
    rows_[i].tried = tried;
  }
}

void MessageCourse::pass_on(const OfferRows& offer) {
  immediate_resends_ = 0;
  for (const auto i : offer.rows) ++rows_[i].candidate;
}

/// Takes the rows out of the offer: they go on to the next transport.
void MessageCourse::decline(OfferRows& offer, const std::vector<std::size_t>& rows) {
  const std::set<std::size_t> declined(rows.begin(), rows.end());
  // Clang 14 cannot read the range that std::ranges::stable_partition returns.
  const auto passed_on =
      std::stable_partition(offer.rows.begin(), offer.rows.end(),
                            [&declined](std::size_t i) { return !declined.contains(i); });
  for (auto i = passed_on; i != offer.rows.end(); ++i) ++rows_[*i].candidate;
  offer.rows.erase(passed_on, offer.rows.end());
}

void MessageCourse::postpone(mapi::FileTime until) {
  postponed_until_ = postponed_until_ ? std::min(*postponed_until_, until) : until;
}

/// What is left waits. Its place in the schedule changes once, also if a report comes before the
/// hold.
Step MessageCourse::rest(mapi::Message& message, mapi::FileTime now) {
  if (session::open_rows(message).empty()) return FinishMessage{};
  if (kept_by_ && !scheduled_ && !postponed_until_ && !waits_for_) return DeferMessage{*kept_by_};
  // Rows that were tried wait for their next attempt, and those that have to wait for room with
  // them.
  if (waits_for_ && !scheduled_ && !postponed_until_) return *waits_for_;
  if (!rests_until_) {
    rests_until_ = next_attempt(message, now);
    message.set(mapi::PR_POSTERN_NEXT_ATTEMPT, *rests_until_);
  }
  if (is_delay_due(message, now)) return MakeReport{session::ReportKind::delayed};
  return HoldMessage{*rests_until_};
}

/// After an attempt the next pause of the schedule applies; a message that was only postponed stays
/// at its place in the schedule.
mapi::FileTime MessageCourse::next_attempt(mapi::Message& message, mapi::FileTime now) const {
  const int retries = message.get_or(mapi::PR_POSTERN_RETRIES, 0);
  auto until = now + rules_.retry.interval(retries);
  if (scheduled_) {
    message.set(mapi::PR_POSTERN_RETRIES, retries + 1);
    const bool was_tried = std::ranges::any_of(rows_, &Row::tried);
    if (was_tried && !message.get(mapi::PR_POSTERN_FIRST_ATTEMPT)) {
      message.set(mapi::PR_POSTERN_FIRST_ATTEMPT, now);
    }
    until = std::min(until, std::max(now, rules_.retry.give_up_time(message, false, now)));
  } else if (postponed_until_) {
    until = *postponed_until_;
  }
  if (const auto latest = latest_delivery_time(message)) until = std::min(until, *latest);
  return until;
}

/// The sender is told of a delay when an attempt after that time was in vain, too: the report then
/// has the server's last words, and the time of the next attempt.
bool MessageCourse::is_delay_due(const mapi::Message& message, mapi::FileTime now) const {
  const auto due = rules_.retry.delay_warning_time(message);
  return due && now >= *due && !session::rows_due(message, session::ReportKind::delayed).empty();
}

}  // namespace postern::spooler
