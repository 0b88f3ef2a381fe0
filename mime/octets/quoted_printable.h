// Quoted-printable (RFC 2045 §6.7) of text whose lines end with CRLF.
//
// Encoded lines hold at most 76 characters. Beyond what the RFC asks, "From " at the start of a
// line and a line that is a lone "." are protected (mapi-to-mime.md §4.6).
#pragma once

#include "mime/octets/octet_transform.h"

namespace postern::mime {

class QuotedPrintable final : public OctetTransform {
 public:
  void feed(std::string_view octets, std::string& out) override;
  void finish(std::string& out) override;

 private:
  void encode_first(std::string_view rest, std::string& out);

  std::string carry_;  ///< octets whose encoding depends on what follows
  std::size_t column_ = 0;
};

}  // namespace postern::mime
