#include "smtp/syntax/address_syntax.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/text.h"

namespace postern::smtp {
namespace {

constexpr std::size_t longest_address = 254;

bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/// Octets, by a table: addresses are looked at for every message.
using OctetSet = std::array<bool, 256>;
constexpr OctetSet letters_digits_utf8_and(std::string_view marks) {
  OctetSet set{};
  for (std::size_t octet = 0x80; octet < set.size(); ++octet) set.at(octet) = true;
  for (char c = '0'; c <= '9'; ++c) set.at(static_cast<unsigned char>(c)) = true;
  for (char c = 'a'; c <= 'z'; ++c) set.at(static_cast<unsigned char>(c)) = true;
  for (char c = 'A'; c <= 'Z'; ++c) set.at(static_cast<unsigned char>(c)) = true;
  for (const char c : marks) set.at(static_cast<unsigned char>(c)) = true;
  return set;
}
bool all_of(std::string_view text, const OctetSet& set) {
  return std::all_of(text.begin(), text.end(),
                     [&](char c) { return set[static_cast<unsigned char>(c)]; });
}

/// atext of RFC 5322 §3.2.3, the dot, and UTF-8 (RFC 6532).
constexpr OctetSet unquoted_local = letters_digits_utf8_and("!#$%&'*+-/=?^_`{|}~.");
constexpr OctetSet domain_octets = letters_digits_utf8_and(".-_");

bool is_quoted_string(std::string_view text) {
  if (text.size() < 2 || !text.starts_with('"') || !text.ends_with('"')) return false;
  text = text.substr(1, text.size() - 2);
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '"') return false;
    if (text[at] == '\\' && ++at == text.size()) return false;
  }
  return true;
}

bool is_address_literal(std::string_view text) {
  return text.size() > 2 && text.starts_with('[') && text.ends_with(']') &&
         std::all_of(text.begin() + 1, text.end() - 1, [](char c) {
           return is_letter_or_digit(c) || c == '.' || c == ':' || c == '-';
         });
}

bool is_domain_name(std::string_view text) {
  if (text.empty() || text.front() == '.' || text.back() == '.') return false;
  if (text.find("..") != std::string_view::npos) return false;
  return all_of(text, domain_octets);
}

}  // namespace

std::optional<std::string> address_fault(std::string_view address) {
  const auto fault = [address](std::string_view why) {
    return fmt::format("\"{}\" is no address: {}", printable(address.substr(0, 300)), why);
  };
  if (address.size() > longest_address) return fault("it is longer than 254 octets");
  if (!is_utf8(address)) return fault("it is not UTF-8");
  if (has_control(address)) return fault("there is a control character in it");
  if (address.find_first_of("<>") != std::string_view::npos) {
    return fault("there is an angle bracket in it");
  }
  const std::size_t at = address.rfind('@');
  if (at == std::string_view::npos) return fault("there is no @ in it");
  const std::string_view local = address.substr(0, at);
  const std::string_view domain = address.substr(at + 1);
  const bool good_local =
      is_quoted_string(local) || (!local.empty() && all_of(local, unquoted_local));
  if (!good_local) return fault("what stands before the @ is no local part");
  if (!is_domain_name(domain) && !is_address_literal(domain)) {
    return fault("what stands behind the @ is no domain");
  }
  return std::nullopt;
}

std::optional<std::string> helo_name_fault(std::string_view name) {
  if (name.size() <= 255 && is_ascii(name) && (is_domain_name(name) || is_address_literal(name))) {
    return std::nullopt;
  }
  return fmt::format("\"{}\" cannot be said in EHLO: it is no domain name and no address literal",
                     printable(name.substr(0, 255)));
}

}  // namespace postern::smtp
