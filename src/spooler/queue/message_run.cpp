#include "spooler/queue/message_run.h"

#include <algorithm>
#include <map>

#include "mapi/property_tags.h"
#include "mapi/recipient_outcome.h"
#include "session/assignment.h"
#include "spooler/queue/offered_view.h"

namespace postern::spooler {
namespace {

using std::chrono::system_clock;

constexpr int max_immediate_resends = 3;  // END_RESEND_NOW in a row (§3.6)

/// The report columns of §8.1 a transport gave for a row it settled through status_recips alone.
void merge_reported_row(mapi::Message& message, const mapi::Recipient& reported) {
  const auto same = [&](const mapi::Recipient& row) {
    if (const auto id = reported.get(mapi::PR_ROWID)) return row.get(mapi::PR_ROWID) == id;
    return row.get_or(mapi::PR_EMAIL_ADDRESS, "") == reported.get_or(mapi::PR_EMAIL_ADDRESS, "");
  };
  const auto row = std::find_if(message.recipients.begin(), message.recipients.end(), same);
  if (row == message.recipients.end() || row->get(mapi::PR_REPORT_TIME)) return;
  row->copy(mapi::PR_DELIVER_TIME, reported, mapi::PR_DELIVER_TIME);
  row->copy(mapi::PR_NDR_REASON_CODE, reported, mapi::PR_NDR_REASON_CODE);
  row->copy(mapi::PR_NDR_DIAG_CODE, reported, mapi::PR_NDR_DIAG_CODE);
  row->copy(mapi::PR_NDR_STATUS_CODE, reported, mapi::PR_NDR_STATUS_CODE);
  row->copy(mapi::PR_SUPPLEMENTARY_INFO, reported, mapi::PR_SUPPLEMENTARY_INFO);
  row->copy(mapi::PR_REPORT_TIME, reported, mapi::PR_REPORT_TIME);
}

/// 4.4.7 with the last answer, or our own trouble, so that the sender sees what stood in the way.
Outcome expired(const mapi::Recipient& row, const std::string& trouble) {
  const auto last = mapi::outcome(row);
  Outcome outcome{.verdict = Verdict::failed,
                  .stage = last ? last->stage : Stage::submit,
                  .code = last ? last->code : 0,
                  .status = {4, 4, 7},
                  .text = "the message could not be delivered in time",
                  .host = last ? last->host : std::string(),
                  .time = system_clock::now()};
  if (!trouble.empty()) {
    outcome.text += "; it could not be worked on: " + trouble;
  } else if (last && !last->text.empty()) {
    outcome.text += "; the last answer was: " + last->text;
  }
  return outcome;
}

}  // namespace

MessageRun::MessageRun(mapi::MsgStore& store,
                       std::vector<std::unique_ptr<TransportSession>>& sessions,
                       const RunOptions& options, Progress progress)
    : store_(store), sessions_(sessions), options_(options), progress_(std::move(progress)) {}

RunResult MessageRun::run(const mapi::EntryId& entry, const std::string& trouble) {
  const auto message = open(entry);
  if (!message) return {RunResult::End::gone};
  try {
    const auto result = run_locked(*message, trouble);
    if (result.end != RunResult::End::finished) {
      store_.set_lock_state(entry, mapi::LockState::unlocked);
    }
    return result;
  } catch (...) {
    unlock(entry);
    throw;
  }
}

/// The message, locked; null if it is no longer in the queue.
std::unique_ptr<mapi::MessageHandle> MessageRun::open(const mapi::EntryId& entry) {
  try {
    store_.set_lock_state(entry, mapi::LockState::locked);
    return store_.open_entry(entry, mapi::Access::modify);
  } catch (const mapi::Failure& failure) {
    unlock(entry);
    if (failure.code() == mapi::MAPI_E_NOT_IN_QUEUE || failure.code() == mapi::MAPI_E_NOT_FOUND) {
      return nullptr;
    }
    throw;
  }
}

/// After a failure, which is the one to be thrown.
void MessageRun::unlock(const mapi::EntryId& entry) {
  try {
    store_.set_lock_state(entry, mapi::LockState::unlocked);
  } catch (const mapi::Failure&) {
    return;
  }
}

RunResult MessageRun::run_locked(mapi::MessageHandle& message, const std::string& trouble) {
  deadline_ = options_.retry.deadline(message.message());
  make_reports(message);  // those a crash left undone
  if (mapi::FileTime::now() >= deadline_) give_up(message, trouble);
  const auto offered = offer_to_all(message);
  if (offered.cancelled) return {RunResult::End::cancelled};
  if (offered.rows) return hold(message, offered);
  return finish(message);
}

void MessageRun::give_up(mapi::MessageHandle& message, const std::string& trouble) {
  const auto rows = session::open_rows(message.message());
  if (rows.empty()) return;
  for (const auto index : rows) {
    auto& row = message.edit().recipients[index];
    mapi::set_outcome(row, expired(row, trouble));
    row.set(mapi::PR_RESPONSIBILITY, true);
  }
  message.save_changes();
  make_reports(message);
}

/// Offers the rows in rounds: each transport gets the rows it is the next candidate for; a row that
/// it leaves open and does not keep goes to the next transport (§7.3).
MessageRun::OfferResult MessageRun::offer_to_all(mapi::MessageHandle& message) {
  session::TransportTypes types;
  for (const auto& session : sessions_) types.push_back(session->address_types());
  std::vector<std::size_t> next(message.message().recipients.size(), 0);
  OfferResult offered;
  std::vector<bool> waits(next.size(), false);
  while (true) {
    std::map<std::size_t, std::vector<std::size_t>> plan;
    bool settled = false;
    for (const auto row : session::open_rows(message.message())) {
      if (waits[row]) continue;
      const auto found = session::find_transport(message.message().recipients[row], types, next[row]);
      if (found) {
        plan[*found].push_back(row);
      } else {
        session::settle_untransportable(message.edit().recipients[row]);
        settled = true;
      }
    }
    if (settled) {
      message.save_changes();
      make_reports(message);
    }
    if (plan.empty()) return offered;
    for (const auto& [transport, rows] : plan) {
      std::vector<std::size_t> kept;
      offer(message, transport, rows, kept, offered);
      if (offered.cancelled) return offered;
      for (const auto row : rows) next[row] = transport + 1;
      for (const auto row : kept) waits[row] = true;
      offered.rows = offered.rows || !kept.empty();
    }
  }
}

/// `kept`: the rows that stay open and stay with this transport.
void MessageRun::offer(mapi::MessageHandle& message, std::size_t transport,
                       const std::vector<std::size_t>& rows, std::vector<std::size_t>& kept,
                       OfferResult& offered) {
  auto& session = *sessions_[transport];
  if (const auto until = session.state().suspended_until()) {
    kept = rows;
    offered.postpone(system_clock::now() + std::chrono::duration_cast<system_clock::duration>(
                                               *until - TransportState::Clock::now()));
    return;
  }
  std::chrono::seconds retry_after{0};
  auto end = mapi::EndMessage::resend_now;
  for (int i = 0; i < max_immediate_resends && end == mapi::EndMessage::resend_now; ++i) {
    OfferedView view(message, rows);
    std::vector<mapi::Recipient> reported;
    const auto result = session.submit_message(view, reported);
    retry_after = result.retry_after;
    if (result.code == mapi::S_OK) {
      view.save_changes();
      for (const auto& row : reported) merge_reported_row(message.edit(), row);
      make_reports(message);
      end = session.end_message();
      progress_(message.entry_id(), message.message(), false);
      continue;
    }
    if (result.code == mapi::MAPI_E_NOT_ME) return;
    if (result.code == mapi::MAPI_E_USER_CANCEL) {
      offered.cancelled = true;
      return;
    }
    end = mapi::EndMessage::resend_later;
    progress_(message.entry_id(), message.message(), false);
  }
  if (end == mapi::EndMessage::done) return;
  for (const auto row : rows) {
    if (!message.message().recipients[row].get_or(mapi::PR_RESPONSIBILITY, false)) {
      kept.push_back(row);
    }
  }
  if (kept.empty()) return;
  if (retry_after.count() > 0) {
    offered.postpone(system_clock::now() + retry_after);
  } else {
    offered.tried = true;
  }
}

void MessageRun::make_reports(mapi::MessageHandle& message) {
  make_report_of(message, ReportKind::non_delivery);
  make_report_of(message, ReportKind::delivery);
}

void MessageRun::make_report_of(mapi::MessageHandle& message, ReportKind kind) {
  const auto rows = rows_due(message.message(), kind);
  if (rows.empty()) return;
  auto report = make_report(kind, message.message(), rows, options_.reporter);
  const auto folder = store_.receive_folder(report.get_or(mapi::PR_MESSAGE_CLASS, ""));
  for (const auto row : rows) message.edit().recipients[row].set(mapi::PR_POSTERN_REPORTED, true);
  const std::string report_class(report.get_or(mapi::PR_MESSAGE_CLASS, ""));
  const auto entry = create_report(message, folder, std::move(report));
  store_.notify_new_mail({entry, folder, report_class});
}

/// Without the original if that is too damaged to be enclosed, so that its sender gets a report.
mapi::EntryId MessageRun::create_report(mapi::MessageHandle& message, const mapi::EntryId& folder,
                                        mapi::Message report) {
  try {
    return store_.create_report(message, folder, report);
  } catch (const mapi::Failure& failure) {
    const bool of_the_content = failure.code() == mapi::MAPI_E_CORRUPT_DATA ||
                                failure.code() == mapi::MAPI_E_OBJECT_DELETED ||
                                failure.code() == mapi::MAPI_E_TOO_COMPLEX;
    if (!of_the_content || report.attachments.empty()) throw;
    leave_out_original(report, message.message());
    return store_.create_report(message, folder, std::move(report));
  }
}

RunResult MessageRun::finish(mapi::MessageHandle& message) {
  store_.finished_msg(message.entry_id());
  progress_(message.entry_id(), message.message(), true);
  return {RunResult::End::finished};
}

/// After an attempt, the next pause of the schedule applies; a message that was only postponed
/// stays at its place in the schedule.
RunResult MessageRun::hold(mapi::MessageHandle& message, const OfferResult& offered) {
  auto& edited = message.edit();
  const int retries = edited.get_or(mapi::PR_POSTERN_RETRIES, 0);
  auto until = mapi::FileTime::now() + options_.retry.interval(retries);
  if (offered.tried) {
    edited.set(mapi::PR_POSTERN_RETRIES, retries + 1);
  } else if (offered.postponed_until) {
    until = mapi::FileTime::from(*offered.postponed_until);
  }
  until = std::min(until, options_.retry.deadline(edited));
  edited.set(mapi::PR_POSTERN_NEXT_ATTEMPT, until);
  message.save_changes();
  return {RunResult::End::held, until.time_point()};
}

}  // namespace postern::spooler
