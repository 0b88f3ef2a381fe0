// One-off addresses as text: `Display name[TYPE:address]` (mapi-submission.md §11).
//
// Within the name and the address, '\' quotes what has a meaning of its own ('[', ']', '\', and ':'
// in a type), and
// "\x0A" is one octet. Functions of values: they throw nothing but std::bad_alloc.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "mapi/address.h"

#pragma GCC visibility push(default)
namespace postern::session {

/// The address as such a text, on one line.
std::string one_off_text(const mapi::Address& address);

/// The address in such a text, or of a bare `local@domain`. Nullopt for any other text: nothing but
/// blanks may follow the bracket, neither type nor address may be empty, and an SMTP address must
/// be one. A name that is absent is the address.
std::optional<mapi::Address> parse_one_off_text(std::string_view text);

}  // namespace postern::session
#pragma GCC visibility pop
