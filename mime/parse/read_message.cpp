#include "mime/read_message.h"

#include <algorithm>
#include <array>
#include <optional>

#include "base/mime/header.h"
#include "base/text.h"
#include "mapi/property_tags.h"
#include "mime/octets/content_view.h"
#include "mime/parse/content_properties.h"
#include "mime/parse/header_properties.h"
#include "mime/parse/mail_part.h"
#include "mime/parse/original.h"
#include "mime/parse/report_class.h"
#include "mime/parse/text_body.h"

namespace postern::mime {
namespace {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
/// As deep as messages are composed within messages (§1.5); deeper ones are files.
constexpr unsigned deepest_message = 31;
constexpr std::size_t longest_stored_header = std::size_t{64} << 10U;

std::string header_block(const MailPart& part, const mapi::Content& mail) {
  const auto size =
      std::min<std::uint64_t>(part.content_begin - part.header_begin, longest_stored_header);
  return part_text(first_octets(mail.slice(part.header_begin, size), longest_stored_header), {})
      .text;
}

mapi::Message message_of(const MailPart& part, const Reading& reading) {
  mapi::Message message;
  message.set(mapi::PR_MESSAGE_CLASS, "IPM.Note");
  message.set(mapi::PR_MESSAGE_FLAGS, mapi::MSGFLAG_READ);
  set_header_properties(message, part, reading);
  set_content(message, part, reading);
  if (const auto report = report_class(part, reading.mail)) {
    message.set(mapi::PR_MESSAGE_CLASS, *report);
  }
  message.set(mapi::PR_TRANSPORT_MESSAGE_HEADERS, header_block(part, reading.mail));
  return message;
}

}  // namespace

void Reading::lose(mapi::Loss loss) const {
  constexpr std::size_t most = 100;
  constexpr std::string_view more = ", and more was lost or changed";
  if (losses.size() < most) {
    losses.push_back(std::move(loss));
  } else if (!losses.back().sentence.ends_with(more)) {
    losses.back().sentence += more;
  }
}

std::optional<mapi::Message> message_within(const MailPart& part, const Reading& reading) {
  if (reading.depth >= deepest_message) return std::nullopt;
  const auto octets = content_of(part, reading.mail);
  std::vector<mapi::Loss> losses;
  mapi::Message message;
  if (part.parts.size() == 1) {
    message =
        message_of(part.parts.front(), {reading.mail, reading.options, reading.depth + 1, losses});
  } else {
    // It is encoded, which no standard allows, but some write.
    message = message_of(parse_mail(octets), {octets, reading.options, reading.depth + 1, losses});
  }
  const bool is_a_journey = part.parts.size() == 1 && has_fields_of_a_journey(part.parts.front());
  if (is_a_journey && !has_blind_copies(part)) {
    message.attachments.push_back(original_message(octets));
  }
  mapi::place_in_attached_message(losses, message.get_or(mapi::PR_SUBJECT, ""));
  for (auto& loss : losses) reading.lose(std::move(loss));
  return message;
}

ReadMessage read_message(const mapi::Content& mail, const ReadOptions& options) {
  const bool is_marked = first_octets(mail, byte_order_mark.size()) == byte_order_mark;
  const auto octets =
      is_marked ? mail.slice(byte_order_mark.size(), mail.size() - byte_order_mark.size()) : mail;
  ReadMessage result;
  result.message = message_of(parse_mail(octets), {octets, options, 0, result.losses});
  return result;
}

bool begins_as_mail(std::string_view octets) {
  constexpr std::array<std::string_view, 17> names{
      "From",           "To",         "Cc",       "Bcc",          "Subject",
      "Date",           "Message-ID", "Received", "Return-Path",  "MIME-Version",
      "Content-Type",   "Sender",     "Reply-To", "Delivered-To", "X-Mozilla-Status",
      "DKIM-Signature", "In-Reply-To"};
  if (octets.starts_with(byte_order_mark)) octets.remove_prefix(byte_order_mark.size());
  bool is_first = true;
  int known = 0;
  while (!octets.empty()) {
    const auto end = std::min(octets.find_first_of("\r\n"), octets.size());
    const auto line = octets.substr(0, end);
    // The last line may be cut.
    if (line.empty() || end == octets.size()) break;
    if (is_first && is_blank(line.front())) return false;
    // Of some mails the body begins without an empty line.
    if (!is_header_line(line, is_first)) return known > 1;
    is_first = false;
    const auto name = trim(line.substr(0, line.find(':')));
    known += std::ranges::any_of(
        names, [&](std::string_view each) { return equals_ignoring_case(each, name); });
    octets.remove_prefix(end);
    octets.remove_prefix(octets.starts_with("\r\n") ? 2 : 1);
  }
  return known > 0;
}

}  // namespace postern::mime
