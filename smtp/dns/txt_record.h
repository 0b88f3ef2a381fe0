// TXT records such as "v=STSv1; id=1": a version and fields (RFC 8461 §3.1, RFC 8460 §3).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "smtp/dns/dns_answer.h"

namespace postern::smtp {

/// Without the blanks at both ends.
std::string_view trimmed(std::string_view text);
/// Removes everything up to and including `end` (or all) and returns it, trimmed, without `end`.
std::string_view take_until(std::string_view& text, char end);

struct TxtField {
  std::string name;
  std::string value;
};

/// The fields after the version; nullopt unless exactly one record has that version, since of two
/// it is not known which one applies.
std::optional<std::vector<TxtField>> versioned_fields(const std::vector<TextRecord>& records,
                                                      std::string_view version);

}  // namespace postern::smtp
