// The name this machine gives itself: in EHLO, Message-IDs and reports.
#pragma once

#include <string>

namespace postern::transport {

/// gethostname(2) in lower case; "localhost" where that is no domain (RFC 5321 §2.3.5).
std::string host_name();

}  // namespace postern::transport
