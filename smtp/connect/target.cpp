#include "smtp/connect/target.h"

#include <arpa/inet.h>
#include <stdexcept>

#include <fmt/format.h>

#include "base/text.h"
#include "smtp/auth/auth_plan.h"
#include "smtp/connect/options.h"
#include "smtp/connect/tls_guard.h"
#include "smtp/dialogue/command.h"
#include "smtp/syntax/address_syntax.h"
#include "smtp/syntax/url_parts.h"

namespace postern::smtp {
namespace {

bool is_address(const std::string& text) {
  unsigned char octets[sizeof(in6_addr)];
  return ::inet_pton(AF_INET, text.c_str(), octets) == 1 ||
         ::inet_pton(AF_INET6, text.c_str(), octets) == 1;
}

bool is_loopback(const std::string& host) {
  return lower_case(host) == "localhost" || host.starts_with("127.") || host == "::1";
}

std::optional<std::string> relay_fault(const Relay& relay) {
  if (!relay.socket_path.empty()) return std::nullopt;
  if (helo_name_fault(url_host(relay.host))) {
    return fmt::format("\"{}\" is no host for a relay", printable(relay.host));
  }
  if (relay.port < 1 || relay.port > 65535) {
    return fmt::format("{} is no port for a relay", relay.port);
  }
  if (has_control(relay.user) || has_control(relay.password)) {
    return "the user name or password of " + relay.text() + " holds a control character";
  }
  return std::nullopt;
}

}  // namespace

TlsRequirement effective_tls(const ConnectTarget& target) {
  TlsRequirement tls = target.tls;
  if (target.relay.implicit_tls && tls.policy < TlsPolicy::verify) tls.policy = TlsPolicy::verify;
  return tls;
}

bool has_a_name(const ConnectTarget& target) {
  return target.address.empty() && target.relay.socket_path.empty() &&
         !is_address(target.relay.host) && !target.relay.host.starts_with('[');
}

std::optional<std::string> target_fault(const ConnectTarget& target, bool authenticates,
                                        bool proxy) {
  const Relay& relay = target.relay;
  if (auto fault = relay_fault(relay)) return fault;
  if (!target.address.empty() && !is_address(target.address)) {
    return fmt::format("\"{}\" is no address to reach {} at", printable(target.address),
                       relay.text());
  }
  const TlsRequirement tls = effective_tls(target);
  if (auto fault = tls_requirement_fault(tls)) {
    return fmt::format("{} cannot be reached: {}", relay.text(), *fault);
  }
  if (relay.lmtp && tls.policy >= TlsPolicy::encrypt) {
    return relay.text() + " is reached in the clear: LMTP has no TLS here; ask for none";
  }
  if (relay.lmtp && !relay.user.empty()) {
    return "nobody can log on to " + relay.text() + ": LMTP has no AUTH here; set no user name";
  }
  const bool stays_here =
      is_loopback(target.address.empty() ? relay.host : target.address) && !proxy;
  const bool clear = tls.policy == TlsPolicy::may || (tls.policy == TlsPolicy::none && !stays_here);
  if (authenticates && clear) {
    return "the user name and password for " + relay.text() +
           " would go over the wire in the clear; require TLS";
  }
  return std::nullopt;
}

ConnectTarget relay_target(const ClientOptions& options, const Relay& relay) {
  ConnectTarget target{relay, {}, {}};
  const DestinationSettings settings = settings_for(options, relay.text());
  const bool authenticates = auth_plan_for(options, relay).wanted();
  const bool proxy = !options.proxy.empty();
  const bool trusted_way = is_loopback(relay.host) && !proxy && !authenticates;
  target.tls.policy = relay.lmtp    ? TlsPolicy::none
                      : trusted_way ? TlsPolicy::may
                                    : TlsPolicy::verify;
  if (!settings.fingerprints.empty()) target.tls.policy = TlsPolicy::fingerprint;
  if (settings.tls) target.tls.policy = *settings.tls;
  target.tls.fingerprints = settings.fingerprints;
  if (const auto fault = target_fault(target, authenticates, proxy))
    throw std::invalid_argument(*fault);
  return target;
}

}  // namespace postern::smtp
