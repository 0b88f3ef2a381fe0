#include "smtp/connect/options.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <mutex>
#include <stdexcept>
#include <unistd.h>

#include <curl/curl.h>
#include <fmt/format.h>

#include "base/text.h"
#include "smtp/auth/auth_mechanism.h"
#include "smtp/connect/greeting_name.h"
#include "smtp/dialogue/command.h"
#include "smtp/syntax/address_syntax.h"

namespace postern::smtp {
namespace {

std::string helo_name_of(const ClientOptions& options) {
  if (!options.helo_name.empty()) {
    if (const auto fault = helo_name_fault(options.helo_name)) throw std::invalid_argument(*fault);
    return options.helo_name;
  }
  return greeting_name();
}

void check_files(const ClientOptions& options) {
  struct File {
    std::string_view what;
    const std::string& path;
  };
  const std::array files{File{"file of trusted authorities", options.ca_file},
                         File{"client certificate", options.client_certificate},
                         File{"key of the client certificate", options.client_key},
                         File{"netrc file", options.netrc_file}};
  for (const File& file : files) {
    if (file.path.empty() || ::access(file.path.c_str(), R_OK) == 0) continue;
    throw std::invalid_argument(fmt::format("the {} \"{}\" cannot be read: {}", file.what,
                                            file.path, std::strerror(errno)));
  }
}

void check_auth(const ClientOptions& options) {
  for (const std::string& name : options.auth_mechanisms) {
    if (const auto fault = mechanism_fault(name)) throw std::invalid_argument(*fault);
  }
  if (!options.client_key.empty() && options.client_certificate.empty()) {
    throw std::invalid_argument("a key is given for a client certificate, but no certificate");
  }
  if (options.token_command.empty()) return;
  if (options.token_command.front().empty()) {
    throw std::invalid_argument("the token command names no program");
  }
  for (const std::string& argument : options.token_command) {
    if (argument.find('\0') != std::string::npos) {
      throw std::invalid_argument("an argument of the token command holds a NUL");
    }
  }
}

void check_destinations(const ClientOptions& options) {
  for (const auto& [name, settings] : options.destinations) {
    if (settings.tls != TlsPolicy::fingerprint || !settings.fingerprints.empty()) continue;
    throw std::invalid_argument("no fingerprint is given for the certificates of " +
                                printable(name));
  }
}

}  // namespace

ClientOptions checked(ClientOptions options) {
  check_files(options);
  check_auth(options);
  check_destinations(options);
  proxy_of(options);
  options.helo_name = helo_name_of(options);
  return options;
}

std::shared_ptr<const ClientOptions> prepared(ClientOptions options) {
  static std::once_flag once;
  std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
  options.connections = std::max<std::size_t>(options.connections, 1);
  return std::make_shared<const ClientOptions>(checked(std::move(options)));
}

DestinationSettings settings_for(const ClientOptions& options, const std::string& destination) {
  const auto found = options.destinations.find(destination);
  DestinationSettings settings;
  if (found != options.destinations.end()) settings = found->second;
  if (!settings.fingerprints.empty() && !settings.tls) settings.tls = TlsPolicy::fingerprint;
  if (!settings.tls) {
    settings.tls = options.tls;
    settings.fingerprints = options.fingerprints;
  }
  settings.connections =
      std::max<std::size_t>(settings.connections.value_or(options.connections), 1);
  if (!settings.pace) settings.pace = options.pace;
  return settings;
}

std::optional<Proxy> proxy_of(const ClientOptions& options) {
  if (options.proxy.empty()) return std::nullopt;
  return Proxy::parse(options.proxy);
}

}  // namespace postern::smtp
