// Addresses as the system's calls give them.
#pragma once

#include <cstring>
#include <netinet/in.h>
#include <optional>
#include <sys/socket.h>

#include <boost/asio/ip/address.hpp>

namespace postern::smtp {

namespace asio = boost::asio;

/// The address, with its scope if it has one; nullopt if it is of another family than IP's.
inline std::optional<asio::ip::address> address_of(const sockaddr& socket) {
  if (socket.sa_family == AF_INET) {
    sockaddr_in v4{};
    std::memcpy(&v4, &socket, sizeof(v4));
    return asio::ip::address_v4(ntohl(v4.sin_addr.s_addr));
  }
  if (socket.sa_family != AF_INET6) return std::nullopt;
  sockaddr_in6 v6{};
  std::memcpy(&v6, &socket, sizeof(v6));
  asio::ip::address_v6::bytes_type octets{};
  std::memcpy(octets.data(), &v6.sin6_addr, octets.size());
  return asio::ip::address_v6(octets, v6.sin6_scope_id);
}

/// The address without its scope, as others know it.
inline asio::ip::address without_scope(const asio::ip::address& address) {
  if (!address.is_v6()) return address;
  return asio::ip::address_v6(address.to_v6().to_bytes());
}

}  // namespace postern::smtp
