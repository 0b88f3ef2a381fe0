#include "smtp/dkim/canonical.h"

#include <algorithm>
#include <utility>

#include "base/text.h"

namespace postern::smtp {
namespace {

constexpr std::size_t block_size = std::size_t{16} * 1024;

bool is_line_end(char c) {
  return c == '\r' || c == '\n';
}

/// RFC 6376 §3.4.2.
std::string relaxed_field(std::string_view field) {
  const std::size_t colon = std::min(field.find(':'), field.size());
  std::string_view field_name = field.substr(0, colon);
  while (!field_name.empty() && is_blank(field_name.back())) field_name.remove_suffix(1);
  std::string out = lower_case(field_name) + ':';
  bool blank = false;
  bool has_text = false;
  for (const char c : field.substr(std::min(colon + 1, field.size()))) {
    if (is_line_end(c)) continue;
    if (is_blank(c)) {
      blank = has_text;
      continue;
    }
    if (blank) out += ' ';
    out += c;
    has_text = true;
    blank = false;
  }
  if (field.ends_with("\r\n")) out += "\r\n";
  return out;
}

}  // namespace

std::string_view name(Canonicalization canonicalization) {
  return canonicalization == Canonicalization::simple ? "simple" : "relaxed";
}

std::string canonical_field(std::string_view field, Canonicalization canonicalization) {
  if (canonicalization == Canonicalization::simple) return std::string(field);
  return relaxed_field(field);
}

CanonicalBody::CanonicalBody(Canonicalization canonicalization, Sink sink)
    : canonicalization_(canonicalization), sink_(std::move(sink)) {}

void CanonicalBody::write(std::string_view text, bool line_ends) {
  if (canonicalization_ == Canonicalization::relaxed) {
    write_relaxed(text);
  } else if (!text.empty()) {
    put(text);
  }
  if (line_ends) end_line();
  flush(block_size);
}

/// RFC 6376 §3.4.4 (a): each run of white space becomes one space; at the end of a line, nothing.
void CanonicalBody::write_relaxed(std::string_view text) {
  while (!text.empty()) {
    const auto word = std::find_if_not(text.begin(), text.end(), is_blank);
    if (word != text.begin()) blank_ = true;
    if (word == text.end()) return;
    const auto word_end = std::find_if(word, text.end(), is_blank);
    put({word, word_end});
    text = {word_end, text.end()};
  }
}

void CanonicalBody::put(std::string_view text) {
  for (; empty_lines_ > 0; --empty_lines_) {
    out_ += "\r\n";
    flush(block_size);
  }
  if (std::exchange(blank_, false)) out_ += ' ';
  out_ += text;
  line_has_text_ = body_has_text_ = true;
}

void CanonicalBody::end_line() {
  blank_ = false;
  if (std::exchange(line_has_text_, false)) {
    out_ += "\r\n";
  } else {
    ++empty_lines_;
  }
}

/// Empty lines at the end are left out; a body that has nothing else is an empty line in the simple
/// form, and no octet in the relaxed one (RFC 6376 §§3.4.3, 3.4.4).
void CanonicalBody::finish() {
  if (line_has_text_) end_line();
  if (!body_has_text_ && canonicalization_ == Canonicalization::simple) out_ += "\r\n";
  flush(1);
}

void CanonicalBody::flush(std::size_t at_least) {
  if (out_.size() < at_least) return;
  sink_(out_);
  out_.clear();
}

}  // namespace postern::smtp
