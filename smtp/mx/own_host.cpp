#include "smtp/mx/own_host.h"

#include "base/host_name.h"
#include "smtp/dns/domain_name.h"
#include "smtp/io/interface_addresses.h"

namespace postern::smtp {

bool OwnHost::is_at(const asio::ip::address& address) const {
  const asio::ip::address plain = unmapped(address);
  return addresses.contains(plain) || (loopback && (plain.is_loopback() || plain.is_unspecified()));
}

OwnHost this_machine() {
  OwnHost own{{}, interface_addresses()};
  if (const auto name = dns_name(host_name())) own.names.insert(*name);
  return own;
}

}  // namespace postern::smtp
