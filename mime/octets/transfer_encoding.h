// Content-Transfer-Encoding: which one (mapi-to-mime.md §4.6), how big, and the octets.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "mapi/content.h"
#include "mime/octets/line_facts.h"

namespace postern::mime {

enum class TransferEncoding { seven_bit, eight_bit, quoted_printable, base64 };

/// "7bit", "8bit", "quoted-printable", "base64".
std::string_view name(TransferEncoding encoding);

/// Whether the content can be sent without encoding: ASCII, no NUL, all line ends CRLF, no line
/// over 998 octets (RFC 5322 §2.1.1). What is bigger than a MiB is not looked at.
bool can_go_unencoded(const mapi::Content& content);

/// For text whose lines are sent with CRLF: 7bit if no line is over 78 octets, else
/// quoted-printable if at most one sixth of the octets need it, else base64.
TransferEncoding text_encoding(const LineFacts& facts);

/// The size of the content in the encoding; for quoted-printable it is encoded once for that.
std::uint64_t encoded_size(const mapi::Content& content, TransferEncoding encoding);

/// The content in the encoding. The reader throws mapi::Failure(MAPI_E_CORRUPT_DATA) if the source
/// gives more or fewer octets than its size().
std::unique_ptr<mapi::ContentReader> open_encoded(const mapi::Content& content,
                                                  TransferEncoding encoding);

}  // namespace postern::mime
