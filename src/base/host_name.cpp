#include "base/host_name.h"

#include <algorithm>
#include <array>
#include <unistd.h>

#include "base/text.h"

namespace postern {
namespace {

constexpr std::size_t longest_domain = 255;  // RFC 5321 §4.5.3.1.2

/// Underscores are no letters of a domain, but machines are called so.
bool is_label_octet(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

bool is_domain(std::string_view name) {
  if (name.size() > longest_domain) return false;
  for (;;) {
    const auto dot = name.find('.');
    const auto label = name.substr(0, dot);
    if (label.empty() || !std::all_of(label.begin(), label.end(), is_label_octet)) return false;
    if (dot == std::string_view::npos) return true;
    name.remove_prefix(dot + 1);
  }
}

}  // namespace

std::string host_name() {
  std::array<char, 256> name{};
  if (::gethostname(name.data(), name.size() - 1) != 0) return "localhost";
  return domain_or_localhost(name.data());
}

std::string domain_or_localhost(std::string_view name) {
  auto host = lower_case(name);
  return is_domain(host) ? host : "localhost";
}

}  // namespace postern
