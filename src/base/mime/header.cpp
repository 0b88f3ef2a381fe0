#include "base/mime/header.h"

#include <cstddef>
#include <utility>

#include "base/header_field.h"
#include "base/mime/lines.h"
#include "base/text.h"

namespace postern {
namespace {

constexpr std::string_view encoding_field = "content-transfer-encoding";
constexpr std::size_t longest_shown_name = 60;

ContentTransferEncoding encoding_named(std::string_view name) {
  struct Name {
    std::string_view name;
    ContentTransferEncoding encoding;
  };
  static constexpr Name names[] = {{"7bit", ContentTransferEncoding::seven_bit},
                                   {"7-bit", ContentTransferEncoding::seven_bit},
                                   {"8bit", ContentTransferEncoding::eight_bit},
                                   {"8-bit", ContentTransferEncoding::eight_bit},
                                   {"binary", ContentTransferEncoding::binary},
                                   {"quoted-printable", ContentTransferEncoding::quoted_printable},
                                   {"base64", ContentTransferEncoding::base64}};
  for (const Name& known : names) {
    if (known.name == name) return known.encoding;
  }
  return name.empty() ? ContentTransferEncoding::none : ContentTransferEncoding::other;
}

}  // namespace

bool is_header_line(std::string_view line, bool first) {
  if (line.starts_with(' ') || line.starts_with('\t')) return true;
  if (first && (line.starts_with("From ") || line.starts_with(">From "))) return true;
  std::size_t at = 0;
  while (at < line.size() && line[at] > ' ' && line[at] <= '~' && line[at] != ':') ++at;
  if (at == 0) return false;
  at = line.find_first_not_of(" \t", at);  // RFC 5322 §4.5 has blanks before the colon
  return at != std::string_view::npos && line[at] == ':';
}

EntityHeader::EntityHeader(std::string block, Role role) : octets(std::move(block)), role_(role) {
  for (std::string_view rest = octets; !rest.empty();) {
    const HeaderFieldView field = take_header_field(rest);
    const std::string name = lower_case(field.name);
    if (!field_with_8bit && !is_ascii(field.octets)) {
      field_with_8bit = printable(name).substr(0, longest_shown_name);
    }
    read_field(name, field.body);
  }
  if (has_media_type_) return;
  media = role == Role::digest_part ? MediaType{"message", "rfc822", {}}
                                    : MediaType{"text", "plain", {}};
}

void EntityHeader::read_field(std::string_view name, std::string_view body) {
  if (name == "content-type" && !std::exchange(has_media_type_, true)) {
    media = parse_media_type(body);
  } else if (name == encoding_field && !std::exchange(has_encoding_, true)) {
    encoding = encoding_named(parse_token(body));
  } else if (name == "mime-version") {
    has_mime_version_ = true;
  } else if (name == "dkim-signature") {
    has_dkim_signature = true;
  }
}

bool EntityHeader::is_identity() const {
  return encoding != ContentTransferEncoding::quoted_printable &&
         encoding != ContentTransferEncoding::base64 && encoding != ContentTransferEncoding::other;
}

bool EntityHeader::is_multipart() const {
  return media.type == "multipart";
}

bool EntityHeader::is_closed() const {
  return octets == crlf || octets.ends_with("\r\n\r\n");
}

bool EntityHeader::is_message() const {
  return media.is("message", "rfc822") && is_identity();
}

std::string EntityHeader::with_encoding(std::string_view encoding_name) const {
  std::string line("Content-Transfer-Encoding: ");
  line.append(encoding_name).append(crlf);
  std::string block;
  bool written = false;
  for (std::string_view rest = octets; !rest.empty();) {
    const HeaderFieldView field = take_header_field(rest);
    if (field.is_empty_line()) continue;
    if (!equals_ignoring_case(field.name, encoding_field)) {
      block += field.octets;
    } else if (!std::exchange(written, true)) {
      block += line;
    }
  }
  if (!block.empty() && !block.ends_with(crlf)) block += crlf;
  if (!written) block += line;
  if (role_ == Role::message && !has_mime_version_) block += "MIME-Version: 1.0\r\n";
  return block += crlf;
}

}  // namespace postern
