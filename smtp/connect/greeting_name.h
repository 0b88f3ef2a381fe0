// What EHLO says of this machine if nobody has said it: its full name, or else an address literal
// (RFC 5321 §4.1.4). Many servers refuse a name without a domain.
#pragma once

#include <set>
#include <string>
#include <string_view>

#include <boost/asio/ip/address.hpp>

namespace postern::smtp {

/// The first that there is of: the host's name if it has a domain; a name with a domain that the
/// text of hosts(5) gives it; the literal of an address that others reach, or of any.
std::string greeting_name(std::string_view host_name, std::string_view hosts,
                          const std::set<boost::asio::ip::address>& addresses);
/// The same for this machine now; reads /etc/hosts and asks no name server, which may be away.
std::string greeting_name();

}  // namespace postern::smtp
