#include "msg/tnef/one_off_addresses.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "mapi/property_tags.h"

namespace postern::msg {
namespace {

constexpr std::array<std::uint8_t, 16> exchange_provider{
    0xDC, 0xA7, 0x40, 0xC8, 0xC0, 0x42, 0x10, 0x1A, 0xB4, 0xB9, 0x08, 0x00, 0x2B, 0x2F, 0xE1, 0x82};

constexpr std::array groups{
    mapi::sender_group,      mapi::sent_representing_group, mapi::read_receipt_group,
    mapi::received_by_group, mapi::rcvd_representing_group, mapi::recipient_group};

/// The distinguished name in an entry id of Exchange's address book (§2.2); nullopt: it is none.
std::optional<std::string> exchange_name(const mapi::Binary& entry_id) {
  constexpr std::size_t provider = 4;
  constexpr std::size_t header = 28;  // flags, provider, version, type
  if (entry_id.size() <= header) return std::nullopt;
  const bool is_exchange =
      std::equal(exchange_provider.begin(), exchange_provider.end(), entry_id.begin() + provider,
                 [](std::uint8_t octet, std::byte found) { return std::byte{octet} == found; });
  if (!is_exchange) return std::nullopt;
  std::string name(reinterpret_cast<const char*>(entry_id.data()) + header,
                   entry_id.size() - header);
  name.erase(std::find(name.begin(), name.end(), '\0'), name.end());
  return name;
}

class Converter {
 public:
  Converter(const mapi::PropertyBag& bag, const mapi::ExchangeAddresses& addresses)
      : bag_(bag), addresses_(addresses) {}

  /// The value with one-off entry ids; nullopt if there is nothing to convert.
  [[nodiscard]] std::optional<mapi::PropertyValue> converted(
      std::optional<std::uint16_t> id, const mapi::PropertyValue& value) const {
    if (const auto* list = std::get_if<std::vector<mapi::Binary>>(&value)) {
      return converted_list(*list);
    }
    const auto* octets = std::get_if<mapi::Binary>(&value);
    if (octets == nullptr) return std::nullopt;
    if (id == mapi::PR_REPLY_RECIPIENT_ENTRIES.id) return converted_flat_list(*octets);
    return one_off(*octets, id);
  }

 private:
  [[nodiscard]] std::optional<mapi::Binary> one_off(const mapi::Binary& entry_id,
                                                    std::optional<std::uint16_t> id) const {
    const auto name = exchange_name(entry_id);
    if (!name) return std::nullopt;
    mapi::Address address{*name, "EX", *name};
    const auto* const group = std::ranges::find_if(
        groups, [id](const mapi::AddressGroup& known) { return id == known.entry_id.id; });
    auto found = smtp_address(*name);
    if (group != groups.end()) {
      address.display_name = bag_.get_or(group->display_name, *name);
      if (auto own = addresses_.smtp_address(bag_, *group)) found = std::move(own);
    }
    if (found) {
      address.type = "SMTP";
      address.address = *std::move(found);
    }
    address.takes_rich_info = true;
    return mapi::make_one_off(address).bytes;
  }

  /// What the message knows of the user elsewhere.
  [[nodiscard]] std::optional<std::string> smtp_address(const std::string& name) const {
    mapi::PropertyBag user;
    user.set(mapi::PR_ADDRTYPE, "EX");
    user.set(mapi::PR_EMAIL_ADDRESS, name);
    return addresses_.smtp_address(user, mapi::recipient_group);
  }

  [[nodiscard]] std::optional<mapi::PropertyValue> converted_list(
      std::vector<mapi::Binary> entries) const {
    bool is_changed = false;
    for (auto& entry : entries) {
      auto changed = one_off(entry, std::nullopt);
      if (!changed) continue;
      entry = *std::move(changed);
      is_changed = true;
    }
    return is_changed ? std::optional<mapi::PropertyValue>(std::move(entries)) : std::nullopt;
  }

  [[nodiscard]] std::optional<mapi::PropertyValue> converted_flat_list(
      const mapi::Binary& list) const {
    auto entries = mapi::parse_flat_entry_list(list);
    bool is_changed = false;
    for (auto& entry : entries) {
      auto changed = one_off(entry.bytes, std::nullopt);
      if (!changed) continue;
      entry.bytes = *std::move(changed);
      is_changed = true;
    }
    if (!is_changed) return std::nullopt;
    return mapi::PropertyValue(mapi::make_flat_entry_list(entries));
  }

  const mapi::PropertyBag& bag_;
  const mapi::ExchangeAddresses& addresses_;
};

}  // namespace

mapi::PropertyBag with_one_offs(const mapi::PropertyBag& bag,
                                const mapi::ExchangeAddresses& addresses) {
  const Converter converter(bag, addresses);
  auto changed = bag;
  for (const auto& [id, value] : bag.properties()) {
    if (auto one_off = converter.converted(id, value)) changed.set(id, *std::move(one_off));
  }
  for (const auto& [name, value] : bag.named_properties()) {
    auto one_off = converter.converted(std::nullopt, value);
    if (one_off) changed.set(name, *std::move(one_off));
  }
  return changed;
}

}  // namespace postern::msg
