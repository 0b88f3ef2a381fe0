#include "smtp/dialogue/capabilities.h"

#include <algorithm>
#include <charconv>

#include "base/text.h"

namespace postern::smtp {
namespace {

/// The next word of the line, which is taken off it; words end at blanks and tabs.
std::string_view next_word(std::string_view& line) {
  constexpr std::string_view blanks = " \t";
  line.remove_prefix(std::min(line.find_first_not_of(blanks), line.size()));
  const std::string_view word = line.substr(0, line.find_first_of(blanks));
  line.remove_prefix(word.size());
  return word;
}

void add_mechanism(Capabilities& offered, std::string_view word) {
  if (word.empty()) return;
  std::string mechanism(word);
  std::transform(mechanism.begin(), mechanism.end(), mechanism.begin(),
                 [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
  auto& known = offered.auth_mechanisms;
  if (std::find(known.begin(), known.end(), mechanism) == known.end()) known.push_back(mechanism);
}

/// A number without sign and without anything after it, above zero.
std::optional<std::uint64_t> number(std::string_view word) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (error != std::errc{} || end != word.data() + word.size() || value == 0) return std::nullopt;
  return value;
}

/// "RCPTMAX=100 MAILMAX=20"
void add_limits(Capabilities& offered, std::string_view line) {
  for (std::string_view word = next_word(line); !word.empty(); word = next_word(line)) {
    const std::size_t equals = std::min(word.find('='), word.size());
    const std::string limit_name = lower_case(word.substr(0, equals));
    word.remove_prefix(std::min(equals + 1, word.size()));
    if (limit_name == "rcptmax") offered.recipient_limit = number(word);
    if (limit_name == "mailmax") offered.message_limit = number(word);
  }
}

void add_line(Capabilities& offered, std::string_view line) {
  struct Flag {
    std::string_view keyword;
    bool Capabilities::*member;
  };
  static constexpr Flag flags[] = {{"pipelining", &Capabilities::pipelining},
                                   {"8bitmime", &Capabilities::eight_bit_mime},
                                   {"smtputf8", &Capabilities::smtputf8},
                                   {"dsn", &Capabilities::dsn},
                                   {"chunking", &Capabilities::chunking},
                                   {"starttls", &Capabilities::starttls},
                                   {"size", &Capabilities::size},
                                   {"requiretls", &Capabilities::require_tls},
                                   {"deliverby", &Capabilities::deliver_by},
                                   {"futurerelease", &Capabilities::future_release},
                                   {"mt-priority", &Capabilities::mt_priority},
                                   {"enhancedstatuscodes", &Capabilities::enhanced_status_codes}};
  const std::string keyword = lower_case(next_word(line));
  for (const Flag& flag : flags) {
    if (keyword == flag.keyword) offered.*flag.member = true;
  }
  // RFC 1870 §3: without a number, or with zero, no fixed limit is in force.
  if (keyword == "size") offered.size_limit = number(next_word(line));
  if (keyword == "deliverby") offered.min_deliver_by = number(next_word(line));
  if (keyword == "futurerelease") offered.longest_hold = number(next_word(line));
  if (keyword == "limits") add_limits(offered, line);
  if (keyword == "auth" || keyword.starts_with("auth=")) {
    // "AUTH=LOGIN" is how servers before RFC 2554 said it.
    if (keyword.size() > 5) add_mechanism(offered, std::string_view(keyword).substr(5));
    for (std::string_view word = next_word(line); !word.empty(); word = next_word(line)) {
      add_mechanism(offered, word);
    }
  }
}

}  // namespace

Capabilities Capabilities::parse(const Reply& ehlo) {
  Capabilities offered;
  std::string_view text = ehlo.text;
  // The first line names the server and is no extension.
  for (std::size_t end = text.find('\n'); end != std::string_view::npos; end = text.find('\n')) {
    text.remove_prefix(end + 1);
    add_line(offered, text.substr(0, text.find('\n')));
  }
  return offered;
}

}  // namespace postern::smtp
