// The names and addresses of this host, to detect mail loops (RFC 5321 §5.1, §6.3).
#pragma once

#include <set>
#include <string>

#include <boost/asio/ip/address.hpp>

namespace postern::smtp {

namespace asio = boost::asio;

struct OwnHost {
  std::set<std::string> names;            ///< as dns_name gives them
  std::set<asio::ip::address> addresses;  ///< at which we receive mail
  /// Whether loopback and unspecified addresses count as ours; false only if the mail hosts are on
  /// this machine.
  bool loopback = true;

  [[nodiscard]] bool is_named(const std::string& name) const { return names.contains(name); }
  [[nodiscard]] bool is_at(const asio::ip::address& address) const;
};

/// This machine's host name and its interfaces' addresses now. Throws std::system_error.
OwnHost this_machine();

}  // namespace postern::smtp
