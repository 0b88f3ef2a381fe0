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

TEST(StringCodePage, TakesTheSourcesInTheirOrder) {
  mapi::PropertyBag bag;
  EXPECT_EQ(string_code_page(bag), 1252);
  bag.set(mapi::PR_INTERNET_CPID, 1253);
  EXPECT_EQ(string_code_page(bag), 1253);
  bag.set(mapi::PR_RTF_COMPRESSED, plain_rtf("{\\rtf1\\ansi\\ansicpg1250 text}"));
  EXPECT_EQ(string_code_page(bag), 1250);
  bag.set(mapi::PR_MESSAGE_LOCALE_ID, 1041);
  EXPECT_EQ(string_code_page(bag), 932);
  bag.set(mapi::PR_MESSAGE_CODEPAGE, 1251);
  EXPECT_EQ(string_code_page(bag), 1251);
}

TEST(StringCodePage, APageThatIsUnknownOrNotOfOctetsDoesNotCount) {
  mapi::PropertyBag bag;
  bag.set(mapi::PR_INTERNET_CPID, 1253);
  for (const int page : {0, 4, 1200, 1201, -1}) {
    bag.set(mapi::PR_MESSAGE_CODEPAGE, page);
    EXPECT_EQ(string_code_page(bag), 1253) << page;
  }
}

TEST(StringCodePage, WhatIsToBeSentSaysNothingUnlessItIsAWindowsPage) {
  mapi::PropertyBag bag;
  for (const int page : {65001, 50220, 28591, 20866}) {
    bag.set(mapi::PR_INTERNET_CPID, page);
    EXPECT_EQ(string_code_page(bag), 1252) << page;
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
