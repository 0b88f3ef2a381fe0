#include "mapi/compressed_rtf.h"

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <utility>
#include <zlib.h>

namespace postern::mapi {
namespace {

constexpr std::size_t header_size = 16;
constexpr std::uint32_t type_uncompressed = 0x414C454D;  // "MELA"
constexpr std::uint32_t type_compressed = 0x75465A4C;    // "LZFu"

constexpr std::size_t dictionary_size = 4096;
constexpr std::string_view dictionary_start =
    "{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern "
    "\\fscript \\fdecor MS Sans SerifSymbolArialTimes New RomanCourier"
    "{\\colortbl\\red0\\green0\\blue0\r\n\\par \\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx";
static_assert(dictionary_start.size() == 207);

using Octets = std::span<const std::byte>;

std::uint32_t read_u32(Octets octets, std::size_t offset) {
  std::uint32_t value = 0;
  for (std::size_t i = 4; i-- > 0;) {
    value = value << 8U | std::to_integer<std::uint32_t>(octets[offset + i]);
  }
  return value;
}

struct Expanded {
  std::string text;
  bool whole = false;  ///< up to the end mark, or as much as was asked for
};

/// A control octet and 8 references of 2 octets stand for 8 times 17.
constexpr std::size_t most_by_an_octet = 8;

/// The text of an LZFu stream, up to `size` octets. References point into a ring, of which the text
/// with the dictionary's start before it is the unrolled form.
Expanded expand(Octets stream, std::size_t size) {
  std::string text(dictionary_start);
  const auto end = text.size() + size;
  text.reserve(std::min(end, text.size() + stream.size() * most_by_an_octet));
  std::size_t at = 0;
  const auto done = [&text](bool whole) {
    text.erase(0, dictionary_start.size());
    return Expanded{std::move(text), whole};
  };
  while (text.size() < end) {
    if (at == stream.size()) return done(false);
    auto control = std::to_integer<unsigned>(stream[at++]);
    for (int bit = 0; bit < 8 && text.size() < end; ++bit, control >>= 1U) {
      if ((control & 1U) == 0) {
        if (at == stream.size()) return done(false);
        text.push_back(static_cast<char>(stream[at++]));
        continue;
      }
      if (stream.size() - at < 2) return done(false);
      const auto reference = std::to_integer<std::size_t>(stream[at]) << 8U |
                             std::to_integer<std::size_t>(stream[at + 1]);
      at += 2;
      const auto distance = (text.size() - (reference >> 4U)) % dictionary_size;
      if (distance == 0) return done(true);
      // Octet by octet: the run may reach into what it is writing.
      for (auto left = std::min((reference & 0xFU) + 2, end - text.size()); left > 0; --left) {
        text.push_back(distance > text.size() ? '\0' : text[text.size() - distance]);
      }
    }
  }
  return done(true);
}

/// Writers leave NULs and line ends after the last brace (§4.2).
void remove_tail(std::string& rtf) {
  constexpr std::string_view tail("\0\r\n", 3);
  const auto last = rtf.find_last_not_of(tail);
  if (last != std::string::npos && rtf[last] == '}') rtf.resize(last + 1);
}

}  // namespace

std::optional<DecompressedRtf> decompress_rtf(std::span<const std::byte> compressed,
                                              std::size_t limit) {
  if (compressed.size() < header_size) return std::nullopt;
  const std::size_t content_size = read_u32(compressed, 0);  // counted from the second field on
  const std::size_t raw_size = read_u32(compressed, 4);
  const auto type = read_u32(compressed, 8);
  constexpr std::size_t counted_header = header_size - 4;
  if (content_size < counted_header) return std::nullopt;
  const auto content = compressed.subspan(header_size);

  DecompressedRtf result;
  if (type == type_uncompressed) {
    // RAWSIZE alone counts: some writers leave the header out of COMPSIZE.
    const auto plain = content.first(std::min(content.size(), raw_size));
    if (plain.size() > limit) return std::nullopt;
    result.rtf.assign(reinterpret_cast<const char*>(plain.data()), plain.size());
  } else if (type == type_compressed) {
    const auto stream = content.first(std::min(content.size(), content_size - counted_header));
    // One octet more than allowed tells a text that is too long from one that just fits.
    auto [text, whole] = expand(stream, limit < raw_size ? limit + 1 : raw_size);
    if (!whole || text.size() > limit) return std::nullopt;
    result.rtf = std::move(text);
    result.checksum_good = rtf_crc(stream) == read_u32(compressed, 12);
  } else {
    return std::nullopt;
  }
  remove_tail(result.rtf);
  return result;
}

bool is_rtf_bomb(std::span<const std::byte> compressed) {
  constexpr std::size_t harmless = std::size_t{4} << 20U;
  constexpr std::size_t usual_by_an_octet = 7;
  if (compressed.size() < header_size || read_u32(compressed, 8) != type_compressed) return false;
  const auto stream_size = compressed.size() - header_size;
  const std::size_t raw_size = read_u32(compressed, 4);
  return std::min(raw_size, stream_size * most_by_an_octet) > harmless &&
         raw_size / usual_by_an_octet > stream_size;
}

std::string beginning_of_rtf(std::span<const std::byte> compressed, std::size_t size) {
  if (compressed.size() < header_size) return {};
  const auto type = read_u32(compressed, 8);
  const auto content = compressed.subspan(header_size);
  if (type == type_compressed) return expand(content, size).text;
  if (type != type_uncompressed) return {};
  return {reinterpret_cast<const char*>(content.data()), std::min(size, content.size())};
}

std::uint32_t rtf_crc(std::span<const std::byte> octets) {
  constexpr std::uint32_t inversion = 0xFFFFFFFF;
  const auto crc =
      ::crc32_z(inversion, reinterpret_cast<const Bytef*>(octets.data()), octets.size());
  return static_cast<std::uint32_t>(crc) ^ inversion;
}

}  // namespace postern::mapi
