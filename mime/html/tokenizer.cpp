#include "mime/html/tokenizer.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.h"

namespace postern::mime {
namespace {

constexpr std::size_t max_attributes = 256;  // of one tag; bounds memory, no real tag comes near

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool has_raw_content(std::string_view element) {
  constexpr std::array<std::string_view, 3> elements{"style", "script", "title"};
  return std::find(elements.begin(), elements.end(), element) != elements.end();
}

}  // namespace

std::optional<std::string_view> HtmlToken::attribute(std::string_view attribute_name) const {
  for (const auto& attribute : attributes) {
    if (equals_ignoring_case(attribute.name, attribute_name)) return attribute.value;
  }
  return std::nullopt;
}

std::string_view HtmlTokenizer::take_until(std::size_t end) {
  end = std::min(end, html_.size());
  const auto taken = html_.substr(at_, end - at_);
  at_ = end;
  return taken;
}

/// The text before the mark, which is removed too; all the rest if there is none.
std::string_view HtmlTokenizer::take_through(std::string_view mark, std::size_t from) {
  const auto end = html_.find(mark, from);
  const auto taken = take_until(end);
  if (end != std::string_view::npos) at_ += mark.size();
  return taken;
}

void HtmlTokenizer::skip_blanks() {
  at_ = std::min(html_.find_first_not_of(ascii_whitespace, at_), html_.size());
}

bool HtmlTokenizer::next(HtmlToken& token) {
  token.attributes.clear();
  token.content = {};
  while (at_ < html_.size()) {
    if (!raw_element_.empty()) {
      raw_text(token);
      return true;
    }
    const char second = at_ + 1 < html_.size() ? html_[at_ + 1] : '\0';
    if (html_[at_] != '<' ||
        (!is_letter(second) && second != '/' && second != '!' && second != '?')) {
      text(token);
      return true;
    }
    if (second == '!' || second == '?' ||
        (second == '/' && !(at_ + 2 < html_.size() && is_letter(html_[at_ + 2])))) {
      markup_declaration(token);
      return true;
    }
    if (tag(token)) return true;
  }
  return false;
}

/// Up to the next "<", of which the first octet is one that begins no tag or no "<" at all.
void HtmlTokenizer::text(HtmlToken& token) {
  token.kind = HtmlToken::Kind::text;
  token.content = take_until(html_.find('<', at_ + 1));
}

/// Up to the element's own end tag, whatever stands before it.
void HtmlTokenizer::raw_text(HtmlToken& token) {
  token.kind = HtmlToken::Kind::raw_text;
  token.name = std::exchange(raw_element_, {});
  auto end = html_.find("</", at_);
  while (end != std::string_view::npos &&
         !equals_ignoring_case(html_.substr(end + 2, token.name.size()), token.name)) {
    end = html_.find("</", end + 2);
  }
  token.content = take_until(end);
}

/// Comments, doctypes, <![if ...]>, processing instructions and </ followed by no name.
void HtmlTokenizer::markup_declaration(HtmlToken& token) {
  token.kind = HtmlToken::Kind::comment;
  constexpr std::string_view comment_start = "<!--";
  if (html_.substr(at_, comment_start.size()) != comment_start) {
    at_ += 2;
    token.content = take_through(">", at_);
    return;
  }
  // <!--> and <!---> are comments already; "-->" may share its hyphens with the start.
  at_ += 2;
  const auto content = take_through("-->", at_);
  token.content = content.substr(std::min<std::size_t>(content.size(), 2));
}

/// False for a tag that the input's end cuts off: browsers drop it.
bool HtmlTokenizer::tag(HtmlToken& token) {
  const bool is_end = html_[at_ + 1] == '/';
  at_ += is_end ? 2 : 1;
  token.kind = is_end ? HtmlToken::Kind::end_tag : HtmlToken::Kind::start_tag;
  token.name = lower_case(take_until(html_.find_first_of(" \t\r\n\f/>", at_)));
  for (;;) {
    at_ = std::min(html_.find_first_not_of(" \t\r\n\f/", at_), html_.size());
    if (at_ == html_.size()) return false;
    if (html_[at_] == '>') break;
    attribute(token);
  }
  ++at_;
  if (!is_end && has_raw_content(token.name)) raw_element_ = token.name;
  return true;
}

void HtmlTokenizer::attribute(HtmlToken& token) {
  // An attribute's name may begin with "=", odd as that looks.
  HtmlAttribute attribute;
  attribute.name = take_until(html_.find_first_of(" \t\r\n\f/>=", at_ + 1));
  skip_blanks();
  if (at_ < html_.size() && html_[at_] == '=') {
    ++at_;
    skip_blanks();
    attribute.value = attribute_value();
  }
  if (token.attributes.size() < max_attributes) token.attributes.push_back(attribute);
}

std::string_view HtmlTokenizer::attribute_value() {
  if (at_ == html_.size()) return {};
  const char quote = html_[at_];
  if (quote != '"' && quote != '\'') return take_until(html_.find_first_of(" \t\r\n\f>", at_));
  ++at_;
  return take_through(std::string_view(&quote, 1), at_);
}

}  // namespace postern::mime
