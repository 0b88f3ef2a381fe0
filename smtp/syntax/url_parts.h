// The parts of a URL that names a server: scheme://[user[:password]@]host[:port]
//
// Refuses everything else with one sentence (std::invalid_argument) in which neither the user name
// nor the password is shown.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace postern::smtp {

/// What the URL is for, for the error texts.
struct UrlKind {
  std::string_view what;    ///< "relay"
  std::string_view advice;  ///< "write smtp://host, …"
};

struct UrlParts {
  std::string scheme;  ///< lower case
  std::string user;    ///< percent-decoded, without controls; empty: none
  std::string password;
  std::string host;  ///< a name, an IPv4 address, or an IPv6 address without its brackets
  std::optional<int> port;
};

UrlParts parse_url(std::string_view url, const UrlKind& kind);
[[noreturn]] void refuse_url(std::string_view url, const UrlKind& kind, std::string_view why);

/// The host as in a URL: an IPv6 address gets brackets.
std::string url_host(std::string_view host);

}  // namespace postern::smtp
