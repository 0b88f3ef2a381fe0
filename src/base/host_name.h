// The name of this machine, for EHLO, Message-IDs and reports.
#pragma once

#include <string>
#include <string_view>

#pragma GCC visibility push(default)
namespace postern {

/// gethostname(2), as `domain_or_localhost` gives it.
std::string host_name();

/// The name in lower case; "localhost" if it is no domain (RFC 5321 §2.3.5).
std::string domain_or_localhost(std::string_view name);

}  // namespace postern
#pragma GCC visibility pop
