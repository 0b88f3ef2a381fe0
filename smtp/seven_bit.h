// Converts a message with 8-bit text into a 7-bit one, for a server that does not offer 8BITMIME
// (RFC 6152 §3; RFC 2045 §6 says how).
//
// Two passes. The scan walks the MIME structure and decides for each part; the source it returns
// walks it again while it is read and writes the parts anew. Both hold one buffer and one header
// block, never the message.
//
// * A part with 8-bit octets becomes quoted-printable if it is text and not shorter in base64, else
//   base64. Content said to be `binary` becomes base64 octet for octet; in any other the line ends
//   become CRLF, as sending makes them anyway. A part that says `8bit` without need says `7bit`.
// * Parts in quoted-printable or base64 and all other 7-bit ones keep their content unchanged.
// * Embedded messages are walked into, since they must not be encoded as a whole (RFC 2046
//   §5.2.1); they and multiparts that say `8bit` or `binary` say `7bit` afterwards.
// * 8-bit octets of a preamble or epilogue, which no reader shows, become '?'.
// * A message without any 8-bit octet is given as it is.
//
// Refused, each with its reason, is what cannot become 7-bit without harm: 8-bit octets
// * in a header field, where only RFC 2047 could help and only its writer knows how;
// * in what multipart/signed covers, in application/pkcs7-mime, in message/partial and
//   message/external-body (RFC 2046 §5.2.2.1, §5.2.3);
// * in content said to be in quoted-printable, base64 or an encoding unknown here;
// * in a multipart none of whose delimiters appears: all of it would be preamble;
// * anywhere, if the message's header has a DKIM-Signature, which would be broken (RFC 6376 §5.3
//   has signers make the message 7-bit first; a receiver may think worse of a broken signature
//   than of none);
// and structure beyond the bounds of base/mime/mime_reader.h.
//
// Errors: a message that cannot be converted is a value (SevenBit); the source's own exceptions
// pass through. One scan is used on one thread at a time.
#pragma once

#include <memory>
#include <string>
#include <variant>

#include "smtp/envelope.h"

#pragma GCC visibility push(default)
namespace postern::smtp {

/// The 7-bit source, or why there is none: a sentence without a full stop, for the report on a
/// refusal with 5.6.3.
using SevenBit = std::variant<std::unique_ptr<OctetSource>, std::string>;

/// The first pass in steps, for callers that do other work in between or may want to stop.
class SevenBitScan {
 public:
  /// The source must outlive the scan and its result.
  explicit SevenBitScan(const OctetSource& source);
  ~SevenBitScan();

  /// Scans about 64 KiB at most (a header block: 1 MiB); returns false once the scan is complete.
  /// Throws what the source throws.
  bool advance();
  /// Once the scan is complete. The 7-bit source knows its size, needs neither 8BITMIME nor
  /// SMTPUTF8, and may be opened any number of times; its readers throw std::runtime_error if the
  /// original does not give the same octets again.
  SevenBit take();

 private:
  class Pass;
  std::unique_ptr<Pass> pass_;
};

/// The whole scan at once.
SevenBit seven_bit(const OctetSource& source);

}  // namespace postern::smtp
#pragma GCC visibility pop
