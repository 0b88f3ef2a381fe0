// The parameters of MAIL and RCPT the catcher knows, and what their values may be.
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

/// Nothing for a keyword MAIL (or RCPT) does not have.
const KnownParameter* find_parameter(std::string_view keyword, bool mail);

}  // namespace postern::catcher
