// The options of a connector, checked once.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "smtp/client.h"
#include "smtp/connect/proxy.h"

namespace postern::smtp {

/// The options with the EHLO name filled in. Throws std::invalid_argument with one sentence if they
/// cannot be used, whatever the target.
ClientOptions checked(ClientOptions options);

/// The same, shared as one copy, as there are passwords in it. libcurl is ready to be used then.
std::shared_ptr<const ClientOptions> prepared(ClientOptions options);

/// The settings for a destination (a domain, or Relay::text()): its own ones, else the general
/// ones. `connections` and `pace` are set.
DestinationSettings settings_for(const ClientOptions& options, const std::string& destination);

/// The proxy that the options name; nullopt if there is none.
std::optional<Proxy> proxy_of(const ClientOptions& options);

}  // namespace postern::smtp
