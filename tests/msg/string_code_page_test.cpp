// The ladder of code pages for 8-bit strings (mapi-to-mime.md §1.3).
#include "msg/property/string_code_page.h"

#include <gtest/gtest.h>

#include "tests/msg/test_support.h"

namespace postern::msg {
namespace {

mapi::Binary octets(std::string_view hex) {
  mapi::Binary result;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    result.push_back(static_cast<std::byte>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16)));
  }
  return result;
}

/// PR_RTF_COMPRESSED in its uncompressed container.
mapi::Binary plain_rtf(std::string_view text) {
  auto rtf = octets("00000000000000004d454c4100000000");
  const auto content = test::binary(text);
  rtf.insert(rtf.end(), content.begin(), content.end());
  return rtf;
}

/// Of texts that tell nothing.
int page_of(const mapi::PropertyBag& bag) {
  return string_code_page(bag, {}, std::nullopt).page;
}

TEST(StringCodePage, TakesTheSourcesInTheirOrder) {
  mapi::PropertyBag bag;
  EXPECT_EQ(page_of(bag), 1252);
  bag.set(mapi::PR_INTERNET_CPID, 1253);
  EXPECT_EQ(page_of(bag), 1253);
  bag.set(mapi::PR_RTF_COMPRESSED, plain_rtf("{\\rtf1\\ansi\\ansicpg1250 text}"));
  EXPECT_EQ(page_of(bag), 1250);
  bag.set(mapi::PR_MESSAGE_LOCALE_ID, 1041);
  EXPECT_EQ(page_of(bag), 932);
  bag.set(mapi::PR_MESSAGE_CODEPAGE, 1251);
  EXPECT_EQ(page_of(bag), 1251);
}

TEST(StringCodePage, APageThatIsUnknownOrNotOfOctetsDoesNotCount) {
  mapi::PropertyBag bag;
  bag.set(mapi::PR_INTERNET_CPID, 1253);
  for (const int page : {0, 4, 1200, 1201, -1}) {
    bag.set(mapi::PR_MESSAGE_CODEPAGE, page);
    EXPECT_EQ(page_of(bag), 1253) << page;
  }
}

TEST(StringCodePage, WhatIsToBeSentSaysNothingUnlessItIsAWindowsPage) {
  mapi::PropertyBag bag;
  for (const int page : {65001, 50220, 28591, 20866}) {
    bag.set(mapi::PR_INTERNET_CPID, page);
    EXPECT_EQ(page_of(bag), 1252) << page;
  }
}

struct Evidence {
  int message_page, locale, internet_page;  ///< 0: absent
  std::optional<int> parent;
  const char* text;
  int page;
  bool is_guess;
};
const Evidence evidence[] = {
    {1251, 0, 0, {}, "\xD3\xE2", 1251, false},
    {0, 1049, 0, {}, "\xD3\xE2", 1251, false},
    {0, 3073, 0, {}, "\xE3\xDF", 1256, false},  // Arabic, Egypt
    {1252,
     0,
     0,
     {},
     "Gr\xC3\xBC\xC3\x9F"
     "e",
     65001,
     true},  // valid UTF-8 is UTF-8
    {65001,
     0,
     0,
     {},
     "Gr\xC3\xBC\xC3\x9F"
     "e",
     65001,
     false},
    {20127, 1049, 0, {}, "\xD3\xE2", 1251, true},  // no ASCII
    {65001, 0, 0, {}, "\xD3\xE2", 1252, true},     // no UTF-8
    {0, 0, 1251, {}, "\xD3\xE2", 1251, true},
    {0, 0, 0, 1251, "\xD3\xE2", 1251, true},
    {0, 0, 0, {}, "\xD3\xE2", 1252, true},
    {932, 0, 0, {}, "\x93\xFA\x96\x7B", 932, false},
    {932, 1041, 1251, {}, "\xFD\xFE\xFF", 1251, true},  // octets that 932 has not
    {0, 0, 1251, {}, "plain", 1251, false},
};

TEST(StringCodePage, IsOneInWhichTheTextsCanBeRead) {
  for (const auto& given : evidence) {
    mapi::PropertyBag bag;
    if (given.message_page != 0) bag.set(mapi::PR_MESSAGE_CODEPAGE, given.message_page);
    if (given.locale != 0) bag.set(mapi::PR_MESSAGE_LOCALE_ID, given.locale);
    if (given.internet_page != 0) bag.set(mapi::PR_INTERNET_CPID, given.internet_page);
    const auto found = string_code_page(bag, {"ascii", given.text}, given.parent);
    EXPECT_EQ(found.page, given.page) << given.message_page << ' ' << given.text;
    EXPECT_EQ(!found.guess.empty(), given.is_guess) << found.guess;
  }
}

TEST(RtfCodePage, IsFoundInCompressedRtf) {
  EXPECT_EQ(rtf_code_page(octets("2d0000002b0000004c5a4675f1c5c7a703000a0072637067313235423"
                                 "20af32068656c090020627705b06c647d0a800fa0")),
            1252);
}

TEST(RtfCodePage, IsNotMadeUp) {
  EXPECT_FALSE(rtf_code_page({}));
  EXPECT_FALSE(rtf_code_page(plain_rtf("{\\rtf1\\ansi text}")));
  EXPECT_FALSE(rtf_code_page(plain_rtf("{\\rtf1\\ansicpg")));
  EXPECT_FALSE(
      rtf_code_page(octets("1a0000001c0000004c5a4675e2d44b51410004205758595a0d6e7d010eb0")));
  EXPECT_FALSE(rtf_code_page(octets("000000000000000001020304000000005c616e7369637067")));
}

TEST(RtfCodePage, CompressedRtfCutShortAnywhereIsNoCrash) {
  const auto whole = octets(
      "2d0000002b0000004c5a4675f1c5c7a703000a007263706731323542320af32068656c"
      "090020627705b06c647d0a800fa0");
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const auto page = rtf_code_page(std::span(whole).first(size));
    EXPECT_TRUE(!page || *page <= 1252);
  }
}

TEST(RtfCodePage, ARunThatPointsAheadEndsTheText) {
  EXPECT_FALSE(rtf_code_page(octets("00000000000000004c5a467500000000fffff0fff0fff0")));
}

}  // namespace
}  // namespace postern::msg
