#include "session/report/report_text.h"

#include <array>
#include <ctime>
#include <string_view>

#include "mapi/address.h"
#include "mapi/property_tags.h"
#include "mapi/recipient_outcome.h"
#include "session/report_properties.h"

namespace postern::session {
namespace {

constexpr std::string_view line_end = "\r\n";

/// What an enhanced status means to a sender (RFC 3463 §3); the first row that fits counts.
struct StatusMeaning {
  int subject;
  int detail;  ///< -1: any
  std::string_view sentence;
};
constexpr std::array meanings{
    StatusMeaning{1, 1, "The address does not exist there."},
    StatusMeaning{1, 2, "The domain of the address does not exist."},
    StatusMeaning{1, 3, "The address is not written as that system needs it."},
    StatusMeaning{1, 6, "The recipient has moved and left no new address."},
    StatusMeaning{1, 10, "The domain does not accept mail."},
    StatusMeaning{1, -1, "The address could not be used."},
    StatusMeaning{2, 1, "The mailbox is disabled or accepts no mail."},
    StatusMeaning{2, 2, "The mailbox is full."},
    StatusMeaning{2, 3, "The message is longer than the mailbox accepts."},
    StatusMeaning{3, 4, "The message is too big for that system."},
    StatusMeaning{3, -1, "The recipient's mail system does not accept this message."},
    StatusMeaning{4, 4, "There is no way to the recipient's mail system."},
    StatusMeaning{4, 6, "The message went in a circle between mail systems."},
    StatusMeaning{4, 7, "The message could not be delivered in time and was given up."},
    StatusMeaning{4, -1, "The recipient's mail system could not be reached."},
    StatusMeaning{5, 3, "The message has too many recipients."},
    StatusMeaning{6, 7, "The recipient's mail system cannot handle this international address."},
    StatusMeaning{6, -1, "The recipient's mail system cannot handle this kind of content."},
    StatusMeaning{7, 1, "The recipient's mail system refuses the message."},
    StatusMeaning{7, -1, "The message was refused for reasons of security or policy."},
};

/// What a report of each kind says, by the order of ReportKind.
struct KindText {
  std::string_view subject;   ///< before the original's
  std::string_view what;      ///< behind "Your message", before the recipients
  std::string_view sentence;  ///< about one recipient; empty: it depends on the outcome
};
constexpr std::array<KindText, 7> kind_texts{{
    {"Undeliverable: ", "could not be delivered to:", {}},
    {"Delivered: ", "was delivered to:", {}},
    {"Delayed: ", "could not be delivered yet to:",
     "It is still being tried; no need to send again."},
    {"Relayed: ", "was passed on to a mail system that reports no deliveries, for:", {}},
    {"Expanded: ", "was passed on to the members of:", {}},
    {"Read: ", "was read by:", "The message was displayed."},
    {"Not read: ", "was not read by:", "The message was deleted without being read."},
}};

const KindText& text_of(ReportKind kind) {
  return kind_texts.at(static_cast<std::size_t>(kind));
}

std::string_view meaning(const EnhancedStatus& status) {
  for (const auto& row : meanings) {
    if (row.subject == status.subject && (row.detail < 0 || row.detail == status.detail)) {
      return row.sentence;
    }
  }
  return "The message could not be delivered.";
}

std::string utc(mapi::FileTime time) {
  const std::time_t seconds = time.unix_seconds();
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  std::array<char, 40> text{};
  const auto length = std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M:%S UTC", &parts);
  return {text.data(), length};
}

std::string person(const mapi::Recipient& row) {
  auto address = mapi::smtp_address(row, mapi::recipient_group)
                     .value_or(std::string(row.get_or(mapi::PR_EMAIL_ADDRESS, "")));
  const auto name = mapi::display_name(row, mapi::recipient_group, address);
  if (name.empty()) return address;
  return address.empty() ? name : name + " <" + address + ">";
}

std::string sender_text(const mapi::Message& original) {
  for (const auto& group : {mapi::sent_representing_group, mapi::sender_group}) {
    const auto address = mapi::smtp_address(original, group);
    if (!address) continue;
    const auto name = mapi::display_name(original, group, *address);
    return name.empty() ? *address : name + " <" + *address + ">";
  }
  return "somebody unknown";
}

/// The server's words, each line indented; CR and LF of any kind end a line.
std::string indented(std::string_view text) {
  std::string result;
  while (!text.empty()) {
    const auto end = text.find_first_of("\r\n");
    const auto line = text.substr(0, end);
    if (!line.empty()) result.append("    ").append(line).append(line_end);
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  return result;
}

/// What no later outcome makes untrue.
std::string arrival_text(const mapi::Recipient& row) {
  const auto arrival = mapi::possible_arrival(row);
  if (!arrival) return {};
  std::string text("  It may have arrived all the same: on ");
  text.append(utc(arrival->time)).append(" the message was sent to its end");
  if (!arrival->host.empty()) text.append(line_end).append("  to ").append(arrival->host);
  return text.append(", and the reply was lost. Ask before you send it again.").append(line_end);
}

std::string paragraph_with_reply(const mapi::Recipient& row) {
  std::string text = person(row) + std::string(line_end);
  text.append("  ").append(row.get_or(mapi::PR_REPORT_TEXT, "")).append(line_end);
  text.append(arrival_text(row));
  const auto outcome = mapi::outcome(row);
  if (!outcome || outcome->text.empty()) return text;
  if (outcome->has_reply() && !outcome->host.empty()) {
    text.append("  ").append(outcome->host).append(" said:").append(line_end);
  } else {
    text.append("  Details:").append(line_end);
  }
  const auto code = outcome->has_reply() ? std::to_string(outcome->code) + ' ' : std::string();
  const auto status = outcome->text.starts_with(outcome->status.text())
                          ? std::string()
                          : outcome->status.text() + ' ';
  return text + indented(code + status + outcome->text);
}

std::string paragraph(const mapi::Recipient& row) {
  return person(row) + std::string(line_end) + "  " +
         std::string(row.get_or(mapi::PR_REPORT_TEXT, "")) + std::string(line_end);
}

}  // namespace

std::string recipient_text(const mapi::Recipient& row, ReportKind kind) {
  if (const auto sentence = text_of(kind).sentence; !sentence.empty()) return std::string(sentence);
  if (kind != ReportKind::non_delivery) {
    const auto time = row.get_or(mapi::PR_DELIVER_TIME, mapi::FileTime{});
    const auto host = row.get_or(mapi::PR_DSN_REMOTE_MTA, "");
    return "Handed over" + (host.empty() ? std::string() : " to " + std::string(host)) + " at " +
           utc(time) + ".";
  }
  const auto outcome = mapi::outcome(row);
  return std::string(meaning(outcome ? outcome->status : EnhancedStatus{}));
}

std::string report_subject(ReportKind kind, const mapi::Message& original) {
  return std::string(text_of(kind).subject).append(original.get_or(mapi::PR_SUBJECT, ""));
}

std::string report_text(ReportKind kind, const mapi::Message& original,
                        const std::vector<mapi::Recipient>& rows, bool enclosed) {
  const bool failed = kind == ReportKind::non_delivery;
  const bool is_for_somebody_else = report_receiver(original).has_value();
  std::string text(is_for_somebody_else ? "The message" : "Your message");
  text.append(line_end).append(line_end);
  if (is_for_somebody_else)
    text.append("  From:    ").append(sender_text(original)).append(line_end);
  text.append("  Subject: ").append(original.get_or(mapi::PR_SUBJECT, "")).append(line_end);
  if (const auto submitted = original.get(mapi::PR_CLIENT_SUBMIT_TIME)) {
    text.append("  Sent:    ").append(utc(*submitted)).append(line_end);
  }
  text.append(line_end).append(text_of(kind).what).append(line_end);
  const bool has_reply = failed || kind == ReportKind::delayed;
  for (const auto& row : rows) {
    text.append(line_end).append(has_reply ? paragraph_with_reply(row) : paragraph(row));
  }
  if (failed) {
    text.append(line_end)
        .append(enclosed ? "The message is attached" : "The message is too damaged to be attached")
        .append("; nothing further is tried for ")
        .append(rows.size() == 1 ? "this recipient." : "these recipients.")
        .append(line_end)
        .append("To send it anew, first correct what the reason above names.")
        .append(line_end);
  }
  return text;
}

std::string next_attempt_text(const mapi::Message& original) {
  const auto next = original.get(mapi::PR_POSTERN_NEXT_ATTEMPT);
  if (!next) return {};
  return std::string(line_end) + "The next attempt is at " + utc(*next) +
         ". Nothing needs to be done: if the message is given up," + std::string(line_end) +
         "a report says so." + std::string(line_end);
}

}  // namespace postern::session
