// The header block of one MIME entity, parsed for its transfer encoding (RFC 2045 §3 to §6).
//
// The block has CRLF at each line's end and the empty line after it if there is one. Only its
// Content-Transfer-Encoding is changed, and MIME-Version added.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/mime/media_type.h"

#pragma GCC visibility push(default)
namespace postern {

enum class ContentTransferEncoding {
  none,  ///< absent, which means 7bit
  seven_bit,
  eight_bit,
  binary,
  quoted_printable,
  base64,
  other
};

/// Whether the text can be a line of a header block; the first one may also be an mbox line
/// "From ".
bool is_header_line(std::string_view line, bool first);

struct EntityHeader {
  enum class Role { message, part, digest_part };

  EntityHeader() = default;
  EntityHeader(std::string block, Role role);

  /// The block with this Content-Transfer-Encoding, in place of the old one or at the end, and with
  /// MIME-Version if the header of a message lacks it (RFC 2045 §4).
  [[nodiscard]] std::string with_encoding(std::string_view encoding) const;

  /// The content is not encoded (7bit, 8bit, binary).
  [[nodiscard]] bool is_identity() const;
  [[nodiscard]] bool is_multipart() const;
  /// The empty line is there.
  [[nodiscard]] bool is_closed() const;
  /// The content is a message with a header of its own.
  [[nodiscard]] bool is_message() const;

  std::string octets;  ///< the block as it was given
  MediaType media;     ///< the default if there is none (RFC 2045 §5.2, RFC 2046 §5.1.5)
  ContentTransferEncoding encoding = ContentTransferEncoding::none;
  bool has_dkim_signature = false;
  std::optional<std::string> field_with_8bit;  ///< the name of the first one, printable

 private:
  void read_field(std::string_view name, std::string_view body);

  Role role_ = Role::part;
  bool has_media_type_ = false;
  bool has_encoding_ = false;
  bool has_mime_version_ = false;
};

}  // namespace postern
#pragma GCC visibility pop
