#include "session/returned_report.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <string>

#include "base/text.h"
#include "mapi/address.h"
#include "mapi/property_tags.h"
#include "mapi/recipient_outcome.h"
#include "session/report/recipient_index.h"
#include "session/report/report_frame.h"
#include "session/report/report_text.h"

namespace postern::session {
namespace {

using mapi::Recipient;
using mapi::ReturnedKind;
using mapi::ReturnedRecipient;
using mapi::ReturnedReport;

struct ActionKind {
  std::string_view action;
  ReportKind kind;
  Verdict verdict;
};
/// The least severe first (§8.5).
constexpr std::array actions{ActionKind{"delivered", ReportKind::delivery, Verdict::delivered},
                             ActionKind{"expanded", ReportKind::expanded, Verdict::delivered},
                             ActionKind{"relayed", ReportKind::relayed, Verdict::delivered},
                             ActionKind{"delayed", ReportKind::delayed, Verdict::retry},
                             ActionKind{"failed", ReportKind::non_delivery, Verdict::failed}};

/// Without an action the status tells, and without both a bounce is a failure.
const ActionKind& action_of(const ReturnedRecipient& recipient) {
  const auto* named = std::ranges::find(actions, recipient.action, &ActionKind::action);
  if (named != actions.end()) return *named;
  switch (recipient.status.status_class) {
    case 2:
      return actions[0];
    case 4:
      return actions[3];
    default:
      return actions[4];
  }
}

/// "smtp; 550 5.1.1 no such user" as the reply that it is; another system's words are all text.
Outcome outcome_of(const ReturnedRecipient& recipient, mapi::FileTime now) {
  Outcome outcome{.verdict = action_of(recipient).verdict,
                  .stage = Stage::end,
                  .code = 0,
                  .status = recipient.status,
                  .text = recipient.diagnostic,
                  .host = recipient.remote_host,
                  .time = recipient.last_attempt.value_or(now).time_point(),
                  .attempted = false};
  constexpr std::string_view type = "smtp;";
  if (lower_case(recipient.diagnostic).starts_with(type)) {
    auto reply = trim(std::string_view(recipient.diagnostic).substr(type.size()));
    int code = 0;
    const auto digits = reply.substr(0, 3);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), code);
    if (error == std::errc{} && code >= 200 && code < 600) {
      outcome.code = code;
      reply.remove_prefix(digits.size());
      if (reply.starts_with('-')) reply.remove_prefix(1);
    }
    outcome.text = trim(reply);
  }
  return outcome;
}

/// The columns of §8.1 also for what is not final, and PR_DELIVER_TIME wherever the action is not
/// "failed" ([MS-OXCMAIL]; §8.5).
void set_columns(Recipient& row, const ReturnedRecipient& recipient, ReportKind kind,
                 mapi::FileTime now) {
  const auto outcome = outcome_of(recipient, now);
  mapi::set_outcome(row, outcome);
  if (kind == ReportKind::delayed) set_delay_columns(row, outcome);
  row.set(mapi::PR_REPORT_TIME, now);
  if (!outcome.host.empty()) row.set(mapi::PR_DSN_REMOTE_MTA, outcome.host);
  if (kind != ReportKind::non_delivery) {
    row.set(mapi::PR_DELIVER_TIME, mapi::FileTime::from(outcome.time));
  }
  row.set(mapi::PR_SUPPLEMENTARY_INFO, recipient.supplementary_info.empty()
                                           ? mapi::supplementary_info(outcome)
                                           : recipient.supplementary_info);
}

Recipient report_row(const mapi::Message& original, const RecipientIndex& index,
                     const ShownTypes& shown, const ReturnedRecipient& recipient) {
  if (const auto row = index.find(recipient)) return reported_row(original, *row, shown);
  return mapi::make_recipient(mapi::RecipientType::to, recipient.original_address.empty()
                                                           ? recipient.address
                                                           : recipient.original_address);
}

/// Delivery is reported by a host, a disposition by the recipient himself.
Reporter reporter_of(const ReturnedReport& returned, const Reporter& fallback) {
  auto reporter = fallback;
  if (mapi::is_smtp_address("postmaster@" + returned.reporting_mta)) {
    reporter.host = returned.reporting_mta;
    reporter.address.clear();
  }
  if (returned.kind == ReturnedKind::disposition && !returned.recipients.empty()) {
    const auto& reader = returned.recipients.front();
    reporter.address = reader.address.empty() ? reader.original_address : reader.address;
    reporter.display_name = reporter.address;
  }
  return reporter;
}

/// Whether the report says something new and final of a row that was sent.
bool is_news(const Recipient& row, const Outcome& reported) {
  if (!row.get_or(mapi::PR_RESPONSIBILITY, false) || !is_final(reported.verdict)) return false;
  const auto known = mapi::outcome(row);
  if (!known) return true;
  if (reported.verdict == Verdict::failed) return known->verdict != Verdict::failed;
  return known->verdict == Verdict::unknown || known->next_hop_reports;
}

std::string words_of(const Outcome& outcome) {
  std::string words(name(outcome.verdict));
  if (!outcome.host.empty()) words += ", " + outcome.host;
  words += ":";
  if (outcome.code != 0) words += " " + std::to_string(outcome.code);
  const auto status = outcome.status.text();
  if (!outcome.text.starts_with(status)) words += " " + status;
  if (!outcome.text.empty()) words += " " + outcome.text;
  return words;
}

/// A line that tells what is known now and what was before.
std::string history_line(const Recipient& row, const ReturnedReport& returned,
                         const Outcome& reported) {
  std::string line = "A report came back";
  if (!returned.reporting_mta.empty()) line += " from " + returned.reporting_mta;
  line += ": " + mapi::address_text(row) + ' ' + words_of(reported);
  if (const auto known = mapi::outcome(row)) line += "; before: " + words_of(*known);
  std::ranges::replace_if(
      line, [](char c) { return c == '\n' || c == '\r'; }, ' ');
  return line + '\n';
}

}  // namespace

std::optional<ReportKind> report_kind(const ReturnedReport& returned) {
  switch (returned.kind) {
    case ReturnedKind::delivery: {
      const auto severity = [](const ReturnedRecipient& recipient) {
        return &action_of(recipient);
      };
      const auto worst = std::ranges::max_element(returned.recipients, {}, severity);
      return worst == returned.recipients.end() ? ReportKind::non_delivery : action_of(*worst).kind;
    }
    case ReturnedKind::disposition: {
      constexpr std::array seen{"displayed", "dispatched", "processed"};
      const bool is_seen = std::ranges::find(seen, returned.disposition) != seen.end();
      return is_seen ? ReportKind::read : ReportKind::not_read;
    }
    default:
      return std::nullopt;
  }
}

mapi::Message make_report(ReportKind kind, const mapi::Message& original,
                          const ReturnedReport& returned, const Reporter& fallback,
                          mapi::FileTime now) {
  auto report = report_about(original, kind, reporter_of(returned, fallback), now);
  if (!returned.message_id.empty()) {
    report.set(mapi::PR_INTERNET_MESSAGE_ID, returned.message_id);
  }
  const RecipientIndex index(original);
  const auto shown = shown_types(original);
  const bool is_delivery = returned.kind == ReturnedKind::delivery;
  for (const auto& recipient : returned.recipients) {
    if (is_delivery && action_of(recipient).kind != kind) continue;
    auto row = report_row(original, index, shown, recipient);
    if (is_delivery) set_columns(row, recipient, kind, now);
    row.set(mapi::PR_REPORT_TIME, now);
    row.set(mapi::PR_REPORT_TEXT, recipient_text(row, kind));
    report.recipients.push_back(std::move(row));
  }
  finish_report(report, kind, original);
  return report;
}

void record_report(mapi::Message& original, const ReturnedReport& returned, mapi::FileTime now) {
  if (returned.kind != ReturnedKind::delivery) return;
  const RecipientIndex index(original);
  std::string transcript(original.get_or(mapi::PR_POSTERN_TRANSCRIPT, ""));
  const auto length = transcript.size();
  for (const auto& recipient : returned.recipients) {
    const auto found = index.find(recipient);
    if (!found) continue;
    auto& row = original.recipients[*found];
    const auto reported = outcome_of(recipient, now);
    if (!is_news(row, reported)) continue;
    if (!transcript.empty() && !transcript.ends_with('\n')) transcript += '\n';
    transcript += history_line(row, returned, reported);
    mapi::set_outcome(row, reported);
    row.set(mapi::PR_POSTERN_REPORTED, true);
  }
  if (transcript.size() != length) original.set(mapi::PR_POSTERN_TRANSCRIPT, transcript);
}

}  // namespace postern::session
