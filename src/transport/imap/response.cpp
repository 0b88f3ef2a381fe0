#include "transport/imap/response.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "base/text.h"

namespace postern::transport::imap {
namespace {

constexpr std::size_t longest_line = std::size_t{4} << 20;  // a search with 400,000 results

std::string_view first_word(std::string_view text) {
  return text.substr(0, text.find(' '));
}

std::string_view behind_first_word(std::string_view text) {
  const auto space = text.find(' ');
  return space == std::string_view::npos ? "" : text.substr(space + 1);
}

/// The size in "{123}" or "{123+}" at the end of a line.
std::optional<std::size_t> announced_literal(std::string_view line) {
  const auto brace = line.rfind('{');
  if (!line.ends_with('}') || brace == std::string_view::npos) return std::nullopt;
  const auto digits = line.substr(brace + 1, line.size() - brace - 2);
  std::size_t size = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), size);
  const std::string_view rest(end, digits.data() + digits.size());
  if (error != std::errc{} || (!rest.empty() && rest != "+")) return std::nullopt;
  return size;
}

/// The text of a status response is free, so that a brace in it announces nothing (§7.1).
bool may_hold_literals(const Response& response) {
  constexpr std::string_view statuses[] = {"OK", "NO", "BAD", "BYE", "PREAUTH"};
  return response.tag() == "*" &&
         std::ranges::find(statuses, response.name()) == std::end(statuses);
}

/// Takes the string behind a quotation mark.
std::string take_quoted(std::string_view& line) {
  std::string text;
  line.remove_prefix(1);
  while (!line.empty() && line.front() != '"') {
    if (line.front() == '\\' && line.size() > 1) line.remove_prefix(1);
    text += line.front();
    line.remove_prefix(1);
  }
  line.remove_prefix(line.empty() ? 0 : 1);
  return text;
}

/// Up to a space or parenthesis outside of brackets: "BODY[HEADER.FIELDS (TO)]" is one.
std::string take_atom(std::string_view& line) {
  std::size_t size = 0;
  bool bracketed = false;
  for (; size < line.size(); ++size) {
    const char octet = line[size];
    if (octet == '[' || octet == ']') bracketed = octet == '[';
    if (!bracketed && (octet == ' ' || octet == '(' || octet == ')')) break;
  }
  std::string text(line.substr(0, size));
  line.remove_prefix(size);
  return text;
}

void append_tokens(std::vector<Token>& tokens, std::string_view line) {
  while (!line.empty()) {
    switch (line.front()) {
      case ' ':
        line.remove_prefix(1);
        break;
      case '(':
      case ')':
        tokens.push_back({line.front() == '(' ? Token::Kind::open : Token::Kind::close});
        line.remove_prefix(1);
        break;
      case '"':
        tokens.push_back({Token::Kind::string, take_quoted(line)});
        break;
      default:
        tokens.push_back({Token::Kind::atom, take_atom(line)});
    }
  }
}

}  // namespace

std::string_view Response::tag() const {
  return first_word(lines.front());
}

std::string_view Response::text() const {
  return behind_first_word(lines.front());
}

std::string Response::name() const {
  const auto words = text();
  const auto first = first_word(words);
  const bool numbered = !first.empty() && std::ranges::all_of(first, is_digit);
  return upper_case(numbered ? first_word(behind_first_word(words)) : first);
}

std::vector<Token> Response::tokens() const {
  std::vector<Token> tokens;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    std::string_view line = i == 0 ? text() : std::string_view(lines[i]);
    if (i < literals.size()) line = line.substr(0, line.rfind('{'));
    append_tokens(tokens, line);
    if (i < literals.size()) tokens.push_back({Token::Kind::string, literals[i]});
  }
  return tokens;
}

void ResponseReader::push(std::string_view octets) {
  while (!octets.empty()) {
    octets.remove_prefix(literal_left_ > 0 ? take_literal(octets) : take_line(octets));
  }
}

std::optional<Response> ResponseReader::next() {
  if (complete_.empty()) return std::nullopt;
  Response response = std::move(complete_.front());
  complete_.pop_front();
  return response;
}

std::size_t ResponseReader::take_line(std::string_view octets) {
  const auto end = octets.find('\n');
  line_ += octets.substr(0, end);
  if (line_.size() > longest_line) throw ProtocolError("the server sends a line without an end");
  if (end == std::string_view::npos) return octets.size();
  if (line_.ends_with('\r')) line_.pop_back();
  end_line();
  return end + 1;
}

std::size_t ResponseReader::take_literal(std::string_view octets) {
  const auto size = std::min(octets.size(), literal_left_);
  current_.literals.back() += octets.substr(0, size);
  literal_left_ -= size;
  return size;
}

void ResponseReader::end_line() {
  current_.lines.push_back(std::exchange(line_, {}));
  const auto literal = announced_literal(current_.lines.back());
  if (!literal || !may_hold_literals(current_)) {
    complete_.push_back(std::exchange(current_, {}));
    return;
  }
  if (*literal > longest_literal_) {
    throw ProtocolError("the server sends more than was asked for");
  }
  literal_left_ = *literal;
  current_.literals.emplace_back();
}

}  // namespace postern::transport::imap
