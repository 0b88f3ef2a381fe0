#include "mapi/recipient_outcome.h"

#include <algorithm>
#include <array>
#include <tuple>

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

void set_report_columns(PropertyBag& columns, const Outcome& outcome) {
  const auto time = FileTime::from(outcome.time);
  columns.set(PR_REPORT_TIME, time);
  if (!outcome.host.empty()) columns.set(PR_DSN_REMOTE_MTA, outcome.host);
  if (outcome.verdict == Verdict::delivered) {
    columns.set(PR_DELIVER_TIME, time);
    return;
  }
  const auto codes = ndr_codes(outcome.status);
  columns.set(PR_NDR_REASON_CODE, codes.reason);
  columns.set(PR_NDR_DIAG_CODE, codes.diagnostic);
  columns.set(PR_NDR_STATUS_CODE, codes.status);
  columns.set(PR_SUPPLEMENTARY_INFO, supplementary_info(outcome));
}

/// All that OutcomeColumns sets but the number of attempts, and the text of a report row.
constexpr std::tuple outcome_tags{
    PR_POSTERN_VERDICT,    PR_POSTERN_STAGE,   PR_POSTERN_REPLY_CODE,   PR_POSTERN_STATUS,
    PR_POSTERN_REPLY_TEXT, PR_POSTERN_HOST,    PR_POSTERN_OUTCOME_TIME, PR_POSTERN_NEXT_HOP_REPORTS,
    PR_REPORT_TIME,        PR_DSN_REMOTE_MTA,  PR_DELIVER_TIME,         PR_NDR_REASON_CODE,
    PR_NDR_DIAG_CODE,      PR_NDR_STATUS_CODE, PR_SUPPLEMENTARY_INFO,   PR_REPORT_TEXT,
    PR_POSTERN_OWN_WORDS};

void for_each_tag(const auto& work) {
  std::apply([&work](auto... tag) { (work(tag), ...); }, outcome_tags);
}

}  // namespace

std::string supplementary_info(const Outcome& outcome) {
  std::string info = "<" + outcome.host + " #" + outcome.status.text();
  if (outcome.has_reply()) info += " smtp;" + std::to_string(outcome.code);
  return info + " " + one_line(outcome.text) + ">";
}

OutcomeColumns::OutcomeColumns(const Outcome& outcome) : attempted_(outcome.attempted) {
  columns_.set(PR_POSTERN_VERDICT, static_cast<std::int32_t>(outcome.verdict));
  columns_.set(PR_POSTERN_STAGE, std::string(name(outcome.stage)));
  columns_.set(PR_POSTERN_REPLY_CODE, outcome.code);
  columns_.set(PR_POSTERN_STATUS, outcome.status.text());
  columns_.set(PR_POSTERN_REPLY_TEXT, outcome.text);
  columns_.set(PR_POSTERN_HOST, outcome.host);
  columns_.set(PR_POSTERN_OUTCOME_TIME, FileTime::from(outcome.time));
  if (outcome.next_hop_reports) columns_.set(PR_POSTERN_NEXT_HOP_REPORTS, true);
  if (outcome.own_words) columns_.set(PR_POSTERN_OWN_WORDS, true);
  if (outcome.verdict == Verdict::unknown) {
    columns_.set(PR_POSTERN_MAY_HAVE_ARRIVED, FileTime::from(outcome.time));
    columns_.set(PR_POSTERN_MAY_HAVE_ARRIVED_AT, outcome.host);
  }
  if (is_final(outcome.verdict)) set_report_columns(columns_, outcome);
}

void OutcomeColumns::write(Recipient& recipient) const {
  const int count = attempts(recipient) + (attempted_ ? 1 : 0);
  const auto arrival = possible_arrival(recipient);
  clear_outcome(recipient);
  recipient.copy_all(columns_);
  if (arrival) {
    recipient.set(PR_POSTERN_MAY_HAVE_ARRIVED, arrival->time);
    recipient.set(PR_POSTERN_MAY_HAVE_ARRIVED_AT, arrival->host);
  }
  if (count > 0) recipient.set(PR_POSTERN_ATTEMPTS, count);
}

void set_outcome(Recipient& recipient, const Outcome& outcome) {
  OutcomeColumns(outcome).write(recipient);
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
      .own_words = recipient.get_or(PR_POSTERN_OWN_WORDS, false),
  };
}

std::optional<PossibleArrival> possible_arrival(const Recipient& recipient) {
  const auto time = recipient.get(PR_POSTERN_MAY_HAVE_ARRIVED);
  if (!time) return std::nullopt;
  return PossibleArrival{*time, std::string(recipient.get_or(PR_POSTERN_MAY_HAVE_ARRIVED_AT, ""))};
}

int attempts(const Recipient& recipient) {
  return recipient.get_or(PR_POSTERN_ATTEMPTS, 0);
}

void clear_outcome(Recipient& recipient) {
  recipient.erase(PR_POSTERN_ATTEMPTS);
  recipient.erase(PR_POSTERN_MAY_HAVE_ARRIVED);
  recipient.erase(PR_POSTERN_MAY_HAVE_ARRIVED_AT);
  for_each_tag([&](auto tag) { recipient.erase(tag); });
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
