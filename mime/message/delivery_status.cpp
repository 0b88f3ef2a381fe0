#include "mime/message/delivery_status.h"

#include <algorithm>
#include <array>
#include <optional>

#include "base/text.h"
#include "mapi/property_tags.h"
#include "mapi/recipient_outcome.h"
#include "mime/context/message_class.h"
#include "mime/header/date.h"
#include "mime/message/report_fields.h"

namespace postern::mime {
namespace {

/// What a class of report says of its recipients, and which status classes go with that (RFC 3464
/// §2.3.4). The longer suffixes first.
struct ReportAction {
  std::string_view suffix;
  std::string_view action;
  std::array<int, 2> status_classes;  ///< the first where nothing more is known
};
constexpr std::array<ReportAction, 5> actions{{{"Expanded.DR", "expanded", {2, 2}},
                                               {"Relayed.DR", "relayed", {2, 2}},
                                               {"Delayed.DR", "delayed", {4, 4}},
                                               {"DR", "delivered", {2, 2}},
                                               {"NDR", "failed", {5, 4}}}};

const ReportAction& action_of(std::string_view report_class) {
  const auto* found = std::ranges::find_if(actions, [report_class](const ReportAction& action) {
    return has_class_suffix(report_class, action.suffix);
  });
  return found == actions.end() ? actions.back() : *found;
}

bool fits(const EnhancedStatus& status, const ReportAction& action) {
  return std::ranges::find(action.status_classes, status.status_class) !=
         action.status_classes.end();
}

/// §14, the reverse direction: enhanced codes a.b.c as the number abc; 500 stands for "other".
constexpr std::array<int, 49> status_of_diagnostic{
    510, 514, 445, 446, 510, 447, 530, 560, 563, 562, 560, 554, 560, 534, 560, 561, 553,
    555, 533, 562, 560, 560, 464, 464, 464, 464, 573, 446, 572, 571, 524, 561, 513, 510,
    513, 511, 510, 530, 530, 510, 516, 510, 510, 516, 500, 500, 570, 500, 512};
constexpr std::array<int, 7> status_of_reason{540, 510, 565, 565, 520, 530, 443};

EnhancedStatus from_number(int number) {
  return {number / 100, number / 10 % 10, number % 10};
}

EnhancedStatus status_by_tables(const mapi::Recipient& row) {
  const auto entry = [](const auto& table, std::int32_t index, int otherwise) {
    const bool inside = index >= 0 && static_cast<std::size_t>(index) < table.size();
    return inside ? table[static_cast<std::size_t>(index)] : otherwise;
  };
  const auto diagnostic = row.get_or(mapi::PR_NDR_DIAG_CODE, -1);
  const auto reason = row.get_or(mapi::PR_NDR_REASON_CODE, -1);
  return from_number(diagnostic == -1 ? entry(status_of_reason, reason, 540)
                                      : entry(status_of_diagnostic, diagnostic, 500));
}

/// PR_SUPPLEMENTARY_INFO, "5.1.1 …" or "<host #5.1.1 smtp;550 …>".
struct SupplementaryInfo {
  std::optional<EnhancedStatus> status;
  std::string_view diagnostic;
};
SupplementaryInfo read_supplementary_info(std::string_view text) {
  if (text.starts_with('<')) {
    const auto mark = text.find('#');
    if (mark == std::string_view::npos) return {};
    text.remove_prefix(mark + 1);
    if (text.ends_with('>')) text.remove_suffix(1);
  }
  const auto end = std::min(text.find_first_of(" >;"), text.size());
  return {EnhancedStatus::parse(text.substr(0, end)), trim(text.substr(end))};
}

/// As somebody has said it, with its whole subject and detail.
std::optional<EnhancedStatus> stated_status(const mapi::Recipient& row) {
  const auto outcome = mapi::outcome(row);
  if (outcome && !outcome->status.empty()) return outcome->status;
  return read_supplementary_info(row.get_or(mapi::PR_SUPPLEMENTARY_INFO, "")).status;
}

/// PR_NDR_STATUS_CODE has one digit for a subject and a detail: of those who agree with it the
/// exact one counts.
EnhancedStatus status_of(const mapi::Recipient& row, const ReportAction& action) {
  const auto stated = stated_status(row);
  const auto number = row.get_or(mapi::PR_NDR_STATUS_CODE, 0);
  if (const auto coarse = from_number(number); fits(coarse, action)) {
    return stated && mapi::ndr_codes(*stated).status == number ? *stated : coarse;
  }
  if (stated && fits(*stated, action)) return *stated;
  if (action.action == "failed") return status_by_tables(row);
  return {action.status_classes.front(), 0, 0};
}

void add_diagnostic(ReportFields& fields, const mapi::Recipient& row) {
  constexpr std::string_view name = "Diagnostic-Code";
  constexpr std::string_view smtp = "smtp";
  const auto outcome = mapi::outcome(row);
  if (outcome && outcome->has_reply()) {
    fields.add_typed(name, smtp, std::to_string(outcome->code) + ' ' + outcome->text);
  } else if (outcome) {
    fields.add_typed(name, "x-postern", outcome->text);
  } else {
    auto said = read_supplementary_info(row.get_or(mapi::PR_SUPPLEMENTARY_INFO, "")).diagnostic;
    if (!equals_ignoring_case(said.substr(0, smtp.size() + 1), "smtp;")) return;
    said.remove_prefix(smtp.size() + 1);
    fields.add_typed(name, smtp, said);
  }
}

std::string date_text(std::optional<mapi::FileTime> time) {
  return time ? date(*time).value_or("") : "";
}

/// What only an attempt in vain has (RFC 3464 §§2.3.6 to 2.3.9).
void add_attempt(ReportFields& fields, const mapi::Recipient& row, const ReportAction& action) {
  if (action.action != "failed" && action.action != "delayed") return;
  add_diagnostic(fields, row);
  const auto outcome_time = row.get(mapi::PR_POSTERN_OUTCOME_TIME);
  fields.add("Last-Attempt-Date",
             date_text(outcome_time ? outcome_time : row.get(mapi::PR_REPORT_TIME)));
  if (action.action == "delayed") {
    fields.add("Will-Retry-Until", date_text(row.get(mapi::PR_LATEST_DELIVERY_TIME)));
  }
}

void add_recipient(ReportFields& fields, const mapi::Recipient& row, const ReportAction& action) {
  const auto address = mapi::smtp_address(row, mapi::recipient_group).value_or("");
  fields.end_group();
  fields.add("Original-Recipient", typed_recipient(row, mapi::recipient_group));
  fields.add("Final-Recipient", typed_recipient_or_name(row, mapi::recipient_group));
  fields.add("Action", action.action);
  fields.add("Status", status_of(row, action).text());
  fields.add("Remote-MTA", typed_host(row.get_or(mapi::PR_DSN_REMOTE_MTA, ""), ""));
  add_attempt(fields, row, action);
  fields.add_text("X-Supplementary-Info", row.get_or(mapi::PR_SUPPLEMENTARY_INFO, ""));
  fields.add_text("X-Display-Name", mapi::display_name(row, mapi::recipient_group, address));
}

}  // namespace

std::string delivery_status(const mapi::Message& report, const ComposeOptions& options) {
  ReportFields fields;
  fields.add("Reporting-MTA",
             typed_host(report.get_or(mapi::PR_REPORTING_MTA, ""), options.message_id_domain));
  fields.add("Arrival-Date", date_text(report.get(mapi::PR_ORIGINAL_SUBMIT_TIME)));
  const auto& action = action_of(class_of(report));
  for (const auto& row : report.recipients) {
    if (mapi::recipient_type(row) != mapi::RecipientType::p1) add_recipient(fields, row, action);
  }
  return fields.text();
}

}  // namespace postern::mime
