#include "tests/smtp/seven_bit/seven_bit_meaning.h"

#include <cstdint>
#include <string_view>

#include "base/mime/mime_reader.h"
#include "base/text.h"

namespace postern::smtp::test {
namespace {

std::string with_crlf(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '\n' && at > 0 && text[at - 1] == '\r') continue;
    out += text[at] == '\r' || text[at] == '\n' ? "\r\n" : std::string(1, text[at]);
  }
  return out;
}

/// RFC 2045 §6.7; what is malformed stays as it stands.
std::string decoded_quoted_printable(std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const std::string_view rest = text.substr(at);
    const std::size_t high = rest.size() > 2 ? digits.find(rest[1]) : std::string_view::npos;
    const std::size_t low = rest.size() > 2 ? digits.find(rest[2]) : std::string_view::npos;
    if (rest.starts_with("=\r\n")) {
      at += 2;
    } else if (rest.front() == '=' && high < digits.size() && low < digits.size()) {
      out += static_cast<char>(high * digits.size() + low);
      at += 2;
    } else {
      out += rest.front();
    }
  }
  return out;
}

/// RFC 2045 §6.8: what is not in the alphabet is passed over.
std::string decoded_base64(std::string_view text) {
  constexpr std::string_view alphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  std::uint32_t bits = 0;
  int count = 0;
  for (const char c : text) {
    const std::size_t value = alphabet.find(c);
    if (value == std::string_view::npos) continue;
    bits = bits << 6U | static_cast<std::uint32_t>(value);
    count += 6;
    if (count < 8) continue;
    count -= 8;
    out += static_cast<char>(bits >> static_cast<unsigned>(count) & 0xFFU);
  }
  return out;
}

/// What cannot have been replaced.
std::string decoded_filler(std::string_view octets) {
  std::string out;
  for (const char c : octets) {
    if (c != '-' && c != '?' && (c & '\x80') == 0) out += c;
  }
  return out;
}

std::string decoded_content(const std::string& content, ContentTransferEncoding encoding) {
  if (encoding == ContentTransferEncoding::base64) return decoded_base64(content);
  if (encoding == ContentTransferEncoding::quoted_printable)
    return decoded_quoted_printable(content);
  return encoding == ContentTransferEncoding::binary ? content : with_crlf(content);
}

/// The header without the fields that may be added or changed.
std::string decoded_header(std::string_view block) {
  std::string out;
  bool kept = true;
  while (!block.empty()) {
    const std::size_t end = block.find("\r\n");
    const std::string line = lower_case(block.substr(0, end));
    block.remove_prefix(end == std::string_view::npos ? block.size() : end + 2);
    if (line.empty()) break;
    if (line.front() != ' ' && line.front() != '\t') {
      const std::string_view name = std::string_view(line).substr(0, line.find_first_of(" \t:"));
      kept = name != "content-transfer-encoding" && name != "mime-version";
    }
    if (kept) out += line + "\n";
  }
  return out;
}

}  // namespace

std::string meaning(const OctetSource& source) {
  MimeReader walk(source.open());
  std::string text;
  std::string content;
  for (;;) {
    const MimeEvent event = walk.next();
    switch (event.kind) {
      case MimeEvent::Kind::header:
        text += "<header " + decoded_header(event.octets) + ">";
        break;
      case MimeEvent::Kind::content:
        content += event.octets;
        break;
      case MimeEvent::Kind::content_end:
        text += "<content " + decoded_content(content, walk.entity().encoding) + ">";
        content.clear();
        break;
      case MimeEvent::Kind::filler:
        text += decoded_filler(event.octets);
        break;
      case MimeEvent::Kind::delimiter:
        text += event.octets;
        break;
      case MimeEvent::Kind::refused:
      case MimeEvent::Kind::end:
        return text + std::string(event.octets);
    }
  }
}

}  // namespace postern::smtp::test
