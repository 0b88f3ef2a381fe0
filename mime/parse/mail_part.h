// The parts of a mail (RFC 2045, RFC 2046), and where their content lies in it.
//
// The tree is what base/mime/mime_reader.h sees: damage is read as far as it goes. A header is held
// in memory, a content never.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/mime/header.h"
#include "mapi/content.h"
#include "mime/header_field.h"
#include "mime/parse/header_values.h"

namespace postern::mime {

struct MailPart {
  std::vector<HeaderField> fields;  ///< unfolded, otherwise as they came
  ParameterizedValue type;          ///< the default if there is none
  std::optional<ParameterizedValue> disposition;
  ContentTransferEncoding encoding = ContentTransferEncoding::none;
  std::uint64_t header_begin = 0;  ///< in the mail, as the next two
  std::uint64_t content_begin = 0;
  std::uint64_t content_end = 0;
  std::uint64_t base64_octets = 0;  ///< those that base64 holds
  std::vector<MailPart> parts;      ///< of a multipart, or the one message of message/rfc822

  [[nodiscard]] bool is(std::string_view media_type) const { return type.value == media_type; }
  [[nodiscard]] bool is_multipart() const { return type.value.starts_with("multipart/"); }
  /// The first field of that name, compared without case; empty if there is none.
  [[nodiscard]] std::string_view field(std::string_view name) const;
  /// The file name that the disposition or the type names; empty if there is none.
  [[nodiscard]] std::string_view file_name() const;
};

/// Throws mapi::Failure(MAPI_E_TOO_COMPLEX), one sentence, if there are too many parts, or too much
/// header, or too deep a nesting; and what reading the mail throws.
MailPart parse_mail(const mapi::Content& mail);

/// Whether a message below the part has a Bcc field.
bool has_blind_copies(const MailPart& part);
/// Whether a leaf of it is in binary, whose line ends are data.
bool has_binary_part(const MailPart& part);

/// The content of a leaf, without its transfer encoding.
mapi::Content content_of(const MailPart& part, const mapi::Content& mail);

}  // namespace postern::mime
