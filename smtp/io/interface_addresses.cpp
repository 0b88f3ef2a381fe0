#include "smtp/io/interface_addresses.h"

#include <cerrno>
#include <ifaddrs.h>
#include <memory>
#include <system_error>

#include "smtp/io/socket_address.h"

namespace postern::smtp {

std::set<asio::ip::address> interface_addresses() {
  ifaddrs* first = nullptr;
  if (::getifaddrs(&first) != 0) {
    throw std::system_error(errno, std::generic_category(), "the interfaces' addresses");
  }
  const std::unique_ptr<ifaddrs, void (*)(ifaddrs*)> all(first, &::freeifaddrs);
  std::set<asio::ip::address> addresses;
  for (const ifaddrs* one = first; one != nullptr; one = one->ifa_next) {
    if (one->ifa_addr == nullptr) continue;
    if (const auto address = address_of(*one->ifa_addr)) addresses.insert(without_scope(*address));
  }
  return addresses;
}

}  // namespace postern::smtp
