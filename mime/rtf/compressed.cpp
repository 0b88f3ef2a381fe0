#include "mime/rtf/compressed.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>

namespace postern::mime {
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

constexpr std::array<std::uint32_t, 256> make_crc_table() {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t i = 0; i < table.size(); ++i) {
    std::uint32_t value = i;
    for (int bit = 0; bit < 8; ++bit) {
      value = (value & 1U) != 0 ? value >> 1U ^ 0xEDB88320U : value >> 1U;
    }
    table[i] = value;
  }
  return table;
}

/// Unlike the usual CRC-32: starts at 0 and is not inverted at the end (§4.2).
std::uint32_t checksum(Octets octets) {
  static constexpr auto table = make_crc_table();
  std::uint32_t crc = 0;
  for (const auto octet : octets) {
    crc = table[(crc ^ std::to_integer<std::uint32_t>(octet)) & 0xFFU] ^ crc >> 8U;
  }
  return crc;
}

/// The text that was written last, as a ring that references point into.
class Dictionary {
 public:
  Dictionary() { std::copy(dictionary_start.begin(), dictionary_start.end(), ring_.begin()); }

  [[nodiscard]] std::size_t write_position() const { return position_; }
  [[nodiscard]] char at(std::size_t offset) const { return ring_[offset % dictionary_size]; }
  void push(char octet) {
    ring_[position_] = octet;
    position_ = (position_ + 1) % dictionary_size;
  }

 private:
  std::array<char, dictionary_size> ring_{};
  std::size_t position_ = dictionary_start.size();
};

/// The text of an LZFu stream; nullopt if it ends before its end mark and before `size` octets
/// were made.
std::optional<std::string> expand(Octets stream, std::size_t size) {
  Dictionary dictionary;
  std::string text;
  std::size_t at = 0;
  const auto emit = [&](char octet) {
    text.push_back(octet);
    dictionary.push(octet);
  };
  while (text.size() < size) {
    if (at == stream.size()) return std::nullopt;
    auto control = std::to_integer<unsigned>(stream[at++]);
    for (int bit = 0; bit < 8 && text.size() < size; ++bit, control >>= 1U) {
      if ((control & 1U) == 0) {
        if (at == stream.size()) return std::nullopt;
        emit(static_cast<char>(stream[at++]));
        continue;
      }
      if (stream.size() - at < 2) return std::nullopt;
      const auto reference = std::to_integer<std::size_t>(stream[at]) << 8U |
                             std::to_integer<std::size_t>(stream[at + 1]);
      at += 2;
      const std::size_t offset = reference >> 4U;
      if (offset == dictionary.write_position()) return text;
      const std::size_t length = std::min((reference & 0xFU) + 2, size - text.size());
      // Octet by octet: the run may reach into what it is writing.
      for (std::size_t i = 0; i < length; ++i) emit(dictionary.at(offset + i));
    }
  }
  return text;
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
    auto text = expand(stream, limit < raw_size ? limit + 1 : raw_size);
    if (!text || text->size() > limit) return std::nullopt;
    result.rtf = std::move(*text);
    result.checksum_good = checksum(stream) == read_u32(compressed, 12);
  } else {
    return std::nullopt;
  }
  remove_tail(result.rtf);
  return result;
}

}  // namespace postern::mime
