// The syntax of addresses and host names in SMTP commands (RFC 5321 §4.1.2, §4.1.3, RFC 6531 §3.3).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace postern::smtp {

/// Why the text cannot be an address in SMTP, as one sentence; nullopt if it can.
std::optional<std::string> address_fault(std::string_view address);
/// The same for the argument of EHLO: a domain name or an address literal.
std::optional<std::string> helo_name_fault(std::string_view name);

}  // namespace postern::smtp
