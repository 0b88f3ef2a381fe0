#include "mapi/utf.h"

#include <gtest/gtest.h>

#include "base/text.h"

namespace postern::mapi {
namespace {

TEST(Utf16, ComesBackAsItWas) {
  const std::string text = "a\xC3\xA4\xE2\x82\xAC\xF0\x9F\x93\xAE";
  EXPECT_EQ(from_utf16le(to_utf16le(text)), text);
}

TEST(Utf16, UnpairedSurrogatesAndOddOctetsAreRepaired) {
  const std::vector<std::byte> octets{std::byte{0x3D}, std::byte{0xD8}, std::byte{0x41},
                                      std::byte{0x00}, std::byte{0x42}};
  EXPECT_EQ(from_utf16le(octets),
            "\xEF\xBF\xBD"
            "A");
}

TEST(Utf8, MalformedTextIsSeenAndReplaced) {
  EXPECT_TRUE(is_utf8("gr\xC3\xBC\xC3\x9F"));
  EXPECT_FALSE(is_utf8("gr\xFC\xDF"));
  EXPECT_FALSE(is_utf8("\xED\xA0\x80"));
  EXPECT_EQ(from_utf16le(to_utf16le("x\xFFy")), "x\xEF\xBF\xBDy");
}

TEST(Ascii, CaseAndBlanks) {
  EXPECT_EQ(upper_case("smtp:a@b"), "SMTP:A@B");
  EXPECT_EQ(lower_case("A@B"), "a@b");
  EXPECT_TRUE(equals_ignoring_case("Smtp", "sMTP"));
  EXPECT_FALSE(equals_ignoring_case("smtp", "smtps"));
  EXPECT_EQ(trim(" \t a b \r\n"), "a b");
  EXPECT_EQ(trim(" \r\n"), "");
}

}  // namespace
}  // namespace postern::mapi
