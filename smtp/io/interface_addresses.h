// The addresses of this machine's network interfaces.
#pragma once

#include <set>

#include <boost/asio/ip/address.hpp>

namespace postern::smtp {

namespace asio = boost::asio;

/// The addresses now. Throws std::system_error.
std::set<asio::ip::address> interface_addresses();

}  // namespace postern::smtp
