// Encoded words (RFC 2047), decoded.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace postern::mime {

struct DecodedWords {
  std::size_t size = 0;  ///< of the words, and the blanks between them
  std::string text;      ///< UTF-8
};
/// The encoded words at the front, which belong together: blanks between them mean nothing, and a
/// character may begin in one and end in the next, as some programs write. Nullopt: there are none,
/// or the first is malformed or in an unknown charset.
std::optional<DecodedWords> decoded_words_at_front(std::string_view text);

/// The text with its encoded words decoded; those that cannot be stay as they are.
std::string decode_encoded_words(std::string_view text);

}  // namespace postern::mime
