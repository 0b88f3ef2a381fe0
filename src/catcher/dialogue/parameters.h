// The parameters of MAIL and RCPT that the catcher knows, and their valid values.
#pragma once

#include <array>
#include <string_view>

namespace postern::catcher {

struct KnownParameter {
  std::string_view keyword;
  std::string_view extension;  ///< the one that brings it, by its EHLO keyword
  bool mail;                   ///< of MAIL; otherwise of RCPT
  bool (*valid)(std::string_view value);
};

/// Returns nullptr for a keyword that MAIL (or RCPT) does not have.
const KnownParameter* find_parameter(std::string_view keyword, bool mail);

}  // namespace postern::catcher
