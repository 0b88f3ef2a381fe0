// The tokens of RTF: braces, control words, control symbols, \'hh octets and raw text
// (mapi-to-mime.md §4.3).
//
// Any octets are accepted: what is cut off or malformed ends or loses one token. Each octet is read
// once. Raw line ends and NULs are ignored; the octets of \bin are one token.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace postern::mime {

struct RtfToken {
  enum class Kind {
    group_start,
    group_end,
    word,    ///< \name or \nameN
    symbol,  ///< a backslash and one other character; a line end is reported as \par (word)
    octet,   ///< \'hh
    text,    ///< raw octets
    binary,  ///< \binN with its data
  };
  Kind kind = Kind::text;
  /// word: the name; symbol: the character; text, binary: the octets. Points into the input.
  std::string_view text = {};
  std::optional<int> parameter = {};  ///< word: N, clamped to the range of int
  char octet = 0;                     ///< octet: its value
};

/// The value of a hexadecimal digit; negative for other characters.
int hex_value(char c);

class RtfTokenizer {
 public:
  explicit RtfTokenizer(std::string_view rtf) : rtf_(rtf) {}

  /// Returns nullopt at the end of the input.
  std::optional<RtfToken> next();

 private:
  std::optional<RtfToken> control();
  RtfToken word();
  std::optional<int> parameter();
  std::string_view take(std::size_t count);

  std::string_view rtf_;
  std::size_t at_ = 0;
};

}  // namespace postern::mime
