// Base64 (RFC 4648 §4) in lines of 76 characters ended by CRLF (RFC 2045 §6.8), and unbroken for
// header values and SASL.
//
// Whole lines go through AVX2 where the processor has it; the plain encoder gives the same octets.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/octet_transform.h"

#pragma GCC visibility push(default)
namespace postern {

/// The sizes of a whole line: RFC 2045 §6.8 allows 76 characters.
inline constexpr std::size_t base64_octets_per_line = 57;
inline constexpr std::size_t base64_line_size = 78;  ///< with CRLF

/// The size of so many octets in base64, every line ended by CRLF.
constexpr std::uint64_t base64_size(std::uint64_t octets) {
  const auto rest = octets % base64_octets_per_line;
  return octets / base64_octets_per_line * base64_line_size +
         (rest == 0 ? 0 : (rest + 2) / 3 * 4 + 2);
}

/// Encodes `lines` whole lines: reads 57 octets and writes 78 characters for each.
using Base64LineEncoder = void (*)(const std::byte* octets, std::size_t lines, char* out);
void encode_base64_lines_plain(const std::byte* octets, std::size_t lines, char* out);
/// The fastest encoder this processor can run.
Base64LineEncoder base64_line_encoder();

/// Unbroken base64 with padding.
std::string base64(std::span<const std::byte> octets);
std::string base64(std::span<const unsigned char> octets);
std::string base64(std::string_view octets);
/// Returns nullopt if the text is no base64 with padding.
std::optional<std::string> base64_decoded(std::string_view text);

/// Encodes a stream of octets into lines, the last of which is ended too.
class Base64Transform final : public OctetTransform {
 public:
  void feed(std::string_view octets, std::string& out) override;
  void finish(std::string& out) override;

 private:
  std::string carry_;  ///< less than a line
};

}  // namespace postern
#pragma GCC visibility pop
