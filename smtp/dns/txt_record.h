// TXT records of the kind "v=STSv1; id=1": a version and fields (RFC 8461 §3.1, RFC 8460 §3).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "smtp/dns/dns_answer.h"

namespace postern::smtp {

/// Without the blanks at both ends.
std::string_view trimmed(std::string_view text);
/// Takes off everything up to `end`, or all; without `end`, and trimmed.
std::string_view take_until(std::string_view& text, char end);

struct TxtField {
  std::string name;
  std::string value;
};

/// The fields behind the version; nothing where not exactly one record is of that version: with two
/// of them nobody can say which one is meant.
std::optional<std::vector<TxtField>> versioned_fields(const std::vector<TextRecord>& records,
                                                      std::string_view version);

}  // namespace postern::smtp
