#include "mime/html/html.h"

#include <algorithm>

#include "base/text.h"
#include "mime/html/entities.h"
#include "mime/html/tokenizer.h"

namespace postern::mime {
namespace {

constexpr std::size_t meta_window = 4096;

/// The charset in `text/html; charset=...`; empty if there is none.
std::string_view charset_of_content_type(std::string_view content_type) {
  constexpr std::string_view parameter = "charset";
  const auto start = lower_case(content_type).find(parameter);
  if (start == std::string::npos) return {};
  auto value = trim(content_type.substr(start + parameter.size()));
  if (!value.starts_with('=')) return {};
  value = trim(value.substr(1));
  if (value.starts_with('"') || value.starts_with('\'')) value.remove_prefix(1);
  return value.substr(0, value.find_first_of(" \t\r\n\f;\"'"));
}

/// The charset names in the first <meta> elements, as views of `html`.
std::vector<std::string_view> declared_charsets(std::string_view html) {
  std::vector<std::string_view> charsets;
  HtmlTokenizer tokens(html.substr(0, meta_window));
  for (HtmlToken token; tokens.next(token);) {
    if (token.kind != HtmlToken::Kind::start_tag || token.name != "meta") continue;
    auto charset = trim(token.attribute("charset").value_or(""));
    if (charset.empty()) charset = charset_of_content_type(token.attribute("content").value_or(""));
    if (!charset.empty()) charsets.push_back(charset);
  }
  return charsets;
}

}  // namespace

std::optional<std::string> meta_charset(std::string_view html) {
  const auto charsets = declared_charsets(html);
  if (charsets.empty()) return std::nullopt;
  return std::string(charsets.front());
}

std::string with_meta_charset(std::string_view html, std::string_view charset) {
  std::string result;
  result.reserve(html.size() + charset.size());
  const char* copied = html.data();
  for (const auto declared : declared_charsets(html)) {
    result.append(copied, declared.data()).append(charset);
    copied = declared.data() + declared.size();
  }
  return result.append(copied, html.data() + html.size());
}

std::string with_lines(std::string_view html, std::string_view lines) {
  constexpr std::string_view line_end = "\r\n";
  std::string paragraph = "<p>";
  while (!lines.empty()) {
    const auto size = std::min(lines.find(line_end), lines.size());
    paragraph += escaped_html(lines.substr(0, size));
    lines.remove_prefix(std::min(size + line_end.size(), lines.size()));
    if (!lines.empty()) paragraph += "<br>\r\n";
  }
  const auto small = lower_case(html);
  auto end = small.rfind("</body");
  if (end == std::string::npos) end = small.rfind("</html");
  return std::string(html).insert(std::min(end, html.size()), paragraph + "</p>");
}

}  // namespace postern::mime
