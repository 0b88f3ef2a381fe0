#include "smtp/dns/domain_name.h"

#include <algorithm>

#include "base/internationalized_domain.h"
#include "base/text.h"

namespace postern::smtp {
namespace {

constexpr std::size_t longest_dotted_name = 253;
constexpr std::size_t longest_label = 63;

bool is_label_character(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_';
}
bool is_label(std::string_view label) {
  return !label.empty() && label.size() <= longest_label && label.front() != '-' &&
         label.back() != '-' && std::all_of(label.begin(), label.end(), is_label_character);
}

}  // namespace

bool is_host_name(std::string_view name) {
  if (name.size() > longest_dotted_name) return false;
  for (;;) {
    const std::size_t dot = name.find('.');
    const std::string_view label = name.substr(0, dot);
    if (!is_label(label)) return false;
    if (dot == std::string_view::npos) return !std::all_of(label.begin(), label.end(), is_digit);
    name.remove_prefix(dot + 1);
  }
}

std::optional<std::string> dns_name(std::string_view domain) {
  if (domain.ends_with('.')) domain.remove_suffix(1);
  auto name = is_ascii(domain) ? std::optional(std::string(domain)) : a_labels(domain);
  if (!name || !is_host_name(*name)) return std::nullopt;
  return lower_case(*name);
}

std::optional<asio::ip::address> address_literal(std::string_view domain) {
  if (!domain.starts_with('[') || !domain.ends_with(']') || domain.size() < 3) return std::nullopt;
  const std::string inside(domain.substr(1, domain.size() - 2));
  constexpr std::string_view tag = "ipv6:";
  boost::system::error_code error;
  if (!lower_case(inside).starts_with(tag)) {
    const auto address = asio::ip::make_address_v4(inside, error);
    return error ? std::nullopt : std::optional<asio::ip::address>(address);
  }
  const std::string text = inside.substr(tag.size());
  if (text.find('%') != std::string::npos) return std::nullopt;  // a zone id is local
  const auto address = asio::ip::make_address_v6(text, error);
  return error ? std::nullopt : std::optional(unmapped(address));
}

asio::ip::address unmapped(const asio::ip::address& address) {
  if (!address.is_v6() || !address.to_v6().is_v4_mapped()) return address;
  return asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6());
}

}  // namespace postern::smtp
