#include "smtp/connect/greeting_name.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <sstream>
#include <system_error>
#include <vector>

#include "base/host_name.h"
#include "base/text.h"
#include "smtp/io/interface_addresses.h"
#include "smtp/io/socket_address.h"

namespace postern::smtp {
namespace {

using boost::asio::ip::address;

/// "localhost.localdomain" names every machine.
bool is_full(const std::string& name) {
  return domain_or_localhost(name) == name && name.find('.') != std::string::npos &&
         !name.starts_with("localhost.") && !name.ends_with(".localdomain");
}

/// The full name on the line that has the name.
std::string name_in_hosts(const std::string& name, std::string_view hosts) {
  std::istringstream lines{std::string(hosts)};
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(lower_case(line.substr(0, line.find('#'))));
    std::string of_address;
    words >> of_address;
    const std::vector<std::string> names{std::istream_iterator<std::string>(words), {}};
    if (std::find(names.begin(), names.end(), name) == names.end()) continue;
    const auto full = std::find_if(names.begin(), names.end(), is_full);
    if (full != names.end()) return *full;
  }
  return {};
}

/// The lower, the better others reach it.
int remoteness(const address& one) {
  if (one.is_loopback() || one.is_unspecified()) return 4;
  const bool link_local =
      one.is_v6() ? one.to_v6().is_link_local() : (one.to_v4().to_uint() >> 16U) == 0xA9FE;
  if (link_local) return 3;
  return one.is_v6() ? 2 : 1;
}

std::string literal(const std::set<address>& addresses) {
  const auto best = std::min_element(
      addresses.begin(), addresses.end(),
      [](const address& a, const address& b) { return remoteness(a) < remoteness(b); });
  if (best == addresses.end()) return "[127.0.0.1]";
  if (best->is_v4()) return "[" + best->to_string() + "]";
  return "[IPv6:" + without_scope(*best).to_string() + "]";
}

}  // namespace

std::string greeting_name(std::string_view host_name, std::string_view hosts,
                          const std::set<address>& addresses) {
  std::string name = lower_case(host_name);
  if (is_full(name)) return name;
  std::string known = name_in_hosts(name, hosts);
  return known.empty() ? literal(addresses) : known;
}

std::string greeting_name() {
  std::ifstream file("/etc/hosts");
  const std::string hosts{std::istreambuf_iterator<char>(file), {}};
  std::set<address> addresses;
  try {
    addresses = interface_addresses();
  } catch (const std::system_error&) {
    // A machine without them still has its loopback address.
  }
  return greeting_name(host_name(), hosts, addresses);
}

}  // namespace postern::smtp
