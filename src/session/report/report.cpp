#include "session/report.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>

#include "mapi/address.h"
#include "mapi/property_tags.h"
#include "mapi/recipient_outcome.h"
#include "session/report/report_frame.h"
#include "session/report/report_text.h"
#include "session/report_properties.h"

namespace postern::session {
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
  const bool otherwise = kind != ReportKind::delivery;
  return row.get(tag).value_or(message.get_or(tag, otherwise));
}

/// Its verdict is final, and no report of it was made.
bool is_settled(const Recipient& row, ReportKind kind) {
  return row.get_or(mapi::PR_RESPONSIBILITY, false) && kind_of(row) == kind &&
         !row.get_or(mapi::PR_POSTERN_REPORTED, false);
}

/// It was tried in vain and will be tried again.
bool is_delayed(const Recipient& row) {
  return !row.get_or(mapi::PR_RESPONSIBILITY, false) && mapi::outcome(row);
}

/// Leaves to the next hop what it has promised (§8.4).
bool is_reported_elsewhere(const Recipient& row, ReportKind kind) {
  return kind == ReportKind::delivery && row.get_or(mapi::PR_POSTERN_NEXT_HOP_REPORTS, false);
}

/// Those that are reported on are shown as in a resent message, by which nobody gets it a second
/// time; the receiver alone is its envelope.
void address_to(Message& report, Recipient receiver) {
  for (auto& row : report.recipients) {
    row.set(mapi::PR_RECIPIENT_TYPE, row.get_or(mapi::PR_RECIPIENT_TYPE, 1) | mapi::MAPI_SUBMITTED);
  }
  for (const auto& group : {mapi::received_by_group, mapi::rcvd_representing_group}) {
    report.erase(group.address_type);
    report.erase(group.email_address);
    report.erase(group.smtp_address);
    report.copy(group.entry_id, receiver, mapi::PR_ENTRYID);
    report.copy(group.display_name, receiver, mapi::PR_DISPLAY_NAME);
    report.copy(group.search_key, receiver, mapi::PR_SEARCH_KEY);
  }
  receiver.set(mapi::PR_RECIPIENT_TYPE, static_cast<std::int32_t>(mapi::RecipientType::p1));
  report.recipients.push_back(std::move(receiver));
  report.set(mapi::PR_MESSAGE_FLAGS, mapi::MSGFLAG_UNSENT | mapi::MSGFLAG_RESEND);
  report.set(mapi::PR_DELETE_AFTER_SUBMIT, true);
}

}  // namespace

std::vector<std::size_t> rows_due(const Message& original, ReportKind kind) {
  std::vector<std::size_t> due;
  if (is_report_class(original.get_or(mapi::PR_MESSAGE_CLASS, ""))) return due;
  if (kind == ReportKind::delayed && original.get_or(mapi::PR_POSTERN_DELAY_REPORTED, false)) {
    return due;
  }
  for (std::size_t i = 0; i < original.recipients.size(); ++i) {
    const auto& row = original.recipients[i];
    if (!is_wanted(row, original, kind)) continue;
    const bool is_of_kind = kind == ReportKind::delayed ? is_delayed(row) : is_settled(row, kind);
    if (is_of_kind && !is_reported_elsewhere(row, kind)) due.push_back(i);
  }
  return due;
}

void mark_reported(Message& original, ReportKind kind, const std::vector<std::size_t>& rows) {
  if (kind == ReportKind::delayed) {
    original.set(mapi::PR_POSTERN_DELAY_REPORTED, true);
    return;
  }
  for (const auto row : rows) original.recipients.at(row).set(mapi::PR_POSTERN_REPORTED, true);
}

Message make_report(ReportKind kind, const Message& original, const std::vector<std::size_t>& rows,
                    const Reporter& reporter) {
  auto report = report_about(original, kind, reporter, mapi::FileTime::now());
  const auto shown = shown_types(original);
  for (const auto index : rows) {
    auto row = reported_row(original, index, shown);
    if (kind == ReportKind::delayed) set_delay_columns(row, *mapi::outcome(row));
    row.set(mapi::PR_REPORT_TEXT, recipient_text(row, kind));
    report.recipients.push_back(std::move(row));
  }
  finish_report(report, kind, original);
  if (kind == ReportKind::delayed) {
    const auto text = std::string(report.get_or(mapi::PR_BODY, "")) + next_attempt_text(original);
    report.set(mapi::PR_BODY, text);
    report.set(mapi::PR_REPORT_TEXT, text);
  }
  if (auto receiver = report_receiver(original)) address_to(report, *std::move(receiver));
  return report;
}

bool is_to_be_submitted(const Message& report) {
  return (report.get_or(mapi::PR_MESSAGE_FLAGS, 0) & mapi::MSGFLAG_UNSENT) != 0;
}

void leave_out_original(Message& report, const Message& original) {
  report.attachments.clear();
  set_report_text(report, ReportKind::non_delivery, original, false);
}

}  // namespace postern::session
