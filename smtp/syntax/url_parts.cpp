#include "smtp/syntax/url_parts.h"

#include <charconv>
#include <stdexcept>

#include <fmt/format.h>

#include "base/percent_encoding.h"
#include "base/text.h"
#include "smtp/syntax/address_syntax.h"

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

/// A URL that is being read, for the sake of its refusals.
struct Reading {
  std::string_view url;
  const UrlKind& kind;

  [[noreturn]] void refuse(std::string_view why) const { refuse_url(url, kind, why); }
};

std::string decoded_credential(const Reading& reading, std::string_view text) {
  if (!is_percent_encoded(text)) {
    reading.refuse("a % in the user name or password is not followed by two hex digits");
  }
  std::string decoded = percent_decoded(text);
  if (has_control(decoded)) {
    reading.refuse("the user name or password holds a control character");
  }
  return decoded;
}

int parse_port(const Reading& reading, std::string_view text) {
  int port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc{} || end != text.data() + text.size() || port < 1 || port > 65535) {
    reading.refuse(fmt::format("\"{}\" is no port", printable(text)));
  }
  return port;
}

/// Takes the host off the front.
std::string take_host(const Reading& reading, std::string_view& rest) {
  const bool bracketed = rest.starts_with('[');
  const std::size_t end = bracketed ? rest.find(']') : rest.find(':');
  if (bracketed && end == std::string_view::npos) reading.refuse("the bracket is not closed");
  const std::string_view host = bracketed ? rest.substr(1, end - 1) : rest.substr(0, end);
  rest.remove_prefix(bracketed ? end + 1 : host.size());
  if (host.empty()) reading.refuse("there is no host in it");
  const std::string said = bracketed ? fmt::format("[{}]", host) : std::string(host);
  if (helo_name_fault(said)) reading.refuse(fmt::format("\"{}\" is no host", printable(host)));
  return std::string(host);
}

/// Takes "user:password@" off the front.
void take_credentials(const Reading& reading, std::string_view& rest, UrlParts& parts) {
  const std::size_t at = rest.rfind('@');
  if (at == std::string_view::npos) return;
  const std::string_view credentials = rest.substr(0, at);
  const std::size_t separator = credentials.find(':');
  parts.user = decoded_credential(reading, credentials.substr(0, separator));
  if (parts.user.empty()) reading.refuse("there is no user name before the @");
  if (separator != std::string_view::npos) {
    parts.password = decoded_credential(reading, credentials.substr(separator + 1));
  }
  rest.remove_prefix(at + 1);
}

}  // namespace

void refuse_url(std::string_view url, const UrlKind& kind, std::string_view why) {
  throw std::invalid_argument(
      fmt::format("\"{}\" is no {}: {}; {}", shown(url), kind.what, why, kind.advice));
}

std::string url_host(std::string_view host) {
  const bool ipv6 = host.find(':') != std::string_view::npos;
  return ipv6 ? fmt::format("[{}]", host) : std::string(host);
}

UrlParts parse_url(std::string_view url, const UrlKind& kind) {
  const Reading reading{url, kind};
  const std::size_t colon = url.find("://");
  if (colon == std::string_view::npos) reading.refuse("there is no scheme:// at its front");
  UrlParts parts;
  parts.scheme = lower_case(url.substr(0, colon));
  std::string_view rest = url.substr(colon + 3);
  if (rest.ends_with('/')) rest.remove_suffix(1);
  take_credentials(reading, rest, parts);
  parts.host = take_host(reading, rest);
  if (rest.starts_with(':')) {
    parts.port = parse_port(reading, rest.substr(1));
  } else if (!rest.empty()) {
    reading.refuse(fmt::format("\"{}\" behind the host is not understood", printable(rest)));
  }
  return parts;
}

}  // namespace postern::smtp
