// A message with 8-bit text, given as a 7-bit one, for a server that does not offer 8BITMIME
// (RFC 6152 §3; RFC 2045 §6 says how).
//
// Two passes. The scan walks the MIME structure and decides for each part; the source it gives
// walks it again while it is read and writes the parts anew. Both hold one buffer and one header
// block, never the message.
//
// * A part with 8-bit octets becomes quoted-printable if it is text and not shorter in base64, else
//   base64. Content said to be `binary` becomes base64 octet for octet; in any other the line ends
//   become CRLF, as sending makes them anyway. A part that says `8bit` without need says `7bit`.
// * Parts in quoted-printable or base64 and all other 7-bit ones keep their content octet for
// octet.
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
// and structure beyond the bounds of smtp/seven_bit/mime_reader.h.
#pragma once

#include <memory>
#include <string>
#include <variant>

#include "smtp/envelope.h"

#pragma GCC visibility push(default)
namespace postern::smtp {

/// The 7-bit source, or why there cannot be one: a sentence without a full stop, fit for the report
/// on a refusal with 5.6.3.
using SevenBit = std::variant<std::unique_ptr<OctetSource>, std::string>;

/// The first pass in steps, for callers who have other things to do meanwhile, or may want to stop.
class SevenBitScan {
 public:
  /// The source outlives the scan and whatever it gives.
  explicit SevenBitScan(const OctetSource& source);
  ~SevenBitScan();

  /// Scans some 64 KiB at most (a header block: 1 MiB); false: the scan is complete. Throws what
  /// the source throws.
  bool advance();
  /// Once the scan is complete. What is given knows its size, needs neither 8BITMIME nor SMTPUTF8,
  /// and may be opened any number of times; its readers throw std::runtime_error if the source
  /// does not give the same octets again.
  SevenBit take();

 private:
  class Pass;
  std::unique_ptr<Pass> pass_;
};

/// The whole scan at once.
SevenBit seven_bit(const OctetSource& source);

}  // namespace postern::smtp
#pragma GCC visibility pop
