// The octets of a text part as text (RFC 2046 §4.1.2): by its charset, else by what they are.
#pragma once

#include <string>
#include <string_view>

namespace postern::mime {

struct PartText {
  std::string text;       ///< UTF-8
  int code_page = 0;      ///< in which it was; of a charset that is no code page UTF-8's
  bool is_guess = false;  ///< the charset was not the declared one, or there was none
  bool is_clean = true;   ///< false: U+FFFD stands for what could not be read
};

/// `charset`: as declared; empty: it is not.
PartText part_text(std::string_view octets, std::string_view charset);

}  // namespace postern::mime
