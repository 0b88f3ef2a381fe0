// Percent-encoding (RFC 3986 §2.1), of which RFC 2231 §4 makes use too.
#pragma once

#include <string>
#include <string_view>

#pragma GCC visibility push(default)
namespace postern {

/// Every "%XX" as the octet that it stands for; a '%' without two hex digits behind it stays.
std::string percent_decoded(std::string_view text);
/// Whether every '%' has two hex digits behind it.
bool is_percent_encoded(std::string_view text);
/// Appends "%XX".
void append_percent_encoded(std::string& out, char octet);

}  // namespace postern
#pragma GCC visibility pop
