// The end of the content is found where it is and nowhere else, however the octets are cut.
#include "bench/sink/dot_reader.h"

#include <string>

#include <gtest/gtest.h>

namespace postern::bench {
namespace {

constexpr std::string_view next = "RSET\r\n";

/// The octets of the message when the content comes in two blocks cut at `cut`.
std::uint64_t octets_of(const std::string& content, std::size_t cut) {
  DotReader reader;
  const std::string all = content + std::string(next);
  std::size_t taken = reader.take(std::string_view(all).substr(0, cut));
  if (taken == cut) taken += reader.take(std::string_view(all).substr(cut));
  EXPECT_TRUE(reader.finished()) << content;
  EXPECT_EQ(taken, content.size()) << content << " cut at " << cut;
  return reader.octets();
}

/// The octets of the message, the same however the content is cut.
std::uint64_t octets_of(const std::string& content) {
  const std::uint64_t whole = octets_of(content, content.size());
  for (std::size_t cut = 0; cut <= content.size(); ++cut) {
    EXPECT_EQ(octets_of(content, cut), whole) << content << " cut at " << cut;
  }
  DotReader reader;
  for (const char octet : content) EXPECT_EQ(reader.take({&octet, 1}), 1u);
  EXPECT_TRUE(reader.finished());
  EXPECT_EQ(reader.octets(), whole);
  return whole;
}

TEST(DotReader, TakesTheLoneDotForTheEnd) {
  EXPECT_EQ(octets_of("a\r\n.\r\n"), 3u);
  EXPECT_EQ(octets_of("Subject: x\r\n\r\nbody. more.\r\n.\r\n"), 27u);
}

TEST(DotReader, AnEmptyMessageIsADotAtOnce) {
  EXPECT_EQ(octets_of(".\r\n"), 0u);
}

TEST(DotReader, StuffedDotsAreNotCounted) {
  EXPECT_EQ(octets_of("..\r\n..a\r\n...\r\n.\r\n"), 11u);  // ".", ".a", ".." and their line ends
  EXPECT_EQ(octets_of("a\r\n..\r\nb\r\n.\r\n"), 9u);
}

TEST(DotReader, DotsBetweenBareLineFeedsAreContent) {
  EXPECT_EQ(octets_of("a\n.\nb\n.\r\nc\r\n.\r\n"), 12u);
  EXPECT_EQ(octets_of("a\r.\r\r.\r\n.\r\n"), 8u);
  EXPECT_EQ(octets_of("a\r\n.\nb\r\n.\r\n"), 7u);  // the dot begins a line, its end is none
}

TEST(DotReader, ADotBehindTheOneThatWasFoundStillEnds) {
  EXPECT_EQ(octets_of("a.b.c...\r\n\r\n.\r\n"), 12u);
  EXPECT_EQ(octets_of("a\r\n.\r\r\n.\r\n"), 6u);
}

}  // namespace
}  // namespace postern::bench
