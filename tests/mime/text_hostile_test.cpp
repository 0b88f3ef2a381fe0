// Whatever comes in, the readers of RTF and HTML end, soon, with well-formed text. Meant to be run
// under AddressSanitizer and UndefinedBehaviorSanitizer; the seeds are fixed.
#include <array>
#include <ctime>
#include <random>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "base/text.h"
#include "mapi/compressed_rtf.h"
#include "mime/html/html.h"
#include "mime/rtf/body.h"

namespace postern::mime {
namespace {

using namespace std::string_literals;
using Random = std::mt19937;

std::size_t below(Random& random, std::size_t bound) {
  return std::uniform_int_distribution<std::size_t>(0, bound - 1)(random);
}

/// A few octets changed, pieces removed, doubled, or replaced by one of `pieces`.
template <class Pieces>
std::string mutated(std::string text, const Pieces& pieces, Random& random) {
  for (auto changes = 1 + below(random, 8); changes > 0; --changes) {
    const auto at = below(random, text.size() + 1);
    const auto length = std::min(below(random, 12), text.size() - at);
    switch (below(random, 4)) {
      case 0:
        text.replace(at, length, 1, static_cast<char>(below(random, 256)));
        break;
      case 1:
        text.erase(at, length);
        break;
      case 2:
        text.insert(at, text.substr(at, length));
        break;
      default:
        text.insert(at, pieces[below(random, pieces.size())]);
        break;
    }
  }
  return text;
}

std::string repeated(std::string_view piece, std::size_t count) {
  std::string text;
  text.reserve(piece.size() * count);
  for (std::size_t i = 0; i < count; ++i) text += piece;
  return text;
}

const std::string rtf_sample =
    "{\\rtf1\\ansi\\ansicpg932\\fromhtml1 \\deff0{\\fonttbl{\\f0\\fcharset0 Arial;}"
    "{\\f4\\fcharset128 x;}{\\f5\\cpg1361 y;}}{\\colortbl;\\red1;}\\uc1\\pard\\plain\\f0 "
    "{\\*\\htmltag64 <p title=\"\\'93\\'fa\">}\\htmlrtf{\\b\\htmlrtf0 a\\f4\\'93\\'faR\\'83R"
    "\\u-10179 ?\\u-8694 ?\\htmlrtf\\par}\\htmlrtf0{\\*\\mhtmltag x}{\\field{\\*\\fldinst"
    "{HYPERLINK \"http://a/\"}}{\\fldrslt b}}\\trowd c\\cell d\\cell\\row{\\listtext\\f2\\'b7\\tab}"
    "{\\object{\\result e}}{\\upr{f}{\\*\\ud g}}{\\pict\\bin4 }{}{}h\\par}";

TEST(HostileRtf, MutationsGiveWellFormedText) {
  constexpr std::array<std::string_view, 20> pieces{"{",
                                                    "}",
                                                    "\\",
                                                    "\\*",
                                                    "\\u",
                                                    "\\u-1",
                                                    "\\uc",
                                                    "\\uc-3",
                                                    "\\bin",
                                                    "\\bin99",
                                                    "\\bin-2147483648",
                                                    "\\'",
                                                    "\\'f",
                                                    "\\f4",
                                                    "\\htmlrtf ",
                                                    "\\htmlrtf0 ",
                                                    "{\\*\\htmltag ",
                                                    "\\field",
                                                    "\\fldrslt",
                                                    "\\ansicpg65000"};
  Random random(20240501);  // NOLINT(cert-msc51-cpp): the same every time
  for (int round = 0; round < 3000; ++round) {
    auto rtf = mutated(rtf_sample, pieces, random);
    for (const std::string_view kind : {"\\fromhtml1", "\\fromtext", "\\fromnone"}) {
      if (const auto at = rtf.find("\\fromhtml1"); at != std::string::npos) {
        rtf.replace(at, 10, kind);
      }
      EXPECT_TRUE(is_utf8(text_from_rtf(rtf))) << rtf;
      EXPECT_TRUE(is_utf8(html_from_rtf(rtf))) << rtf;
    }
  }
}

TEST(HostileRtf, TruncatedAnywhereItIsStillRead) {
  for (std::size_t size = 0; size <= rtf_sample.size(); ++size) {
    const auto rtf = rtf_sample.substr(0, size);
    EXPECT_TRUE(is_utf8(html_from_rtf(rtf))) << size;
    EXPECT_TRUE(is_utf8(text_from_rtf(rtf))) << size;
  }
}

TEST(HostileRtf, DeepNestingNeedsNoStack) {
  const auto bomb = "{\\rtf1 " + repeated("{", 300000) + "x" + repeated("}", 300000) + "y}";
  EXPECT_EQ(text_from_rtf(bomb), "xy");
  EXPECT_EQ(html_from_rtf(bomb), "xy");
}

TEST(HostileRtf, StateOfGroupsBelowTheDepthLimitComesBackBehindThem) {
  const auto rtf = "{\\rtf1\\ansi{\\htmlrtf " + repeated("{", 5000) + "\\htmlrtf0 " +
                   repeated("}", 5000) + "hidden}seen}";
  EXPECT_EQ(text_from_rtf(rtf).substr(text_from_rtf(rtf).size() - 4), "seen");
}

TEST(HostileRtf, EndlessFieldsFontsAndSurrogatesAreLinear) {
  const std::size_t count = 50000;
  EXPECT_FALSE(
      text_from_rtf("{\\rtf1 " + repeated("{\\field{\\*\\fldinst HYPERLINK a}{\\fldrslt x", count))
          .empty());
  EXPECT_EQ(text_from_rtf("{\\rtf1 " + repeated("\\u-10179 ?", count) + "}").size(), 3 * count);
  std::string many_fonts = "{\\rtf1{\\fonttbl";
  for (std::size_t i = 0; i < count; ++i)
    many_fonts += "{\\f" + std::to_string(i * 13) + "\\fcharset204 x;}";
  EXPECT_EQ(text_from_rtf(many_fonts + "}\\f1300\\'e6}"), "ж");
  EXPECT_EQ(text_from_rtf("{\\rtf1 " + repeated("\\cell", count) + "}"), "");
  EXPECT_EQ(text_from_rtf("{\\rtf1" + repeated("\\uc2147483647\\u8364 ?", count) + "}").size(),
            3 * count);
}

TEST(HostileRtf, AlternatingPagesAreDecodedRunByRun) {
  const auto rtf = "{\\rtf1\\ansi{\\fonttbl{\\f1\\fcharset204 a;}{\\f2\\fcharset128 b;}}" +
                   repeated("\\f1\\'e6\\f2\\'93\\'fa", 20000) + "}";
  EXPECT_EQ(text_from_rtf(rtf), repeated("ж日", 20000));
}

TEST(HostileCompressedRtf, MutationsAndNoiseAreReadOrRefusedWithinTheBounds) {
  const auto sample =
      "\x2d\0\0\0\x2b\0\0\0LZFu\xf1\xc5\xc7\xa7\x03\0\x0a\0rcpg1252\x12\x0a\xf3\x20hel\x09\0\x20"
      "bw\x05\xb0ld}\x0a\x80\x0f\xa0"s;
  constexpr std::array<std::string_view, 4> pieces{"\xff\xff", "MELA", "\x0f\xff", "LZFu"};
  Random random(19990101);  // NOLINT(cert-msc51-cpp): the same every time
  constexpr std::size_t limit = 10000;
  int read = 0;
  for (int round = 0; round < 20000; ++round) {
    auto octets = mutated(sample, pieces, random);
    if (round % 2 == 0) {
      for (auto more = below(random, 2000); more > 0; --more) {
        octets += static_cast<char>(below(random, 256));
      }
    }
    const auto result = mapi::decompress_rtf(std::as_bytes(std::span(octets)), limit);
    if (result) {
      EXPECT_LE(result->rtf.size(), limit);
      ++read;
    }
  }
  EXPECT_GT(read, 1000);
  EXPECT_LT(read, 19000);
}

const std::string html_sample =
    "<html><head><meta http-equiv=x content=\"text/html; charset=utf-8\"><style>a{b:url(c)}</style>"
    "</head><body background='d'><!--[if x]><v:i src=\"e\"/><![endif]--><p>f&eacute;&#128;&#x1F600;"
    "<a href=\"g?a&amp;b\">h</a><ul><li>i<ol><li>j</ol></ul><table><tr><td>k<td>l<br>m</table>"
    "<pre>\n n\n</pre><img alt=\"o\" src=cid:p style=\"q:url('r')\">&nbsp;\xE6\x97\xA5</body>";

TEST(HostileHtml, MutationsAreRead) {
  constexpr std::array<std::string_view, 16> pieces{
      "<",   ">",  "\"",     "'",        "=",    "&",    "&#",    "<!--",
      "-->", "</", "<table", "</table>", "<td>", "<li>", "<pre>", "<style>"};
  Random random(8);  // NOLINT(cert-msc51-cpp): the same every time
  for (int round = 0; round < 5000; ++round) {
    const auto html = mutated(html_sample, pieces, random);
    const auto text = text_from_html(html);
    EXPECT_TRUE(text.empty() || text.ends_with("\r\n")) << html;
    EXPECT_LE(text.size(), html.size() * 45) << html;
    references(html);
    const auto charset = meta_charset(html);
    EXPECT_EQ(meta_charset(with_meta_charset(html, "x-y")).has_value(), charset.has_value())
        << html;
  }
}

TEST(HostileHtml, BombsAreLinear) {
#ifdef POSTERN_ADDRESS_SANITIZER
  constexpr std::size_t count = 50'000;
  constexpr std::clock_t seconds = 100;  // up to five, where other programs empty the caches
#else
  constexpr std::size_t count = 200'000;
  constexpr std::clock_t seconds = 5;
#endif
  for (const std::string_view piece : {"<div>",
                                       "<table><tr><td>",
                                       "<ul><li>",
                                       "<a href=x>",
                                       "<a href=x>y",
                                       "<!--",
                                       "<![",
                                       "<style>",
                                       "</style",
                                       "<b ",
                                       "<b a=\"",
                                       "<b a='\"",
                                       "&",
                                       "&#",
                                       "&#x1",
                                       "&amp",
                                       "<",
                                       "</",
                                       "<p>&nbsp;",
                                       "<!--[if <style>",
                                       "url(",
                                       "<td>&nbsp;",
                                       "<pre>\n",
                                       "&nbsp;<br>",
                                       "<meta charset="}) {
    const auto html = repeated(piece, count);
    const std::clock_t begin = std::clock();
    EXPECT_LE(text_from_html(html).size(), 4 * html.size()) << piece;
    EXPECT_LE(references(html).size(), count) << piece;
    EXPECT_FALSE(meta_charset(html)) << piece;
    // Of the processor's time, which other programs do not take: some 0.1 s, squared minutes.
    EXPECT_LT(std::clock() - begin, seconds * CLOCKS_PER_SEC) << piece;
  }
}

}  // namespace
}  // namespace postern::mime
