#include "mime/rtf/tokenizer.h"

#include <algorithm>
#include <array>
#include <limits>

namespace postern::mime {
namespace {

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_ignored(char c) {
  return c == '\r' || c == '\n' || c == '\0';
}

bool ends_text(char c) {
  return c == '{' || c == '}' || c == '\\' || is_ignored(c);
}

}  // namespace

int hex_value(char c) {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::string_view RtfTokenizer::take(std::size_t count) {
  const auto taken = rtf_.substr(at_, count);
  at_ += taken.size();
  return taken;
}

std::optional<RtfToken> RtfTokenizer::next() {
  using Kind = RtfToken::Kind;
  while (at_ < rtf_.size()) {
    const char c = rtf_[at_];
    if (is_ignored(c)) {
      ++at_;
    } else if (c == '{' || c == '}') {
      return RtfToken{.kind = c == '{' ? Kind::group_start : Kind::group_end, .text = take(1)};
    } else if (c == '\\') {
      ++at_;
      if (auto token = control()) return token;
    } else {
      const auto* const begin = rtf_.data() + at_;
      const auto* const end = std::find_if(begin, rtf_.data() + rtf_.size(), ends_text);
      return RtfToken{.kind = Kind::text, .text = take(static_cast<std::size_t>(end - begin))};
    }
  }
  return std::nullopt;
}

/// What follows a backslash; nullopt for a backslash at the end and for \' without two digits.
std::optional<RtfToken> RtfTokenizer::control() {
  if (at_ == rtf_.size()) return std::nullopt;
  if (is_letter(rtf_[at_])) return word();
  const auto character = take(1);
  if (character == "\r" || character == "\n") {
    return RtfToken{.kind = RtfToken::Kind::word, .text = "par"};
  }
  if (character != "'") return RtfToken{.kind = RtfToken::Kind::symbol, .text = character};
  if (rtf_.size() - at_ < 2) return std::nullopt;
  const int high = hex_value(rtf_[at_]);
  const int low = hex_value(rtf_[at_ + 1]);
  if (high < 0 || low < 0) return std::nullopt;
  return RtfToken{
      .kind = RtfToken::Kind::octet, .text = take(2), .octet = static_cast<char>(high * 16 + low)};
}

RtfToken RtfTokenizer::word() {
  const auto* const begin = rtf_.data() + at_;
  const auto* const end = std::find_if_not(begin, rtf_.data() + rtf_.size(), is_letter);
  RtfToken token{.kind = RtfToken::Kind::word, .text = take(static_cast<std::size_t>(end - begin))};
  token.parameter = parameter();
  if (at_ < rtf_.size() && rtf_[at_] == ' ') ++at_;
  if (token.text == "bin") {
    token.kind = RtfToken::Kind::binary;
    token.text = take(static_cast<std::size_t>(std::max(token.parameter.value_or(0), 0)));
  }
  return token;
}

std::optional<int> RtfTokenizer::parameter() {
  const bool negative = at_ < rtf_.size() && rtf_[at_] == '-';
  const std::size_t first = at_ + (negative ? 1 : 0);
  if (first >= rtf_.size() || !is_digit(rtf_[first])) return std::nullopt;
  constexpr long long most = std::numeric_limits<int>::max();
  long long value = 0;
  for (at_ = first; at_ < rtf_.size() && is_digit(rtf_[at_]); ++at_) {
    value = std::min(value * 10 + (rtf_[at_] - '0'), most);
  }
  return static_cast<int>(negative ? -value : value);
}

}  // namespace postern::mime
