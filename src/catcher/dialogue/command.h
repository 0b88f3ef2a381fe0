// Parses SMTP command lines (RFC 5321 §4.1.1, §4.1.2), leniently where that is harmless.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "catcher/message.h"

namespace postern::catcher {

struct ParsedCommand {
  std::string verb;           ///< in upper case
  std::string_view argument;  ///< the rest of the line without blanks at its ends
};

/// A line without its line end. The argument is a view into it.
ParsedCommand parse_command(std::string_view line);

/// "FROM:<address> KEYWORD=value …" with `keyword` "FROM:" or "TO:". A source route is dropped, a
/// quoted local part may contain anything. Returns nullopt for a syntax error.
std::optional<Path> parse_path(std::string_view argument, std::string_view keyword);

}  // namespace postern::catcher
