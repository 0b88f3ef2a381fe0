#include "smtp/io/interface_addresses.h"

#include <cerrno>
#include <cstring>
#include <ifaddrs.h>
#include <memory>
#include <netinet/in.h>
#include <system_error>

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
