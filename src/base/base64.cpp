#include "base/base64.h"

#include <algorithm>
#include <cstring>

#include <openssl/evp.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace postern {
namespace {

constexpr char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Three octets to four characters.
void encode_triple(const std::byte* octets, char* out) {
  const auto bits = std::to_integer<unsigned>(octets[0]) << 16U |
                    std::to_integer<unsigned>(octets[1]) << 8U |
                    std::to_integer<unsigned>(octets[2]);
  out[0] = alphabet[bits >> 18U];
  out[1] = alphabet[bits >> 12U & 0x3FU];
  out[2] = alphabet[bits >> 6U & 0x3FU];
  out[3] = alphabet[bits & 0x3FU];
}

#if defined(__x86_64__)

/// Twelve octets at the front of each half become sixteen characters in each half.
///
/// The shuffle gives every 32-bit lane the three octets of one group in the order 1 0 2 1; two
/// multiplications then shift the four 6-bit fields into one octet each. The characters are the
/// fields plus an offset that depends on the range the field lies in, looked up by range number.
__attribute__((target("avx2"))) __m256i encode_twice_twelve(__m256i octets) {
  const __m256i spread = _mm256_setr_epi8(1, 0, 2, 1, 4, 3, 5, 4, 7, 6, 8, 7, 10, 9, 11, 10, 1, 0,
                                          2, 1, 4, 3, 5, 4, 7, 6, 8, 7, 10, 9, 11, 10);
  const __m256i groups = _mm256_shuffle_epi8(octets, spread);
  const __m256i outer = _mm256_mulhi_epu16(_mm256_and_si256(groups, _mm256_set1_epi32(0x0FC0FC00)),
                                           _mm256_set1_epi32(0x04000040));
  const __m256i inner = _mm256_mullo_epi16(_mm256_and_si256(groups, _mm256_set1_epi32(0x003F03F0)),
                                           _mm256_set1_epi32(0x01000010));
  const __m256i fields = _mm256_or_si256(outer, inner);
  // Range numbers: 0 for a-z, 1-10 for the digits, 11 for '+', 12 for '/', 13 for A-Z.
  const __m256i above_letters = _mm256_subs_epu8(fields, _mm256_set1_epi8(51));
  const __m256i is_upper = _mm256_cmpgt_epi8(_mm256_set1_epi8(26), fields);
  const __m256i range =
      _mm256_or_si256(above_letters, _mm256_and_si256(is_upper, _mm256_set1_epi8(13)));
  constexpr char lower = 'a' - 26;
  constexpr char digit = '0' - 52;
  constexpr char plus = '+' - 62;
  constexpr char slash = '/' - 63;
  const __m256i offsets =
      _mm256_setr_epi8(lower, digit, digit, digit, digit, digit, digit, digit, digit, digit, digit,
                       plus, slash, 'A', 0, 0, lower, digit, digit, digit, digit, digit, digit,
                       digit, digit, digit, digit, plus, slash, 'A', 0, 0);
  return _mm256_add_epi8(fields, _mm256_shuffle_epi8(offsets, range));
}

__attribute__((target("avx2"))) __m128i load(const std::byte* octets) {
  return _mm_loadu_si128(reinterpret_cast<const __m128i*>(octets));
}

/// 57 octets are 24 + 24 + 9. No load or store goes beyond the line.
__attribute__((target("avx2"))) void encode_line_avx2(const std::byte* octets, char* out) {
  for (int half = 0; half < 2; ++half, octets += 24, out += 32) {
    const __m256i pair = _mm256_set_m128i(load(octets + 12), load(octets));
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(out), encode_twice_twelve(pair));
  }
  const __m128i last_nine = _mm_srli_si128(load(octets - 7), 7);
  const __m128i encoded =
      _mm256_castsi256_si128(encode_twice_twelve(_mm256_zextsi128_si256(last_nine)));
  char sixteen[16];
  _mm_storeu_si128(reinterpret_cast<__m128i*>(sixteen), encoded);
  std::memcpy(out, sixteen, 12);
  out[12] = '\r';
  out[13] = '\n';
}

__attribute__((target("avx2"))) void encode_base64_lines_avx2(const std::byte* octets,
                                                              std::size_t lines, char* out) {
  for (; lines > 0; --lines, octets += base64_octets_per_line, out += base64_line_size) {
    encode_line_avx2(octets, out);
  }
}

#endif

}  // namespace

void encode_base64_lines_plain(const std::byte* octets, std::size_t lines, char* out) {
  for (; lines > 0; --lines) {
    for (std::size_t i = 0; i < base64_octets_per_line; i += 3, octets += 3, out += 4) {
      encode_triple(octets, out);
    }
    *out++ = '\r';
    *out++ = '\n';
  }
}

Base64LineEncoder base64_line_encoder() {
#if defined(__x86_64__)
  static const Base64LineEncoder encoder =
      __builtin_cpu_supports("avx2") != 0 ? &encode_base64_lines_avx2 : &encode_base64_lines_plain;
  return encoder;
#else
  return &encode_base64_lines_plain;
#endif
}

std::string base64(std::span<const std::byte> octets) {
  std::string text((octets.size() + 2) / 3 * 4, '=');
  char* out = text.data();
  for (; octets.size() >= 3; octets = octets.subspan(3), out += 4) {
    encode_triple(octets.data(), out);
  }
  if (!octets.empty()) {
    std::byte last[3]{};
    std::memcpy(last, octets.data(), octets.size());
    char four[4];
    encode_triple(last, four);
    std::memcpy(out, four, octets.size() + 1);
  }
  return text;
}

std::string base64(std::span<const unsigned char> octets) {
  return base64(std::as_bytes(octets));
}

std::string base64(std::string_view octets) {
  return base64(std::as_bytes(std::span(octets)));
}

std::optional<std::string> base64_decoded(std::string_view text) {
  std::string out(text.size() / 4 * 3 + 3, '\0');
  const int length = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                                     reinterpret_cast<const unsigned char*>(text.data()),
                                     static_cast<int>(text.size()));
  if (length < 0) return std::nullopt;
  std::size_t padding = 0;
  while (padding < 2 && text.size() > padding && text[text.size() - 1 - padding] == '=') ++padding;
  out.resize(static_cast<std::size_t>(length) - padding);
  return out;
}

void Base64Transform::feed(std::string_view octets, std::string& out) {
  const auto append_lines = [&out](std::string_view whole_lines) {
    const auto lines = whole_lines.size() / base64_octets_per_line;
    const auto at = out.size();
    out.resize(at + lines * base64_line_size);
    base64_line_encoder()(reinterpret_cast<const std::byte*>(whole_lines.data()), lines,
                          out.data() + at);
  };
  if (!carry_.empty()) {
    const auto missing = std::min(base64_octets_per_line - carry_.size(), octets.size());
    carry_.append(octets.substr(0, missing));
    octets.remove_prefix(missing);
    if (carry_.size() < base64_octets_per_line) return;
    append_lines(carry_);
    carry_.clear();
  }
  const auto whole = octets.size() / base64_octets_per_line * base64_octets_per_line;
  append_lines(octets.substr(0, whole));
  carry_ = octets.substr(whole);
}

void Base64Transform::finish(std::string& out) {
  if (carry_.empty()) return;
  out += base64(carry_);
  out += "\r\n";
  carry_.clear();
}

}  // namespace postern
