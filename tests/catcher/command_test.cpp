#include "catcher/dialogue/command.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/text.h"
#include "catcher/parse_count.h"

namespace postern::catcher {
namespace {

using testing::Eq;
using testing::Optional;

TEST(ParsedCommand, VerbsAreTakenWithoutRegardToCaseAndBlanks) {
  const ParsedCommand command = parse_command("  mail   FROM:<a@b>  ");
  EXPECT_EQ(command.verb, "MAIL");
  EXPECT_EQ(command.argument, "FROM:<a@b>");
  EXPECT_EQ(parse_command("").verb, "");
}

TEST(ParsedCommand, PathsAreReadWithTheirParameters) {
  EXPECT_THAT(
      parse_path("FROM:<a@example.com> SIZE=12 smtputf8 ENVID=a+3Db", "FROM:"),
      Optional(Path{"a@example.com", {{"SIZE", "12"}, {"SMTPUTF8", ""}, {"ENVID", "a+3Db"}}}));
}

TEST(ParsedCommand, UnusualButValidPathsAreRead) {
  EXPECT_THAT(parse_path("FROM:<>", "FROM:"), Optional(Path{}));
  EXPECT_THAT(parse_path("from: <a@b>", "FROM:"), Optional(Path{"a@b", {}}));
  EXPECT_THAT(parse_path("TO:<@relay,@other:a@b>", "TO:"), Optional(Path{"a@b", {}}));
  EXPECT_THAT(parse_path(R"(TO:<"a >\" b"@c>)", "TO:"), Optional(Path{R"("a >\" b"@c)", {}}));
  EXPECT_THAT(parse_path("TO:<a@[IPv6:::1]>", "TO:"), Optional(Path{"a@[IPv6:::1]", {}}));
}

TEST(ParsedCommand, BrokenPathsAreNone) {
  for (const auto* argument :
       {"", "TO", "TO:", "TO:a@b", "TO:<a@b", "TO:<a b@c>", "TO:<<a@b>>", "TO:<a@b>x",
        "TO:<a@b> =x", "TO:<a@b> A_B=c", "FROM:<a@b>", "TO:<\"a@b>", "TO:<\"a\\"}) {
    EXPECT_THAT(parse_path(argument, "TO:"), Eq(std::nullopt)) << argument;
  }
}

TEST(ParsedCommand, CountsAreDigitsThatFit64Bits) {
  EXPECT_THAT(parse_count("0"), Optional(0U));
  EXPECT_THAT(parse_count("18446744073709551615"), Optional(18446744073709551615U));
  for (const auto* text : {"", "-1", "+1", " 1", "1 ", "0x1", "18446744073709551616"}) {
    EXPECT_THAT(parse_count(text), Eq(std::nullopt)) << text;
  }
}

TEST(ParsedCommand, Utf8IsJudgedByRfc3629) {
  for (const auto* text : {"", "a", "\xC3\xA4", "\xE2\x82\xAC", "\xED\x9F\xBF", "\xF0\x9F\x93\xAC",
                           "\xF4\x8F\xBF\xBF"}) {
    EXPECT_TRUE(is_utf8(text)) << text;
  }
  for (const auto* text :
       {"\xC3", "\x80", "\xC0\x80", "\xC1\xBF", "\xE0\x9F\xBF", "\xED\xA0\x80", "\xF0\x8F\xBF\xBF",
        "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xC3(", "\xE2\x82", "\xFF"}) {
    EXPECT_FALSE(is_utf8(text)) << text;
  }
}

}  // namespace
}  // namespace postern::catcher
