// The machine-readable part of a report: groups of fields with an empty line between them
// (RFC 3464 §2.1), of which disposition notifications and feedback reports have one.
#pragma once

#include <cstddef>
#include <string_view>

#include "mapi/returned_report.h"

namespace postern::mime {

inline constexpr std::size_t longest_status_part = std::size_t{8} << 20U;
inline constexpr std::size_t most_recipients = 100'000;

/// The kind of report that has a part of this type, message/<subtype>; `none` for any other.
mapi::ReturnedKind report_kind(std::string_view subtype);

/// Adds what the part says to the report, and sets its kind if there is a field in it that is known
/// of that kind.
void read_status_part(std::string_view text, mapi::ReturnedKind kind, mapi::ReturnedReport& report);

}  // namespace postern::mime
