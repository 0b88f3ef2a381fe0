#include "mime/html/text_flow.h"

#include <utility>

namespace postern::mime {
namespace {

bool is_blank(char c) {
  return static_cast<unsigned char>(c) <= ' ' || c == '\x7F';
}

}  // namespace

void TextFlow::collapsed(std::string_view text) {
  const auto* at = text.data();
  const auto* const end = at + text.size();
  while (at < end) {
    const auto* const word = std::find_if_not(at, end, is_blank);
    if (word != at) blank_ = true;
    at = std::find_if(word, end, is_blank);
    if (word == at) break;
    settle();
    text_.append(word, at);
  }
}

void TextFlow::preformatted(std::string_view text) {
  while (!text.empty()) {
    const auto line = text.substr(0, text.find_first_of("\r\n"));
    if (!line.empty()) {
      settle();
      text_ += line;
    }
    text.remove_prefix(line.size());
    if (text.empty()) break;
    text.remove_prefix(text.starts_with("\r\n") ? 2 : 1);
    ++line_ends_;
  }
}

void TextFlow::annotate(std::string_view note) {
  if (text_.size() == line_start_) {
    settle();
  } else {
    text_ += ' ';
  }
  text_ += note;
}

void TextFlow::block(std::size_t line_ends) {
  if (!joins_block_) line_ends_ = std::max(line_ends_, line_ends);
}

void TextFlow::start_item(std::string mark) {
  line_ends_ = std::max<std::size_t>(line_ends_, 1);
  mark_ = std::move(mark);
  joins_block_ = true;
}

void TextFlow::end_item() {
  mark_.clear();
  joins_block_ = false;
}

void TextFlow::next_cell() {
  line_ends_ = 0;
  tab_ = true;
}

/// What was to come before the next text comes now.
void TextFlow::settle() {
  if (text_.empty()) line_ends_ = 0;
  if (line_ends_ > 0) {
    trim_line();
    for (std::size_t i = 0; i < line_ends_; ++i) text_ += "\r\n";
    line_ += std::exchange(line_ends_, 0);
    line_start_ = text_.size();
  }
  if (!mark_.empty()) {
    text_ += std::exchange(mark_, {});
  } else if ((tab_ || blank_) && text_.size() > line_start_) {
    text_ += tab_ ? '\t' : ' ';
  }
  tab_ = blank_ = joins_block_ = false;
}

void TextFlow::trim_line() {
  constexpr std::string_view no_break_space = "\u00A0";
  for (;;) {
    const auto line = since(line_start_);
    if (line.ends_with(' ') || line.ends_with('\t')) {
      text_.pop_back();
    } else if (line.ends_with(no_break_space)) {
      text_.resize(text_.size() - no_break_space.size());
    } else {
      return;
    }
  }
}

std::string TextFlow::finish() {
  trim_line();
  while (text_.ends_with("\r\n")) text_.resize(text_.size() - 2);
  if (!text_.empty()) text_ += "\r\n";
  return std::move(text_);
}

}  // namespace postern::mime
