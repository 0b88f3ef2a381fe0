#include "smtp/connect/proxy.h"

#include <fmt/format.h>

#include "base/text.h"
#include "smtp/syntax/url_parts.h"

namespace postern::smtp {
namespace {

constexpr UrlKind proxy_url{"proxy", "write socks5h://host:port or http://user:password@host:port"};
constexpr std::string_view socks = "socks5h";

}  // namespace

Proxy Proxy::parse(std::string_view url) {
  UrlParts parts = parse_url(url, proxy_url);
  if (parts.scheme != "http" && parts.scheme != socks) {
    refuse_url(url, proxy_url, fmt::format("its scheme is \"{}\"", printable(parts.scheme)));
  }
  const bool http = parts.scheme == "http";
  return {http, std::move(parts.host), parts.port.value_or(http ? 3128 : 1080),
          std::move(parts.user), std::move(parts.password)};
}

std::string Proxy::text() const {
  return fmt::format("{}://{}:{}", http ? "http" : socks, url_host(host), port);
}

}  // namespace postern::smtp
