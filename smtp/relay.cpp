#include <array>
#include <charconv>
#include <stdexcept>

#include <fmt/format.h>

#include "smtp/client.h"
#include "smtp/command.h"
#include "smtp/text.h"

namespace postern::smtp {
namespace {

/// What a URL is shown as in errors: never its user name and password.
std::string shown(std::string_view url) {
  const std::size_t at = url.rfind('@');
  const std::size_t scheme = url.find("://");
  if (at == std::string_view::npos) return printable(url);
  const std::string_view front = scheme < at ? url.substr(0, scheme + 3) : std::string_view();
  return printable(front) + "…@" + printable(url.substr(at + 1));
}

[[noreturn]] void refuse(std::string_view url, std::string_view why) {
  throw std::invalid_argument(fmt::format(
      "\"{}\" is no relay: {}; write smtp://host, smtp://user:password@host:587 or smtps://host",
      shown(url), why));
}

int digit_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::string percent_decoded(std::string_view url, std::string_view text) {
  std::string decoded;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '%') {
      decoded += text[at];
      continue;
    }
    const int high = at + 2 < text.size() ? digit_value(text[at + 1]) : -1;
    const int low = high >= 0 ? digit_value(text[at + 2]) : -1;
    if (low < 0) refuse(url, "a % in the user name or password is not followed by two hex digits");
    decoded += static_cast<char>(high * 16 + low);
    at += 2;
  }
  if (has_control(decoded)) refuse(url, "the user name or password holds a control character");
  return decoded;
}

int parse_port(std::string_view url, std::string_view text) {
  int port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc{} || end != text.data() + text.size() || port < 1 || port > 65535) {
    refuse(url, fmt::format("\"{}\" is no port", printable(text)));
  }
  return port;
}

/// Takes the host off the front: a name, an IPv4 address, or an IPv6 address in brackets.
std::string take_host(std::string_view url, std::string_view& rest) {
  const bool bracketed = rest.starts_with('[');
  const std::size_t end = bracketed ? rest.find(']') : rest.find(':');
  if (bracketed && end == std::string_view::npos) refuse(url, "the bracket is not closed");
  const std::string_view host = bracketed ? rest.substr(1, end - 1) : rest.substr(0, end);
  rest.remove_prefix(bracketed ? end + 1 : host.size());
  if (host.empty()) refuse(url, "there is no host in it");
  const std::string said = bracketed ? fmt::format("[{}]", host) : std::string(host);
  if (helo_name_fault(said)) refuse(url, fmt::format("\"{}\" is no host", printable(host)));
  return std::string(host);
}

}  // namespace

Relay Relay::parse(std::string_view url) {
  struct Scheme {
    std::string_view text;
    int port;
    bool implicit_tls;
  };
  static constexpr std::array schemes{Scheme{"smtp", 25, false}, Scheme{"smtps", 465, true}};
  const std::size_t colon = url.find("://");
  if (colon == std::string_view::npos) refuse(url, "it does not begin with smtp:// or smtps://");
  const std::string said = lower_case(url.substr(0, colon));
  Relay relay;
  for (const Scheme& scheme : schemes) {
    if (said != scheme.text) continue;
    relay.port = scheme.port;
    relay.implicit_tls = scheme.implicit_tls;
  }
  if (relay.port == 0) refuse(url, fmt::format("its scheme is \"{}\"", printable(said)));
  std::string_view rest = url.substr(colon + 3);
  if (rest.ends_with('/')) rest.remove_suffix(1);
  if (const std::size_t at = rest.rfind('@'); at != std::string_view::npos) {
    const std::string_view credentials = rest.substr(0, at);
    const std::size_t separator = credentials.find(':');
    relay.user = percent_decoded(url, credentials.substr(0, separator));
    if (relay.user.empty()) refuse(url, "there is no user name before the @");
    if (separator != std::string_view::npos) {
      relay.password = percent_decoded(url, credentials.substr(separator + 1));
    }
    rest.remove_prefix(at + 1);
  }
  relay.host = take_host(url, rest);
  if (rest.starts_with(':')) {
    relay.port = parse_port(url, rest.substr(1));
  } else if (!rest.empty()) {
    refuse(url, fmt::format("\"{}\" behind the host is not understood", printable(rest)));
  }
  return relay;
}

std::string Relay::text() const {
  const bool ipv6 = host.find(':') != std::string::npos;
  return fmt::format("{}://{}{}{}:{}", implicit_tls ? "smtps" : "smtp", ipv6 ? "[" : "", host,
                     ipv6 ? "]" : "", port);
}

}  // namespace postern::smtp
