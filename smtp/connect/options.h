// The options of a connector, checked once.
#pragma once

#include <optional>

#include "smtp/client.h"
#include "smtp/connect/proxy.h"

namespace postern::smtp {

/// The options with the EHLO name filled in. Throws std::invalid_argument with one sentence where
/// they cannot be used, whatever the target.
ClientOptions checked(ClientOptions options);

/// The proxy they name.
/// The same options with what is different for a destination, a domain or a relay's text, and
/// without what is for others.
ClientOptions for_destination(ClientOptions options, const std::string& destination);

std::optional<Proxy> proxy_of(const ClientOptions& options);

}  // namespace postern::smtp
