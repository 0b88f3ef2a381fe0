// Relay (smtp/client.h): parses its URL and writes it.
#include <algorithm>
#include <array>
#include <sys/un.h>

#include <fmt/format.h>

#include "base/text.h"
#include "smtp/client.h"
#include "smtp/syntax/url_parts.h"

namespace postern::smtp {
namespace {

constexpr UrlKind relay_url{"relay",
                            "write smtp://host, smtp://user:password@host:587, smtps://host, "
                            "lmtp://host or lmtp:///path/to/socket"};

struct Scheme {
  std::string_view text;
  int port;
  bool implicit_tls;
  bool lmtp;
};
// RFC 2033 §5 forbids LMTP on port 25; 24, for private mail systems, is what is used.
constexpr std::array schemes{Scheme{"smtp", 25, false, false}, Scheme{"smtps", 465, true, false},
                             Scheme{"lmtp", 24, false, true}};

constexpr std::string_view socket_prefix = "lmtp:///";

Relay unix_socket(std::string_view url) {
  Relay relay;
  relay.lmtp = true;
  relay.socket_path = url.substr(socket_prefix.size() - 1);
  if (has_control(relay.socket_path)) {
    refuse_url(url, relay_url, "there is a control character in the path of the socket");
  }
  if (relay.socket_path.size() < 2 || relay.socket_path.size() >= sizeof(sockaddr_un::sun_path)) {
    refuse_url(url, relay_url, "that cannot be the path of a socket");
  }
  return relay;
}

}  // namespace

Relay Relay::parse(std::string_view url) {
  if (lower_case(url.substr(0, socket_prefix.size())) == socket_prefix) return unix_socket(url);
  // The scheme first: the rest of a URL of another scheme has no meaning here.
  const std::size_t colon = url.find("://");
  if (colon == std::string_view::npos) {
    refuse_url(url, relay_url, "it does not begin with smtp://, smtps:// or lmtp://");
  }
  const std::string said = lower_case(url.substr(0, colon));
  const auto* const scheme = std::find_if(schemes.begin(), schemes.end(),
                                          [&](const Scheme& known) { return known.text == said; });
  if (scheme == schemes.end()) {
    refuse_url(url, relay_url, fmt::format("its scheme is \"{}\"", printable(said)));
  }
  UrlParts parts = parse_url(url, relay_url);
  if (scheme->lmtp && !parts.user.empty()) {
    refuse_url(url, relay_url, "nobody logs on over LMTP here, so it takes no user name");
  }
  Relay relay;
  relay.host = std::move(parts.host);
  relay.port = parts.port.value_or(scheme->port);
  relay.implicit_tls = scheme->implicit_tls;
  relay.lmtp = scheme->lmtp;
  relay.user = std::move(parts.user);
  relay.password = std::move(parts.password);
  return relay;
}

std::string Relay::text() const {
  if (!socket_path.empty()) return "lmtp://" + socket_path;
  const std::string_view scheme = lmtp ? "lmtp" : implicit_tls ? "smtps" : "smtp";
  return fmt::format("{}://{}:{}", scheme, url_host(host), port);
}

}  // namespace postern::smtp
