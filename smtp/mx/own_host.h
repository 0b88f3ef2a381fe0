// Who we are ourselves, so that mail is not sent round in a circle (RFC 5321 §5.1, §6.3).
#pragma once

#include <set>
#include <string>

#include <boost/asio/ip/address.hpp>

namespace postern::smtp {

namespace asio = boost::asio;

struct OwnHost {
  std::set<std::string> names;            ///< as dns_name gives them
  std::set<asio::ip::address> addresses;  ///< where we receive mail
  /// Whether loopback and unspecified addresses, which on any machine are that machine's own, are
  /// ours; false only where the mail hosts to be reached live on this very machine.
  bool loopback = true;

  [[nodiscard]] bool is_named(const std::string& name) const { return names.contains(name); }
  [[nodiscard]] bool is_at(const asio::ip::address& address) const;
};

/// This machine by its host name and its interfaces' addresses now. Throws std::system_error.
OwnHost this_machine();
/// The addresses of this machine's interfaces now. Throws std::system_error.
std::set<asio::ip::address> interface_addresses();

}  // namespace postern::smtp
