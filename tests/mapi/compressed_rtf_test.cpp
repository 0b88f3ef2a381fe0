#include "mapi/compressed_rtf.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

namespace postern::mapi {
namespace {

using namespace std::string_literals;

std::string from_hex(std::string_view hex) {
  std::string octets;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    octets += static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16));
  }
  return octets;
}

std::string u32(std::size_t value) {
  std::string octets;
  for (int i = 0; i < 4; ++i) octets += static_cast<char>(value >> (8 * i) & 0xFFU);
  return octets;
}

std::string container(std::string_view type, std::size_t raw_size, std::string_view content,
                      std::size_t checksum = 0) {
  return u32(content.size() + 12) + u32(raw_size) + std::string(type) + u32(checksum) +
         std::string(content);
}

std::optional<DecompressedRtf> decompress(std::string_view octets, std::size_t limit = 256U << 20) {
  return decompress_rtf(std::as_bytes(std::span(octets)), limit);
}

// §4.2 gives both.
const std::string hello = from_hex(
    "2d0000002b0000004c5a4675f1c5c7a703000a00726370673132354232"
    "0af32068656c090020627705b06c647d0a800fa0");
const std::string overlapping =
    from_hex("1a0000001c0000004c5a4675e2d44b51410004205758595a0d6e7d010eb0");

/// Eight literals, then a reference to the write position: the end mark.
std::string literals(std::string_view text) {
  std::string stream;
  std::size_t position = 207;
  for (; text.size() >= 8; text.remove_prefix(8), position += 8) {
    stream += '\0';
    stream += text.substr(0, 8);
  }
  stream += static_cast<char>(1U << text.size());
  stream += text;
  position = (position + text.size()) % 4096;
  stream += static_cast<char>(position >> 4U);
  stream += static_cast<char>(position << 4U & 0xF0U);
  return stream;
}

TEST(RtfCompressed, ReferencesReachIntoTheDictionaryItStartsWith) {
  const auto result = decompress(hello);
  ASSERT_TRUE(result);
  EXPECT_EQ(result->rtf, "{\\rtf1\\ansi\\ansicpg1252\\pard hello world}");
  EXPECT_TRUE(result->checksum_good);
}

TEST(RtfCompressed, ReferenceMayRunIntoWhatItWrites) {
  const auto result = decompress(overlapping);
  ASSERT_TRUE(result);
  EXPECT_EQ(result->rtf, "{\\rtf1 WXYZWXYZWXYZWXYZWXYZ}");
  EXPECT_TRUE(result->checksum_good);
}

TEST(RtfCompressed, DictionaryWrapsAroundAfter4096Octets) {
  std::string text = "{\\rtf1 ";
  while (text.size() < 10000) text += "0123456789abcdefghijklmnopqrstuvwxyz";
  text += "}";
  const auto stream = literals(text);
  const auto result = decompress(container("LZFu", text.size(), stream));
  ASSERT_TRUE(result);
  EXPECT_EQ(result->rtf, text);
}

TEST(RtfCompressed, WrongChecksumIsToldAndTheTextStillGiven) {
  auto damaged = hello;
  damaged[12] = static_cast<char>(damaged[12] ^ 1);
  const auto result = decompress(damaged);
  ASSERT_TRUE(result);
  EXPECT_EQ(result->rtf, "{\\rtf1\\ansi\\ansicpg1252\\pard hello world}");
  EXPECT_FALSE(result->checksum_good);
}

TEST(RtfCompressed, ChecksumCoversThePaddingUpToCompsizeAndNothingBehind) {
  EXPECT_TRUE(decompress(hello + "behind")->checksum_good);
  auto padded = hello + "\0"s;
  padded[0] = static_cast<char>(padded[0] + 1);
  EXPECT_FALSE(decompress(padded)->checksum_good);
}

TEST(RtfCompressed, UncompressedTextIsTakenAsItIs) {
  const auto result = decompress(container("MELA", 11, "{\\rtf1 abc}"));
  ASSERT_TRUE(result);
  EXPECT_EQ(result->rtf, "{\\rtf1 abc}");
  EXPECT_TRUE(result->checksum_good);
}

TEST(RtfCompressed, UncompressedTextEndsAtRawsizeWhateverCompsizeSays) {
  auto octets = container("MELA", 11, "{\\rtf1 abc}behind");
  octets[0] = 12;
  EXPECT_EQ(decompress(octets)->rtf, "{\\rtf1 abc}");
  EXPECT_EQ(decompress(container("MELA", 5000, "{\\rtf1 abc}"))->rtf, "{\\rtf1 abc}");
}

TEST(RtfCompressed, NulsAndLineEndsBehindTheLastBraceAreRemoved) {
  EXPECT_EQ(decompress(container("MELA", 100, "{\\rtf1 a}\r\n\0\0"s))->rtf, "{\\rtf1 a}");
  EXPECT_EQ(decompress(container("MELA", 100, "no brace\r\n"s))->rtf, "no brace\r\n");
}

TEST(RtfCompressed, TextOfExactlyRawsizeNeedsNoEndMark) {
  const auto stream = "\0{\\rtf1 }"s;
  EXPECT_EQ(decompress(container("LZFu", 8, stream))->rtf, "{\\rtf1 }");
  EXPECT_FALSE(decompress(container("LZFu", 9, stream)));
}

TEST(RtfCompressed, OutputIsBoundedByRawsize) {
  auto octets = hello;
  octets[4] = 6;
  EXPECT_EQ(decompress(octets)->rtf, "{\\rtf1");
}

TEST(RtfCompressed, HostileRawsizeAllocatesNothing) {
  auto octets = hello;
  for (int i = 4; i < 8; ++i) octets[static_cast<std::size_t>(i)] = '\xFF';
  const auto result = decompress(octets);
  ASSERT_TRUE(result);
  EXPECT_LT(result->rtf.capacity(), 4096U);
}

TEST(RtfCompressed, TextBeyondTheLimitIsRefusedAndAtTheLimitGiven) {
  const std::size_t size = 28;
  EXPECT_EQ(decompress(overlapping, size)->rtf.size(), size);
  EXPECT_FALSE(decompress(overlapping, size - 1));
  EXPECT_EQ(decompress(container("MELA", 11, "{\\rtf1 abc}"), 11)->rtf.size(), 11U);
  EXPECT_FALSE(decompress(container("MELA", 11, "{\\rtf1 abc}"), 10));
}

TEST(RtfCompressed, ExpansionBombStopsAtTheLimit) {
  // Each reference makes 16 octets, from an odd position: it never comes to 0, the end mark here.
  std::string stream;
  for (int i = 0; i < 50000; ++i) {
    stream += '\xFF';
    for (int reference = 0; reference < 8; ++reference) stream += "\x00\x0E"s;
  }
  const auto bomb = container("LZFu", 0xFFFFFFFF, stream);
  EXPECT_FALSE(decompress(bomb, 1U << 20));
}

TEST(RtfCompressed, TruncatedAtEveryOctetOfTheTextIsCorrupt) {
  const auto end_mark = hello.size() - 2;
  for (std::size_t size = 0; size < end_mark; ++size) {
    EXPECT_FALSE(decompress(std::string_view(hello).substr(0, size))) << size;
  }
}

TEST(RtfCompressed, TruncatedInTheEndMarkIsToldByTheChecksumOnly) {
  for (const std::size_t cut : {1U, 2U}) {
    const auto result = decompress(std::string_view(hello).substr(0, hello.size() - cut));
    ASSERT_TRUE(result);
    EXPECT_EQ(result->rtf, "{\\rtf1\\ansi\\ansicpg1252\\pard hello world}");
    EXPECT_FALSE(result->checksum_good);
  }
}

TEST(RtfCompressed, OtherContainersAreCorrupt) {
  EXPECT_FALSE(decompress(""));
  EXPECT_FALSE(decompress(container("LZFU", 1, "abc")));
  EXPECT_FALSE(decompress("{\\rtf1 not in a container at all}"));
  auto too_small = hello;
  too_small[0] = 11;
  EXPECT_FALSE(decompress(too_small));
}

TEST(RtfCompressed, TellsABombByWhatItClaimsAndCanKeep) {
  const auto is_bomb = [](std::size_t raw_size, std::size_t stored) {
    const auto octets = container("LZFu", raw_size, std::string(stored, '\xFF'));
    return is_rtf_bomb(std::as_bytes(std::span(octets)));
  };
  EXPECT_TRUE(is_bomb(8'000'000, 1'000'000));
  EXPECT_FALSE(is_bomb(6'900'000, 1'000'000));
  EXPECT_FALSE(is_bomb(4'000'000, 500'000));   // not so much
  EXPECT_FALSE(is_bomb(0xFFFFFFFF, 400'000));  // a wrong field
  EXPECT_FALSE(is_rtf_bomb({}));
}

}  // namespace
}  // namespace postern::mapi
