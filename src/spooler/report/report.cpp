#include "spooler/report/report.h"

#include <algorithm>
#include <map>
#include <optional>

#include "mapi/address.h"
#include "mapi/property_tags.h"
#include "mapi/recipient_outcome.h"
#include "session/recipient_identity.h"
#include "session/report_properties.h"
#include "spooler/report/report_text.h"

namespace postern::spooler {
namespace {

using mapi::Message;
using mapi::Recipient;

/// A row with a reason, diagnostic or status is a failure even if a delivery time is there (§8.1).
std::optional<ReportKind> kind_of(const Recipient& row) {
  if (row.get(mapi::PR_NDR_REASON_CODE) || row.get(mapi::PR_NDR_DIAG_CODE) ||
      row.get(mapi::PR_NDR_STATUS_CODE)) {
    return ReportKind::non_delivery;
  }
  if (row.get(mapi::PR_DELIVER_TIME)) return ReportKind::delivery;
  return std::nullopt;
}

/// The row's value, else the message's, else the default (§8.2).
bool is_wanted(const Recipient& row, const Message& message, ReportKind kind) {
  const auto tag = kind == ReportKind::delivery ? mapi::PR_ORIGINATOR_DELIVERY_REPORT_REQUESTED
                                                : mapi::PR_ORIGINATOR_NON_DELIVERY_REPORT_REQUESTED;
  const bool otherwise = kind == ReportKind::non_delivery;
  return row.get(tag).value_or(message.get_or(tag, otherwise));
}

/// Leaves to the next hop what it has promised (§8.4).
bool is_reported_elsewhere(const Recipient& row, ReportKind kind) {
  return kind == ReportKind::delivery && row.get_or(mapi::PR_POSTERN_NEXT_HOP_REPORTS, false);
}

/// The original as it was at SubmitMessage (§8.3).
Message as_submitted(Message message) {
  message.erase(mapi::PR_SUBMIT_FLAGS);
  message.erase(mapi::PR_PREPROCESS);
  message.erase(mapi::PR_POSTERN_NEXT_ATTEMPT);
  message.erase(mapi::PR_POSTERN_RETRIES);
  message.erase(mapi::PR_POSTERN_FIRST_ATTEMPT);
  message.erase(mapi::PR_POSTERN_TRANSCRIPT);
  message.erase(mapi::PR_SENTMAIL_ENTRYID);
  message.erase(mapi::PR_DELETE_AFTER_SUBMIT);
  message.set(mapi::PR_MESSAGE_FLAGS, message.get_or(mapi::PR_MESSAGE_FLAGS, 0) &
                                          ~(mapi::MSGFLAG_SUBMIT | mapi::MSGFLAG_UNSENT));
  std::erase_if(message.recipients, session::is_p1);
  for (auto& row : message.recipients) {
    mapi::clear_outcome(row);
    row.erase(mapi::PR_RESPONSIBILITY);
    row.erase(mapi::PR_POSTERN_REPORTED);
  }
  return message;
}

/// The types of the rows that are shown, by whom they name; empty if no P1 row is reported.
using ShownTypes = std::map<mapi::Binary, std::int32_t>;

ShownTypes shown_types(const Message& original, const std::vector<std::size_t>& reported) {
  ShownTypes types;
  const auto is_reported_p1 = [&](std::size_t i) { return session::is_p1(original.recipients[i]); };
  if (std::ranges::none_of(reported, is_reported_p1)) return types;
  for (const auto& row : original.recipients) {
    if (session::is_p1(row)) continue;
    types.emplace(session::identity(row), row.get_or(mapi::PR_RECIPIENT_TYPE, 1));
  }
  return types;
}

/// A P1 row reports the type of the row it is the envelope of (§8.1).
std::int32_t reported_type(const Recipient& row, const ShownTypes& shown) {
  if (!session::is_p1(row)) return row.get_or(mapi::PR_RECIPIENT_TYPE, 1);
  const auto twin = shown.find(session::identity(row));
  return twin == shown.end() ? static_cast<std::int32_t>(mapi::RecipientType::to) : twin->second;
}

Recipient report_row(const Message& original, std::size_t index, ReportKind kind,
                     const ShownTypes& shown) {
  Recipient row = original.recipients[index];
  row.set(mapi::PR_RECIPIENT_TYPE, reported_type(row, shown));
  row.set(mapi::PR_RECIPIENT_NUMBER, static_cast<std::int32_t>(index + 1));
  row.set(mapi::PR_REPORT_TEXT, recipient_text(row, kind));
  row.erase(mapi::PR_ROWID);
  row.erase(mapi::PR_RESPONSIBILITY);
  row.erase(mapi::PR_POSTERN_REPORTED);
  return row;
}

std::string sender_address(const Message& original) {
  for (const auto& group : {mapi::sent_representing_group, mapi::sender_group}) {
    if (auto address = mapi::smtp_address(original, group)) return *address;
  }
  return {};
}

void set_parties(Message& report, const Message& original, const Reporter& reporter) {
  const auto address = reporter.address.empty() ? "postmaster@" + reporter.host : reporter.address;
  mapi::set_address(report, mapi::sender_group, address, reporter.display_name);
  mapi::set_address(report, mapi::sent_representing_group, address, reporter.display_name);
  const auto receiver = sender_address(original);
  if (receiver.empty()) return;
  mapi::set_address(report, mapi::received_by_group, receiver);
  mapi::set_address(report, mapi::rcvd_representing_group, receiver);
}

void set_text(Message& report, ReportKind kind, const Message& original, bool enclosed) {
  const auto* prefix = kind == ReportKind::non_delivery ? "Undeliverable: " : "Delivered: ";
  report.set(mapi::PR_SUBJECT, prefix + std::string(original.get_or(mapi::PR_SUBJECT, "")));
  const auto text = report_text(kind, original, report.recipients, enclosed);
  report.set(mapi::PR_BODY, text);
  report.set(mapi::PR_REPORT_TEXT, text);
}

}  // namespace

std::vector<std::size_t> rows_due(const Message& original, ReportKind kind) {
  std::vector<std::size_t> due;
  if (session::is_report_class(original.get_or(mapi::PR_MESSAGE_CLASS, ""))) return due;
  for (std::size_t i = 0; i < original.recipients.size(); ++i) {
    const auto& row = original.recipients[i];
    if (row.get_or(mapi::PR_RESPONSIBILITY, false) && kind_of(row) == kind &&
        !row.get_or(mapi::PR_POSTERN_REPORTED, false) && is_wanted(row, original, kind) &&
        !is_reported_elsewhere(row, kind)) {
      due.push_back(i);
    }
  }
  return due;
}

Message make_report(ReportKind kind, const Message& original, const std::vector<std::size_t>& rows,
                    const Reporter& reporter) {
  const auto original_class = original.get_or(mapi::PR_MESSAGE_CLASS, "IPM.Note");
  const auto* suffix = kind == ReportKind::non_delivery ? "NDR" : "DR";
  const auto now = mapi::FileTime::now();
  Message report;
  session::copy_original_properties(report, original);
  set_parties(report, original, reporter);
  report.set(mapi::PR_MESSAGE_CLASS, session::report_class(original_class, suffix));
  report.set(mapi::PR_ORIG_MESSAGE_CLASS, std::string(original_class));
  report.set(mapi::PR_REPORT_TIME, now);
  report.set(mapi::PR_MESSAGE_DELIVERY_TIME, now);
  report.set(mapi::PR_CLIENT_SUBMIT_TIME, now);
  report.set(mapi::PR_MESSAGE_FLAGS, mapi::MSGFLAG_UNMODIFIED);
  report.set(mapi::PR_REPORTING_MTA, "dns;" + reporter.host);
  const auto shown = shown_types(original, rows);
  for (const auto index : rows) {
    report.recipients.push_back(report_row(original, index, kind, shown));
  }
  set_text(report, kind, original, true);
  if (kind == ReportKind::non_delivery) {
    report.attachments.push_back(mapi::make_attachment(as_submitted(original)));
  }
  return report;
}

void leave_out_original(Message& report, const Message& original) {
  report.attachments.clear();
  set_text(report, ReportKind::non_delivery, original, false);
}

}  // namespace postern::spooler
