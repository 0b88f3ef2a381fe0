#include "mime/report/bounce_text.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "base/text.h"
#include "mime/report/field_value.h"

namespace postern::mime {
namespace {

/// What stands before the copy of the message.
constexpr std::array<std::string_view, 3> copy_marks{"--- Below this line is a copy of the message",
                                                     "------ This is a copy of",
                                                     "----- Original message -----"};

/// Takes a line off the text, without blanks at its end.
std::string_view take_line(std::string_view& text) {
  const auto end = text.find('\n');
  auto line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return line.substr(0, line.find_last_not_of(" \t\r") + 1);
}

/// Takes a paragraph: lines up to an empty one.
std::string_view take_paragraph(std::string_view& text) {
  const auto* begin = text.data();
  std::size_t size = 0;
  while (!text.empty()) {
    const auto before = text.size();
    const auto line = take_line(text);
    if (line.empty() && size > 0) break;
    if (line.empty()) {
      begin = text.data();
    } else {
      size += before - text.size();
    }
  }
  return {begin, size};
}

/// "(#5.1.1)", as qmail writes it, or the one behind "said: 550 ".
EnhancedStatus status_in(std::string_view reason) {
  constexpr std::string_view said = " said: ";
  constexpr std::size_t code_size = 4;
  std::string_view rest;
  if (const auto mark = reason.find("(#"); mark != std::string_view::npos) {
    rest = reason.substr(mark + 2);
  } else if (const auto at = reason.find(said); at != std::string_view::npos) {
    rest = reason.substr(std::min(at + said.size() + code_size, reason.size()));
  }
  return EnhancedStatus::parse(rest.substr(0, rest.find_first_of(" )"))).value_or(EnhancedStatus{});
}

/// The lines of a paragraph as one.
std::string joined(std::string_view paragraph) {
  std::string text;
  while (!paragraph.empty()) {
    const auto line = trim(take_line(paragraph));
    if (!text.empty() && !line.empty()) text += ' ';
    text += line;
  }
  return printable(text);
}

/// A paragraph about a recipient begins with "<address>:" alone on its line.
bool read_recipient(std::string_view paragraph, mapi::ReturnedReport& report) {
  const auto line = take_line(paragraph);
  if (!line.starts_with('<') || !line.ends_with(">:")) return false;
  auto& recipient = report.recipients.emplace_back();
  recipient.address = recipient_address(line.substr(0, line.size() - 1));
  recipient.action = "failed";
  recipient.diagnostic = joined(paragraph);
  recipient.status = status_in(recipient.diagnostic);
  return true;
}

bool read_qsbmf(std::string_view text, mapi::ReturnedReport& report) {
  if (!take_paragraph(text).starts_with("Hi. This is the")) return false;
  while (!text.empty()) {
    const auto paragraph = take_paragraph(text);
    if (paragraph.starts_with('-')) break;
    read_recipient(paragraph, report);
  }
  return !report.recipients.empty();
}

bool read_failed_recipients(const HeaderBlock& header, mapi::ReturnedReport& report) {
  for (const auto& field : header.fields) {
    if (!equals_ignoring_case(field.name, "X-Failed-Recipients")) continue;
    for (std::string_view list = field.value; !list.empty();) {
      const auto comma = std::min(list.find(','), list.size());
      auto address = recipient_address(trim(list.substr(0, comma)));
      if (address.find('@') != std::string::npos) {
        report.recipients.push_back({.address = std::move(address), .action = "failed"});
      }
      list.remove_prefix(std::min(comma + 1, list.size()));
    }
  }
  return !report.recipients.empty();
}

/// The Message-ID in the copy of the message.
std::string copied_message_id(std::string_view text) {
  while (!text.empty()) {
    const auto line = take_line(text);
    const auto is_mark = [line](std::string_view mark) { return line.starts_with(mark); };
    if (std::none_of(copy_marks.begin(), copy_marks.end(), is_mark)) continue;
    const auto header = parse_header_block(take_paragraph(text));
    const auto* field = find_field(header, "Message-ID");
    return field == nullptr ? std::string() : message_id_in(field->value);
  }
  return {};
}

}  // namespace

void read_bounce_text(const HeaderBlock& header, std::string_view text,
                      mapi::ReturnedReport& report) {
  if (!read_qsbmf(text, report) && !read_failed_recipients(header, report)) return;
  report.kind = mapi::ReturnedKind::delivery;
  if (report.original_message_id.empty()) report.original_message_id = copied_message_id(text);
}

}  // namespace postern::mime
