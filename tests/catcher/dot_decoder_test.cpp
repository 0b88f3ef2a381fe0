#include "catcher/dialogue/dot_decoder.h"

#include <string>

#include <gtest/gtest.h>

namespace postern::catcher {
namespace {

struct Decoded {
  std::string content;
  std::string left;
  bool ended;
};

Decoded decode_in_blocks(std::string_view wire, std::size_t block) {
  DotDecoder decoder;
  Decoded decoded{};
  std::size_t position = 0;
  while (position < wire.size() && !decoder.ended()) {
    position += decoder.decode(wire.substr(position, block),
                               [&](std::string_view octets) { decoded.content += octets; });
  }
  decoded.left = wire.substr(position);
  decoded.ended = decoder.ended();
  return decoded;
}

struct DecodedCase {
  const char* what;
  std::string_view wire;
  std::string_view content;
  std::string_view left;
};

using namespace std::string_view_literals;

const DecodedCase cases[] = {
    {"an empty message", ".\r\n", "", ""},
    {"a line and the next command", "a\r\n.\r\nQUIT\r\n", "a\r\n", "QUIT\r\n"},
    {"a stuffed dot", "..\r\n.\r\n", ".\r\n", ""},
    {"a stuffed dot before text", "x\r\n..y\r\n.\r\n", "x\r\n.y\r\n", ""},
    {"a dot the client forgot to stuff", ".y\r\n.\r\n", "y\r\n", ""},
    {"bare LF around a dot", "a\n.\nb\r\n.\r\n", "a\n.\nb\r\n", ""},
    {"bare CR around a dot", "a\r.\rb\r\n.\r\n", "a\r.\rb\r\n", ""},
    {"LF dot CRLF", "a\n.\r\nb\r\n.\r\n", "a\n.\r\nb\r\n", ""},
    {"CRLF dot LF", "a\r\n.\nb\r\n.\r\n", "a\r\n\nb\r\n", ""},
    {"CRLF dot CR", "a\r\n.\rb\r\n.\r\n", "a\r\n\rb\r\n", ""},
    {"CRLF dot CR CR LF", "a\r\n.\r\r\n.\r\n", "a\r\n\r\r\n", ""},
    {"CR CRLF", "a\r\r\n.\r\n", "a\r\r\n", ""},
    {"NUL and 8-bit octets", "\0\xFF\r\n.\r\n"sv, "\0\xFF\r\n"sv, ""},
    {"dots within lines", "a.b..c\r\n.\r\n", "a.b..c\r\n", ""},
};

TEST(DotDecoder, GivesTheSameContentHoweverTheBlocksAreCut) {
  for (const DecodedCase& expected : cases) {
    for (std::size_t block = 1; block <= expected.wire.size(); ++block) {
      SCOPED_TRACE(std::string(expected.what) + ", blocks of " + std::to_string(block));
      const Decoded decoded = decode_in_blocks(expected.wire, block);
      EXPECT_TRUE(decoded.ended);
      EXPECT_EQ(decoded.content, expected.content);
      EXPECT_EQ(decoded.left, expected.left);
    }
  }
}

TEST(DotDecoder, DoesNotEndBeforeTheWholeLineOfTheDot) {
  for (const std::string_view wire : {"a\r\n.\r", "a\r\n.", "a\r\n", "a\r\n..\r\n"}) {
    EXPECT_FALSE(decode_in_blocks(wire, wire.size()).ended) << wire;
  }
}

}  // namespace
}  // namespace postern::catcher
