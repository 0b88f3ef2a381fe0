// A domain's mail hosts and the order in which they are tried (RFC 5321 §5.1, RFC 7505). Sans I/O.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <string>
#include <variant>
#include <vector>

#include "base/outcome.h"
#include "smtp/dns/dns_answer.h"
#include "smtp/mx/own_host.h"

namespace postern::smtp {

/// A number below `bound`, which is at least 1.
using RandomBelow = std::function<std::size_t(std::size_t bound)>;
/// A generator seeded by the system.
RandomBelow system_random();

struct MailHost {
  std::string name;  ///< in lower case
  int preference = 0;
  friend bool operator==(const MailHost&, const MailHost&) = default;
};

struct MailHosts {
  std::vector<MailHost> hosts;  ///< in the order they are to be tried, without ourselves
  bool secure = false;          ///< validated by DNSSEC
  bool implicit = false;        ///< there is no MX record: the domain is its own host
  bool ours = false;            ///< we were among them: we and less preferred hosts are left out
};

/// The hosts by preference, in random order among equals, at most `most`; or why there are none. An
/// exchange that is no host name is left out.
std::variant<MailHosts, Outcome> mail_hosts(const std::string& domain,
                                            const DnsAnswer<MxRecord>& answer, const OwnHost& own,
                                            std::size_t most, const RandomBelow& random_below,
                                            std::chrono::system_clock::time_point now);

/// One of each in turn, and what is left of the longer one.
std::vector<asio::ip::address> in_turn(const std::vector<asio::ip::address>& first,
                                       const std::vector<asio::ip::address>& second);

/// The addresses in the order they are to be tried: random within a family, the families taken in
/// turn, IPv6 first (RFC 8305 §4), so that one broken family costs one attempt; at most `most`.
std::vector<asio::ip::address> interleaved(std::vector<asio::ip::address_v6> v6,
                                           std::vector<asio::ip::address_v4> v4, std::size_t most,
                                           const RandomBelow& random_below);

}  // namespace postern::smtp
