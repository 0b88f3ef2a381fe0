#include "mime/html/html.h"

#include <algorithm>
#include <array>

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

/// The values of url(...) in a style sheet, with or without quotes.
void add_css_urls(std::string_view css, std::vector<std::string>& urls) {
  constexpr std::string_view function = "url";
  for (;;) {
    const auto open = css.find('(');
    if (open == std::string_view::npos) return;
    const bool is_url =
        open >= function.size() &&
        equals_ignoring_case(css.substr(open - function.size(), function.size()), function);
    css.remove_prefix(open + 1);
    if (!is_url) continue;
    css.remove_prefix(std::min(css.find_first_not_of(ascii_whitespace), css.size()));
    const bool is_quoted = css.starts_with('"') || css.starts_with('\'');
    const char end_mark = is_quoted ? css.front() : ')';
    if (is_quoted) css.remove_prefix(1);
    const auto end = css.find(end_mark);
    if (end == std::string_view::npos) return;
    const auto url = trim(css.substr(0, end));
    if (!url.empty()) urls.emplace_back(url);
    css.remove_prefix(end + 1);
  }
}

void add_attribute_references(const HtmlToken& tag, std::vector<std::string>& urls) {
  constexpr std::array<std::string_view, 3> holders{"src", "background", "href"};
  for (const auto& attribute : tag.attributes) {
    const auto name = lower_case(attribute.name);
    if (name == "style") {
      add_css_urls(decode_entities(attribute.value, HtmlContext::attribute), urls);
    } else if (std::find(holders.begin(), holders.end(), name) != holders.end()) {
      auto url = decode_entities(attribute.value, HtmlContext::attribute);
      if (!trim(url).empty()) urls.emplace_back(trim(url));
    }
  }
}

enum class ConditionalComments { read, ignore };

void add_references(std::string_view html, ConditionalComments comments,
                    std::vector<std::string>& urls) {
  HtmlTokenizer tokens(html);
  for (HtmlToken token; tokens.next(token);) {
    if (token.kind == HtmlToken::Kind::start_tag) {
      add_attribute_references(token, urls);
    } else if (token.kind == HtmlToken::Kind::raw_text && token.name == "style") {
      add_css_urls(token.content, urls);
    } else if (token.kind == HtmlToken::Kind::comment && token.content.starts_with("[if") &&
               comments == ConditionalComments::read) {
      // <!--[if gte vml 1]>: the pictures some mail clients show instead.
      add_references(token.content, ConditionalComments::ignore, urls);
    }
  }
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

std::vector<std::string> references(std::string_view html) {
  std::vector<std::string> urls;
  add_references(html, ConditionalComments::read, urls);
  return urls;
}

}  // namespace postern::mime
