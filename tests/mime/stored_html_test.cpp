// In which code page the octets of PR_HTML are (mapi-to-mime.md §4.5).
#include "mime/text/stored_html.h"

#include <string>

#include <gtest/gtest.h>

#include "mapi/code_page.h"

namespace postern::mime {
namespace {

std::string in_page(std::string_view text, int page) {
  return mapi::encode(text, page).value();
}

std::string with_meta(std::string_view charset, const std::string& body) {
  return "<meta charset=\"" + std::string(charset) + "\"><p>" + body + "</p>";
}

struct Case {
  std::string octets;
  int internet_page;
  const char* text;  ///< that is found in it
  bool is_told;
};

TEST(StoredHtml, IsReadByEvidenceBeforeDeclarations) {
  const std::string gbk = in_page("中文邮件", 936);
  const std::string german = in_page("Grüße", 1252);
  const auto utf16 = [](std::string_view text, bool little) {
    std::string octets;
    for (const char octet : text) {
      octets += little ? octet : '\0';
      octets += little ? '\0' : octet;
    }
    return octets;
  };
  const Case cases[] = {
      {"\xEF\xBB\xBF<p>Grüße</p>", 1252, "<p>Grüße</p>", true},
      {utf16("<html><p>plain</p></html>", true), 1200, "<p>plain</p>", false},
      {utf16("<html><p>plain</p></html>", false), 1201, "<p>plain</p>", false},
      {"<p>Grüße</p>", 1252, "<p>Grüße</p>", true},
      {"<p>Grüße</p>", 65001, "<p>Grüße</p>", false},
      {"<p>Grüße</p>", 0, "<p>Grüße</p>", false},
      {with_meta("gb2312", gbk), 1252, "中文邮件", true},
      {with_meta("gb2312", gbk), 936, "中文邮件", false},
      {with_meta("big5", gbk), 936, "中文邮件", false},  // the page fits, so it is not asked
      {with_meta("utf-8", german), 1252, "Grüße", false},
      {with_meta("windows-1252", german), 932, "Grüße", true},
      {"<p>" + german + "</p>", 0, "Grüße", true},
      {"<p>\x1B$BF|K\\\x1B(B</p>", 50220, "日本", false},
      {with_meta("iso-2022-jp", "\x1B$BF|K\\\x1B(B"), 1252, "日本", true},
      {"<p>plain</p>", 936, "<p>plain</p>", false},
      {"<p>\x1B$BF|K\\\x1B(B</p>", 932, "日本", true},
      {with_meta("iso-2022-jp", "\x1B$BF|K\\\x1B(B"), 65001, "日本", true},
      {utf16("\r\n<p>", true) + std::string("\xE5\x65\x2C\x67", 4), 65001, "<p>日本", true},
  };
  for (const auto& [octets, page, text, is_told] : cases) {
    const auto decoded = decode_html(octets, page);
    EXPECT_NE(decoded.text.find(text), std::string::npos) << decoded.text << ' ' << page;
    EXPECT_EQ(decoded.loss.has_value(), is_told) << text << ' ' << page;
  }
}

TEST(StoredHtml, AnyOctetsAreSomeText) {
  for (int first = 0; first < 256; ++first) {
    for (const int page : {0, 932, 936, 1200, 50220, 65001}) {
      const std::string octets{static_cast<char>(first), '\x80', '\0', '\xFF', '<'};
      EXPECT_NO_THROW((void)decode_html(octets, page));
      EXPECT_NO_THROW((void)decode_html(octets.substr(0, 1), page));
    }
  }
}

}  // namespace
}  // namespace postern::mime
