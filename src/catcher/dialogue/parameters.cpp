#include "catcher/dialogue/parameters.h"

#include "base/text.h"
#include "catcher/dialogue/command.h"
#include "catcher/parse_count.h"

namespace postern::catcher {

namespace {

bool any_value(std::string_view value) {
  return !value.empty();
}
bool no_value(std::string_view value) {
  return value.empty();
}
bool count(std::string_view value) {
  return parse_count(value).has_value();
}

bool body_type(std::string_view value) {
  const std::string type = upper_case(value);
  return type == "7BIT" || type == "8BITMIME";
}

bool what_to_return(std::string_view value) {
  const std::string what = upper_case(value);
  return what == "FULL" || what == "HDRS";
}

/// RFC 3461 §4.1: NEVER alone, or a list of the others.
bool notify_list(std::string_view value) {
  const std::string list = upper_case(value);
  if (list == "NEVER") return true;
  for (std::string_view rest = list;;) {
    const auto comma = rest.find(',');
    const std::string_view word = rest.substr(0, comma);
    if (word != "SUCCESS" && word != "FAILURE" && word != "DELAY") return false;
    if (comma == std::string_view::npos) return true;
    rest.remove_prefix(comma + 1);
  }
}

/// RFC 3461 §4.2: address type, semicolon, address.
bool original_recipient(std::string_view value) {
  const auto semicolon = value.find(';');
  return semicolon != 0 && semicolon < value.size() - 1 && semicolon != std::string_view::npos;
}

constexpr std::array known_parameters{
    KnownParameter{"SIZE", "SIZE", true, count},             // RFC 1870
    KnownParameter{"BODY", "8BITMIME", true, body_type},     // RFC 6152
    KnownParameter{"SMTPUTF8", "SMTPUTF8", true, no_value},  // RFC 6531
    KnownParameter{"RET", "DSN", true, what_to_return},      // RFC 3461
    KnownParameter{"ENVID", "DSN", true, any_value},
    KnownParameter{"AUTH", "AUTH", true, any_value},  // RFC 4954 §5
    KnownParameter{"NOTIFY", "DSN", false, notify_list},
    KnownParameter{"ORCPT", "DSN", false, original_recipient},
};

}  // namespace

const KnownParameter* find_parameter(std::string_view keyword, bool mail) {
  const auto* const found = std::find_if(
      known_parameters.begin(), known_parameters.end(),
      [&](const KnownParameter& known) { return known.mail == mail && known.keyword == keyword; });
  return found == known_parameters.end() ? nullptr : found;
}

}  // namespace postern::catcher
