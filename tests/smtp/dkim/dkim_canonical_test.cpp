#include <algorithm>
#include <random>

#include <gtest/gtest.h>

#include "smtp/dkim/canonical.h"
#include "smtp/dkim/wire_lines.h"

namespace postern::smtp {
namespace {

constexpr auto simple = Canonicalization::simple;
constexpr auto relaxed = Canonicalization::relaxed;

/// Cuts the content into random pieces; whole where there is no generator.
std::string canonical_body(std::string_view content, Canonicalization canonicalization,
                           std::mt19937* random = nullptr) {
  std::string out;
  CanonicalBody body(canonicalization, [&](std::string_view octets) { out += octets; });
  WireLines lines([&](std::string_view text, bool line_ends) { body.write(text, line_ends); });
  while (!content.empty()) {
    const std::size_t piece = random != nullptr ? 1 + (*random)() % content.size() : content.size();
    lines.write(content.substr(0, piece));
    content.remove_prefix(piece);
  }
  lines.finish();
  body.finish();
  return out;
}

std::string wire_form(std::string_view content) {
  std::string out;
  WireLines lines([&](std::string_view text, bool line_ends) {
    out += text;
    if (line_ends) out += "\r\n";
  });
  lines.write(content);
  lines.finish();
  return out;
}

/// RFC 6376 §§3.4.3 and 3.4.4 as they are written: one rule after the other over the whole body.
std::string expected_body(std::string body, Canonicalization canonicalization) {
  if (canonicalization == relaxed) {
    std::replace(body.begin(), body.end(), '\t', ' ');
    const auto same_blank = [](char a, char b) { return a == ' ' && b == ' '; };
    body.erase(std::unique(body.begin(), body.end(), same_blank), body.end());
    for (std::size_t at = body.find(" \r\n"); at != std::string::npos; at = body.find(" \r\n", at))
      body.erase(at, 1);
  }
  while (body.ends_with("\r\n\r\n")) body.resize(body.size() - 2);
  if (body == "\r\n") body.clear();
  if (body.empty() && canonicalization == simple) return "\r\n";
  return body;
}

// RFC 6376 §3.4.5, examples 1 to 3.
constexpr std::string_view example_fields[] = {"A: X\r\n", "B : Y\t\r\n\tZ  \r\n"};
constexpr std::string_view example_body = " C \r\nD \t E\r\n\r\n\r\n";

TEST(DkimCanonical, RelaxedHeaderOfTheRfc) {
  EXPECT_EQ(canonical_field(example_fields[0], relaxed), "a:X\r\n");
  EXPECT_EQ(canonical_field(example_fields[1], relaxed), "b:Y Z\r\n");
}

TEST(DkimCanonical, SimpleHeaderOfTheRfc) {
  for (const auto field : example_fields) EXPECT_EQ(canonical_field(field, simple), field);
}

TEST(DkimCanonical, BodiesOfTheRfc) {
  EXPECT_EQ(canonical_body(example_body, relaxed), " C\r\nD E\r\n");
  EXPECT_EQ(canonical_body(example_body, simple), " C \r\nD \t E\r\n");
}

TEST(DkimCanonical, RelaxedHeaderKeepsAllButWhiteSpaceAndCaseOfTheName) {
  EXPECT_EQ(canonical_field("SUBJECT:  \r\n\t Gr\xC3\xBC\xC3\x9F"
                            "e:  A \r\n",
                            relaxed),
            "subject:Gr\xC3\xBC\xC3\x9F"
            "e: A\r\n");
  EXPECT_EQ(canonical_field("X-Empty:\r\n", relaxed), "x-empty:\r\n");
  EXPECT_EQ(canonical_field("X-Blank: \t\r\n \r\n", relaxed), "x-blank:\r\n");
  EXPECT_EQ(canonical_field("DKIM-Signature: v=1;\r\n b=", relaxed), "dkim-signature:v=1; b=");
}

TEST(DkimCanonical, EmptyBodyIsALineInSimpleAndNothingInRelaxed) {
  for (const auto body : {"", "\r\n", "\r\n\r\n\r\n", "\n\r"}) {
    EXPECT_EQ(canonical_body(body, simple), "\r\n");
    EXPECT_EQ(canonical_body(body, relaxed), "");
  }
  EXPECT_EQ(canonical_body(" \t\r\n \r\n", relaxed), "");
  EXPECT_EQ(canonical_body(" \t\r\n\r\n", simple), " \t\r\n");
}

TEST(DkimCanonical, AnyBodyCutAnywhereIsAsTheRulesSay) {
  std::mt19937 random(6376);
  for (int round = 0; round < 20'000; ++round) {
    std::string content;
    const std::size_t size = random() % 40;
    while (content.size() < size) content += std::string_view(" \t\r\n\r\n.x\0", 9)[random() % 9];
    for (const auto form : {simple, relaxed}) {
      ASSERT_EQ(canonical_body(content, form, &random), expected_body(wire_form(content), form))
          << "round " << round;
    }
  }
}

TEST(DkimCanonical, MillionsOfEmptyLinesAndLongLinesNeedNoMemory) {
  std::size_t octets = 0;
  std::size_t largest = 0;
  CanonicalBody body(relaxed, [&](std::string_view piece) {
    octets += piece.size();
    largest = std::max(largest, piece.size());
  });
  for (int line = 0; line < 3'000'000; ++line) body.write({}, true);
  const std::string text(10'000, 'x');
  for (int piece = 0; piece < 1000; ++piece) body.write(text, false);
  body.finish();
  EXPECT_EQ(octets, 6'000'000U + 10'000'000U + 2U);
  EXPECT_LT(largest, 64'000U);
}

TEST(DkimWireLines, AreWhatAServerGets) {
  EXPECT_EQ(wire_form("a\n.\r..b\r\n.c"), "a\r\n.\r\n..b\r\n.c\r\n");
  EXPECT_EQ(wire_form(""), "");
  EXPECT_EQ(wire_form("."), ".\r\n");
  EXPECT_EQ(wire_form("a\r\r\n"), "a\r\n\r\n");
}

}  // namespace
}  // namespace postern::smtp
