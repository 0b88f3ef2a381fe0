#include "mime/octets/line_facts.h"

#include <algorithm>
#include <iterator>
#include <random>
#include <string>

#include <gtest/gtest.h>

#include "base/line_ends.h"
#include "base/text.h"

namespace postern::mime {
namespace {

/// By one octet at a time.
LineFacts plainly_found_facts(std::string_view text) {
  const auto canonical = with_crlf(text);
  LineFacts facts;
  facts.size = canonical.size();
  for (std::size_t at = 0; at < canonical.size();) {
    const auto end = canonical.find("\r\n", at);
    facts.longest_line = std::max<std::uint64_t>(facts.longest_line, end - at);
    facts.has_mbox_line = facts.has_mbox_line || canonical.compare(at, 5, "From ") == 0;
    at = end + 2;
  }
  for (const char octet : canonical) {
    facts.has_8bit = facts.has_8bit || is_high(octet);
    facts.has_nul = facts.has_nul || octet == '\0';
    const bool is_line_end_or_tab = octet == '\r' || octet == '\n' || octet == '\t';
    if ((is_control(octet) && !is_line_end_or_tab) || is_high(octet) || octet == '=') {
      ++facts.quotable;
    }
  }
  facts.is_last_line_open = !text.empty() && text.back() != '\r' && text.back() != '\n';
  const auto ended = std::string(text) + (facts.is_last_line_open ? "\r\n" : "");
  facts.is_canonical = canonical == ended;
  return facts;
}

std::string random_text(std::mt19937& generator) {
  constexpr std::string_view pieces[] = {
      "From ", "\r\n", "\n",     "\r",       "=",
      "\x7F",  "\xC3", "\x1F\t", "12345678", "a long piece of text"};
  std::string text;
  for (auto count = generator() % 12; count > 0; --count) {
    text += pieces[generator() % std::size(pieces)];
    if (generator() % 20 == 0) text += '\0';
  }
  return text;
}

TEST(LineFacts, AreTheSameHoweverTheTextIsCut) {
  std::mt19937 generator(5);
  for (int i = 0; i < 5000; ++i) {
    const auto text = random_text(generator);
    LineScanner scanner;
    for (std::string_view rest = text; !rest.empty();) {
      const auto size = std::min<std::size_t>(rest.size(), 1 + generator() % 9);
      scanner.feed(rest.substr(0, size));
      rest.remove_prefix(size);
    }
    const auto plainly = plainly_found_facts(text);
    ASSERT_EQ(scanner.finish(), plainly) << text;
    ASSERT_EQ(line_facts(text), plainly) << text;
  }
}

}  // namespace
}  // namespace postern::mime
