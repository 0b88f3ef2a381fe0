#include "smtp/dns/dns_answer.h"

#include <algorithm>

#include <fmt/format.h>

namespace postern::smtp {
namespace {

constexpr std::size_t longest_name = 255;  // octets, RFC 1035 §2.3.4

std::uint8_t octet_at(std::string_view data, std::size_t at) {
  return static_cast<std::uint8_t>(data[at]);
}

/// A label as RFC 1035 §5.1 writes it, so that no octet of it means anything but itself.
std::string label_text(std::string_view label) {
  std::string text;
  for (const char octet : label) {
    if (octet == '.' || octet == '\\') {
      text += '\\';
      text += octet;
    } else if (octet > 0x20 && octet < 0x7F) {
      text += octet;
    } else {
      text += fmt::format("\\{:03}", static_cast<unsigned char>(octet));
    }
  }
  return text;
}

/// A whole name in wire form and no further octets. libunbound has resolved compression pointers.
std::optional<std::string> read_name(std::string_view wire) {
  if (wire.size() > longest_name) return std::nullopt;
  std::string name;
  while (!wire.empty()) {
    const std::size_t length = octet_at(wire, 0);
    wire.remove_prefix(1);
    if (length == 0) return wire.empty() ? std::optional(name) : std::nullopt;
    if (length > 63 || length > wire.size()) return std::nullopt;
    if (!name.empty()) name += '.';
    name += label_text(wire.substr(0, length));
    wire.remove_prefix(length);
  }
  return std::nullopt;
}

template <class Address>
std::optional<Address> read_address(std::string_view rdata) {
  typename Address::bytes_type octets;
  if (rdata.size() != octets.size()) return std::nullopt;
  std::copy(rdata.begin(), rdata.end(), octets.begin());
  return Address(octets);
}

}  // namespace

std::optional<asio::ip::address_v4> DnsRecordType<asio::ip::address_v4>::read(
    std::string_view rdata) {
  return read_address<asio::ip::address_v4>(rdata);
}

std::optional<asio::ip::address_v6> DnsRecordType<asio::ip::address_v6>::read(
    std::string_view rdata) {
  return read_address<asio::ip::address_v6>(rdata);
}

std::optional<MxRecord> DnsRecordType<MxRecord>::read(std::string_view rdata) {
  if (rdata.size() < 3) return std::nullopt;
  auto exchange = read_name(rdata.substr(2));
  if (!exchange) return std::nullopt;
  const int preference = octet_at(rdata, 0) << 8 | octet_at(rdata, 1);
  return MxRecord{static_cast<std::uint16_t>(preference), *std::move(exchange)};
}

std::optional<TextRecord> DnsRecordType<TextRecord>::read(std::string_view rdata) {
  TextRecord record;
  if (rdata.empty()) return std::nullopt;
  while (!rdata.empty()) {
    const std::size_t length = octet_at(rdata, 0);
    rdata.remove_prefix(1);
    if (length > rdata.size()) return std::nullopt;
    record.text += rdata.substr(0, length);
    rdata.remove_prefix(length);
  }
  return record;
}

std::optional<TlsaRecord> DnsRecordType<TlsaRecord>::read(std::string_view rdata) {
  if (rdata.size() < 3) return std::nullopt;
  TlsaRecord record{octet_at(rdata, 0), octet_at(rdata, 1), octet_at(rdata, 2), {}};
  for (const char octet : rdata.substr(3)) record.association.push_back(std::byte(octet));
  return record;
}

}  // namespace postern::smtp
