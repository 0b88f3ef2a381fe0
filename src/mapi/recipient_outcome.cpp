#include "mapi/recipient_outcome.h"

#include <algorithm>
#include <array>

#include "mapi/property_tags.h"

namespace postern::mapi {
namespace {

constexpr int any = -1;

/// mapi-submission.md §14, "Enhanced status → codes": the first row that fits counts.
struct StatusRow {
  int subject;
  int detail;
  std::int32_t diagnostic;
  std::int32_t reason;
};
constexpr std::array status_rows{
    StatusRow{1, 1, 35, 1},   StatusRow{1, 2, 48, 0}, StatusRow{1, 3, 32, 0},
    StatusRow{1, 4, 1, 0},    StatusRow{1, 6, 40, 0}, StatusRow{1, any, 0, 0},
    StatusRow{2, 2, 13, 0},   StatusRow{2, 3, 13, 0}, StatusRow{2, 4, 30, 0},
    StatusRow{2, any, 38, 0}, StatusRow{3, 2, -1, 0}, StatusRow{3, 3, 18, 0},
    StatusRow{3, 5, 18, 0},   StatusRow{3, 4, 13, 0}, StatusRow{3, any, 38, 0},
    StatusRow{4, 0, -1, 0},   StatusRow{4, 4, -1, 0}, StatusRow{4, 3, -1, 6},
    StatusRow{4, 6, 3, 0},    StatusRow{4, 8, 3, 0},  StatusRow{4, 7, 5, 0},
    StatusRow{4, any, 2, 0},  StatusRow{5, 3, 16, 0}, StatusRow{5, 4, 11, 0},
    StatusRow{5, any, 17, 0}, StatusRow{6, 2, 9, 0},  StatusRow{6, 3, 8, 0},
    StatusRow{6, 4, 25, 0},   StatusRow{6, 5, -1, 2}, StatusRow{6, any, 15, 0},
    StatusRow{7, 1, 29, 0},   StatusRow{7, 2, 28, 0}, StatusRow{7, 3, 26, 0},
    StatusRow{7, any, 46, 0},
};

/// Lines joined by one blank, for the single-line columns.
std::string one_line(std::string_view text) {
  std::string line(text);
  std::replace_if(
      line.begin(), line.end(), [](char c) { return c == '\n' || c == '\r'; }, ' ');
  return line;
}

void set_report_columns(Recipient& recipient, const Outcome& outcome) {
  const auto time = FileTime::from(outcome.time);
  recipient.set(PR_REPORT_TIME, time);
  if (!outcome.host.empty()) recipient.set(PR_DSN_REMOTE_MTA, outcome.host);
  if (outcome.verdict == Verdict::delivered) {
    recipient.set(PR_DELIVER_TIME, time);
    return;
  }
  const auto codes = ndr_codes(outcome.status);
  recipient.set(PR_NDR_REASON_CODE, codes.reason);
  recipient.set(PR_NDR_DIAG_CODE, codes.diagnostic);
  recipient.set(PR_NDR_STATUS_CODE, codes.status);
  recipient.set(PR_SUPPLEMENTARY_INFO, supplementary_info(outcome));
}

void clear_report_columns(Recipient& recipient) {
  recipient.erase(PR_REPORT_TIME);
  recipient.erase(PR_DSN_REMOTE_MTA);
  recipient.erase(PR_DELIVER_TIME);
  recipient.erase(PR_NDR_REASON_CODE);
  recipient.erase(PR_NDR_DIAG_CODE);
  recipient.erase(PR_NDR_STATUS_CODE);
  recipient.erase(PR_SUPPLEMENTARY_INFO);
  recipient.erase(PR_REPORT_TEXT);
}

}  // namespace

std::string supplementary_info(const Outcome& outcome) {
  std::string info = "<" + outcome.host + " #" + outcome.status.text();
  if (outcome.code != 0) info += " smtp;" + std::to_string(outcome.code);
  return info + " " + one_line(outcome.text) + ">";
}

void set_outcome(Recipient& recipient, const Outcome& outcome) {
  const int count = attempts(recipient) + (outcome.attempted ? 1 : 0);
  clear_outcome(recipient);
  if (count > 0) recipient.set(PR_POSTERN_ATTEMPTS, count);
  recipient.set(PR_POSTERN_VERDICT, static_cast<std::int32_t>(outcome.verdict));
  recipient.set(PR_POSTERN_STAGE, std::string(name(outcome.stage)));
  recipient.set(PR_POSTERN_REPLY_CODE, outcome.code);
  recipient.set(PR_POSTERN_STATUS, outcome.status.text());
  recipient.set(PR_POSTERN_REPLY_TEXT, outcome.text);
  recipient.set(PR_POSTERN_HOST, outcome.host);
  recipient.set(PR_POSTERN_OUTCOME_TIME, FileTime::from(outcome.time));
  if (outcome.next_hop_reports) recipient.set(PR_POSTERN_NEXT_HOP_REPORTS, true);
  if (is_final(outcome.verdict)) set_report_columns(recipient, outcome);
}

std::optional<Outcome> outcome(const Recipient& recipient) {
  const auto verdict = recipient.get(PR_POSTERN_VERDICT);
  if (!verdict) return std::nullopt;
  return Outcome{
      .verdict = static_cast<Verdict>(*verdict),
      .stage = stage_named(recipient.get_or(PR_POSTERN_STAGE, "")).value_or(Stage::submit),
      .code = recipient.get_or(PR_POSTERN_REPLY_CODE, 0),
      .status =
          EnhancedStatus::parse(recipient.get_or(PR_POSTERN_STATUS, "")).value_or(EnhancedStatus{}),
      .text = std::string(recipient.get_or(PR_POSTERN_REPLY_TEXT, "")),
      .host = std::string(recipient.get_or(PR_POSTERN_HOST, "")),
      .time = recipient.get_or(PR_POSTERN_OUTCOME_TIME, FileTime{}).time_point(),
      .next_hop_reports = recipient.get_or(PR_POSTERN_NEXT_HOP_REPORTS, false),
  };
}

int attempts(const Recipient& recipient) {
  return recipient.get_or(PR_POSTERN_ATTEMPTS, 0);
}

void clear_outcome(Recipient& recipient) {
  recipient.erase(PR_POSTERN_ATTEMPTS);
  recipient.erase(PR_POSTERN_VERDICT);
  recipient.erase(PR_POSTERN_STAGE);
  recipient.erase(PR_POSTERN_REPLY_CODE);
  recipient.erase(PR_POSTERN_STATUS);
  recipient.erase(PR_POSTERN_REPLY_TEXT);
  recipient.erase(PR_POSTERN_HOST);
  recipient.erase(PR_POSTERN_OUTCOME_TIME);
  recipient.erase(PR_POSTERN_NEXT_HOP_REPORTS);
  clear_report_columns(recipient);
}

NdrCodes ndr_codes(const EnhancedStatus& status) {
  const auto digit = [](int value) { return value >= 0 && value <= 9 ? value : 0; };
  const int subject = digit(status.subject);
  const int detail = digit(status.detail);
  NdrCodes codes;
  codes.status = 100 * status.status_class + 10 * subject + detail;
  const auto* row = std::find_if(status_rows.begin(), status_rows.end(), [&](const StatusRow& r) {
    return r.subject == subject && (r.detail == any || r.detail == detail);
  });
  if (row != status_rows.end()) {
    codes.diagnostic = row->diagnostic;
    codes.reason = row->reason;
  }
  return codes;
}

}  // namespace postern::mapi
