// Domains as they stand in addresses: names, also international ones, and address literals.
//
// RFC 5321 §4.1.2 and §4.1.3, RFC 5890 (A-labels, by libidn2: IDNA2008). Sans I/O.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <boost/asio/ip/address.hpp>

namespace postern::smtp {

namespace asio = boost::asio;

/// Whether an ASCII name may be one of a host: letters, digits, hyphens and, since the DNS has
/// them, underscores; labels of 1 to 63, 253 in all; the last label no number, or it were an
/// address.
bool is_host_name(std::string_view name);

/// The name in lower case as the DNS knows it, UTF-8 labels as A-labels, without a last dot;
/// nothing where it is no name of a host.
std::optional<std::string> dns_name(std::string_view domain);

/// The address of "[192.0.2.1]" or "[IPv6:2001:db8::1]"; nothing for anything else.
std::optional<asio::ip::address> address_literal(std::string_view domain);

/// An IPv4 address that is written as an IPv6 one (::ffff:192.0.2.1) as what it is.
asio::ip::address unmapped(const asio::ip::address& address);

}  // namespace postern::smtp
