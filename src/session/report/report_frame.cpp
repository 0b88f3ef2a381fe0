#include "session/report/report_frame.h"

#include <algorithm>
#include <array>
#include <string>

#include "mapi/address.h"
#include "mapi/property_tags.h"
#include "mapi/recipient_outcome.h"
#include "session/recipient_identity.h"
#include "session/report/report_text.h"
#include "session/report_properties.h"

namespace postern::session {
namespace {

using mapi::Message;
using mapi::Recipient;

/// By the order of ReportKind.
constexpr std::array<std::string_view, 7> class_suffixes{
    ".NDR", ".DR", ".Delayed.DR", ".Relayed.DR", ".Expanded.DR", ".IPNRN", ".IPNNRN"};

/// The original as it was at SubmitMessage (§8.3).
Message as_submitted(Message message) {
  message.erase(mapi::PR_SUBMIT_FLAGS);
  message.erase(mapi::PR_PREPROCESS);
  message.erase(mapi::PR_POSTERN_NEXT_ATTEMPT);
  message.erase(mapi::PR_POSTERN_RETRIES);
  message.erase(mapi::PR_POSTERN_FIRST_ATTEMPT);
  message.erase(mapi::PR_POSTERN_DELAY_REPORTED);
  message.erase(mapi::PR_POSTERN_TRANSCRIPT);
  message.erase(mapi::PR_POSTERN_LOSSES);
  message.erase(mapi::PR_POSTERN_ENVELOPE_ID);
  message.erase(mapi::PR_SENTMAIL_ENTRYID);
  message.erase(mapi::PR_DELETE_AFTER_SUBMIT);
  message.set(mapi::PR_MESSAGE_FLAGS, message.get_or(mapi::PR_MESSAGE_FLAGS, 0) &
                                          ~(mapi::MSGFLAG_SUBMIT | mapi::MSGFLAG_UNSENT));
  std::erase_if(message.recipients, is_p1);
  for (auto& row : message.recipients) {
    mapi::clear_outcome(row);
    row.erase(mapi::PR_RESPONSIBILITY);
    row.erase(mapi::PR_POSTERN_REPORTED);
  }
  return message;
}

/// A P1 row reports the type of the row it is the envelope of (§8.1).
std::int32_t reported_type(const Recipient& row, const ShownTypes& shown) {
  if (!is_p1(row)) return row.get_or(mapi::PR_RECIPIENT_TYPE, 1);
  const auto twin = shown.find(identity(row));
  return twin == shown.end() ? static_cast<std::int32_t>(mapi::RecipientType::to) : twin->second;
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

}  // namespace

Message report_about(const Message& original, ReportKind kind, const Reporter& reporter,
                     mapi::FileTime now) {
  const auto original_class = original.get_or(mapi::PR_MESSAGE_CLASS, "IPM.Note");
  Message report;
  copy_original_properties(report, original);
  set_parties(report, original, reporter);
  report.set(mapi::PR_MESSAGE_CLASS, report_class(kind, original_class));
  report.set(mapi::PR_ORIG_MESSAGE_CLASS, std::string(original_class));
  report.set(mapi::PR_REPORT_TIME, now);
  report.set(mapi::PR_MESSAGE_DELIVERY_TIME, now);
  report.set(mapi::PR_CLIENT_SUBMIT_TIME, now);
  report.set(mapi::PR_MESSAGE_FLAGS, mapi::MSGFLAG_UNMODIFIED);
  report.set(mapi::PR_REPORTING_MTA, "dns;" + reporter.host);
  return report;
}

ShownTypes shown_types(const Message& original) {
  ShownTypes types;
  if (std::ranges::none_of(original.recipients, is_p1)) return types;
  for (const auto& row : original.recipients) {
    if (is_p1(row)) continue;
    types.emplace(identity(row), row.get_or(mapi::PR_RECIPIENT_TYPE, 1));
  }
  return types;
}

Recipient reported_row(const Message& original, std::size_t index, const ShownTypes& shown) {
  Recipient row = original.recipients[index];
  row.set(mapi::PR_RECIPIENT_TYPE, reported_type(row, shown));
  row.set(mapi::PR_RECIPIENT_NUMBER, static_cast<std::int32_t>(index + 1));
  row.erase(mapi::PR_ROWID);
  row.erase(mapi::PR_RESPONSIBILITY);
  row.erase(mapi::PR_POSTERN_REPORTED);
  return row;
}

void set_delay_columns(Recipient& row, const Outcome& outcome) {
  const auto codes = mapi::ndr_codes(outcome.status);
  row.set(mapi::PR_NDR_REASON_CODE, codes.reason);
  row.set(mapi::PR_NDR_DIAG_CODE, codes.diagnostic);
  row.set(mapi::PR_NDR_STATUS_CODE, codes.status);
  row.set(mapi::PR_SUPPLEMENTARY_INFO, mapi::supplementary_info(outcome));
  row.set(mapi::PR_REPORT_TIME, mapi::FileTime::from(outcome.time));
  if (!outcome.host.empty()) row.set(mapi::PR_DSN_REMOTE_MTA, outcome.host);
}

void set_report_text(Message& report, ReportKind kind, const Message& original, bool enclosed) {
  report.set(mapi::PR_SUBJECT, report_subject(kind, original));
  auto reported = report.recipients;
  std::erase_if(reported, is_p1);  // the report's own envelope
  const auto text = report_text(kind, original, reported, enclosed);
  report.set(mapi::PR_BODY, text);
  report.set(mapi::PR_REPORT_TEXT, text);
}

void finish_report(Message& report, ReportKind kind, const Message& original) {
  set_report_text(report, kind, original, true);
  if (kind == ReportKind::non_delivery) {
    report.attachments.push_back(mapi::make_attachment(as_submitted(original)));
  }
}

std::string report_class(ReportKind kind, std::string_view original_class) {
  constexpr std::size_t longest = 255;
  const std::string prefix = "REPORT.";
  const std::string suffix(class_suffixes.at(static_cast<std::size_t>(kind)));
  std::string middle(original_class);
  const auto room = longest - prefix.size() - suffix.size();
  if (middle.size() > room) middle.erase(room / 2, middle.size() - room);
  return prefix + middle + suffix;
}

}  // namespace postern::session
