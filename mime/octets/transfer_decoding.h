// What was encoded for transfer, decoded (RFC 2045 §6).
//
// Damage ends nothing: what is no base64 is passed over, what is no quoted-printable stays as it
// is, and so do contents in an unknown encoding.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/mime/header.h"
#include "base/octet_transform.h"
#include "mapi/content.h"

namespace postern::mime {

/// How many octets base64 holds, counted without decoding it.
class Base64Count {
 public:
  void feed(std::string_view text);
  [[nodiscard]] std::uint64_t octets() const;

 private:
  void end_run();

  std::uint64_t octets_ = 0;
  std::uint64_t digits_ = 0;
};

/// A stream of base64. Padding ends a run of digits; what follows begins another.
class Base64Decoding final : public OctetTransform {
 public:
  void feed(std::string_view text, std::string& out) override;
  void finish(std::string& out) override;

 private:
  void take(char character, std::string& out);
  void end_run(std::string& out);

  std::uint32_t bits_ = 0;
  unsigned digits_ = 0;  ///< of a group of four
};

/// A stream of quoted-printable, of text whose lines end with CRLF.
class QuotedPrintableDecoding final : public OctetTransform {
 public:
  void feed(std::string_view text, std::string& out) override;
  void finish(std::string& out) override;

 private:
  std::string line_;  ///< the beginning of one
};

/// The content without its encoding, in memory.
std::string decoded(std::string_view octets, ContentTransferEncoding encoding);

/// The content without its encoding, decoded as it is read. `size` in octets, if it is known
/// already; else the content is read once for it.
mapi::Content decoded(mapi::Content content, ContentTransferEncoding encoding,
                      std::optional<std::uint64_t> size = std::nullopt);

}  // namespace postern::mime
