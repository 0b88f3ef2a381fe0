#include "smtp/mx/own_host.h"

#include <cerrno>
#include <cstring>
#include <ifaddrs.h>
#include <memory>
#include <netinet/in.h>
#include <system_error>

#include "base/host_name.h"
#include "smtp/dns/domain_name.h"

namespace postern::smtp {
namespace {

asio::ip::address address_of(const sockaddr_in& socket) {
  return asio::ip::address_v4(ntohl(socket.sin_addr.s_addr));
}

asio::ip::address address_of(const sockaddr_in6& socket) {
  asio::ip::address_v6::bytes_type octets{};
  std::memcpy(octets.data(), &socket.sin6_addr, octets.size());
  return asio::ip::address_v6(octets);
}

}  // namespace

bool OwnHost::is_at(const asio::ip::address& address) const {
  const asio::ip::address plain = unmapped(address);
  return addresses.contains(plain) || (loopback && (plain.is_loopback() || plain.is_unspecified()));
}

OwnHost this_machine() {
  OwnHost own{{}, interface_addresses()};
  if (const auto name = dns_name(host_name())) own.names.insert(*name);
  return own;
}

std::set<asio::ip::address> interface_addresses() {
  ifaddrs* first = nullptr;
  if (::getifaddrs(&first) != 0) {
    throw std::system_error(errno, std::generic_category(), "the interfaces' addresses");
  }
  const std::unique_ptr<ifaddrs, void (*)(ifaddrs*)> all(first, &::freeifaddrs);
  std::set<asio::ip::address> addresses;
  for (const ifaddrs* one = first; one != nullptr; one = one->ifa_next) {
    if (one->ifa_addr == nullptr) continue;
    if (one->ifa_addr->sa_family == AF_INET) {
      addresses.insert(address_of(*reinterpret_cast<const sockaddr_in*>(one->ifa_addr)));
    } else if (one->ifa_addr->sa_family == AF_INET6) {
      addresses.insert(address_of(*reinterpret_cast<const sockaddr_in6*>(one->ifa_addr)));
    }
  }
  return addresses;
}

}  // namespace postern::smtp
