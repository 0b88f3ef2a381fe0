#include "mime/header/encoded_words.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "base/base64.h"
#include "mapi/code_page.h"

namespace postern::mime {
namespace {

std::optional<std::string> from_q(std::string_view text) {
  std::string octets;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '=') {
      octets += text[i] == '_' ? ' ' : text[i];
      continue;
    }
    unsigned value = 0;
    const auto hex = text.substr(i + 1, 2);
    const auto [end, error] = std::from_chars(hex.data(), hex.data() + hex.size(), value, 16);
    if (error != std::errc{} || end != hex.data() + 2) return std::nullopt;
    octets += static_cast<char>(value);
    i += 2;
  }
  return octets;
}

struct EncodedWord {
  int code_page;
  std::string octets;
};

/// `charset?encoding?text`, what stands between "=?" and "?="; a language may follow the charset
/// (RFC 2231 §5).
std::optional<EncodedWord> parse_word(std::string_view word) {
  const auto first = word.find('?');
  if (first == std::string_view::npos || word.size() < first + 3 || word[first + 2] != '?') {
    return std::nullopt;
  }
  const auto charset = word.substr(0, first);
  const auto code_page = mapi::code_page_of(charset.substr(0, charset.find('*')));
  if (!code_page) return std::nullopt;
  const auto text = word.substr(first + 3);
  const bool is_base64 = word[first + 1] == 'B' || word[first + 1] == 'b';
  auto octets = is_base64 ? base64_decoded(text) : from_q(text);
  if (!octets) return std::nullopt;
  return EncodedWord{*code_page, *std::move(octets)};
}

/// The length of the encoded word at the front ("?=" included); 0 if there is none.
std::size_t encoded_word_size(std::string_view text) {
  constexpr std::size_t longest = 512;  // far over what is legal, and the search stays linear
  text = text.substr(0, longest);
  if (!text.starts_with("=?")) return 0;
  std::size_t at = 2;
  for (int mark = 0; mark < 2; ++mark) {
    at = text.find('?', at);
    if (at == std::string_view::npos) return 0;
    ++at;
  }
  const auto end = text.find("?=", at);
  return end == std::string_view::npos ? 0 : end + 2;
}

std::size_t count_blanks(std::string_view text) {
  return std::min(text.find_first_not_of(" \t"), text.size());
}

}  // namespace

std::optional<DecodedWords> decoded_words_at_front(std::string_view text) {
  DecodedWords decoded;
  EncodedWord open{};
  const auto end_charset = [&] {
    decoded.text += mapi::decode(std::exchange(open.octets, {}), open.code_page).text;
  };
  while (true) {
    const auto start =
        decoded.size == 0 ? 0 : decoded.size + count_blanks(text.substr(decoded.size));
    const auto size = encoded_word_size(text.substr(start));
    const auto word = size == 0 ? std::nullopt : parse_word(text.substr(start + 2, size - 4));
    if (!word) break;
    if (word->code_page != open.code_page) end_charset();
    open.code_page = word->code_page;
    open.octets += word->octets;
    decoded.size = start + size;
  }
  if (decoded.size == 0) return std::nullopt;
  end_charset();
  return decoded;
}

std::string decode_encoded_words(std::string_view text) {
  std::string decoded;
  while (!text.empty()) {
    if (const auto words = decoded_words_at_front(text)) {
      decoded += words->text;
      text.remove_prefix(words->size);
      continue;
    }
    const auto next = std::min(text.find("=?", 1), text.size());
    decoded += text.substr(0, next);
    text.remove_prefix(next);
  }
  return decoded;
}

}  // namespace postern::mime
