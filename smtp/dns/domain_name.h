// The domains of addresses: names, also internationalised ones, and address literals.
//
// RFC 5321 §4.1.2 and §4.1.3, RFC 5890 (A-labels, by libidn2: IDNA2008). Sans I/O.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <boost/asio/ip/address.hpp>

namespace postern::smtp {

namespace asio = boost::asio;

/// Whether an ASCII name can be a host name: letters, digits, hyphens and, as they occur in the
/// DNS, underscores; labels of 1 to 63 octets, 253 in all; the last label not a number, as that
/// would be an address.
bool is_host_name(std::string_view name);

/// The name in lower case for the DNS, UTF-8 labels as A-labels, without a last dot; nullopt if it
/// is no host name.
std::optional<std::string> dns_name(std::string_view domain);

/// The address of "[192.0.2.1]" or "[IPv6:2001:db8::1]"; nullopt for anything else.
std::optional<asio::ip::address> address_literal(std::string_view domain);

/// An IPv4-mapped IPv6 address (::ffff:192.0.2.1) as the IPv4 address; any other unchanged.
asio::ip::address unmapped(const asio::ip::address& address);

}  // namespace postern::smtp
