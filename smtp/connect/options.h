// The options of a connector, checked once.
#pragma once

#include <optional>

#include "smtp/client.h"
#include "smtp/connect/proxy.h"

namespace postern::smtp {

/// The options with the EHLO name filled in. Throws std::invalid_argument with one sentence where
/// they cannot be used, whatever the target.
ClientOptions checked(ClientOptions options);

/// What holds for a destination, a domain or a relay's text: what is its own, else what is the same
/// for all. `connections` and `pace` are set.
DestinationSettings settings_for(const ClientOptions& options, const std::string& destination);

/// The proxy they name.
std::optional<Proxy> proxy_of(const ClientOptions& options);

}  // namespace postern::smtp
