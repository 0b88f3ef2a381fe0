// The attributes of TNEF that are older than MAPI: what each says becomes properties where no MAPI
// property says it ([MS-OXTNEF] 2.1.3.3).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <span>
#include <string>

#include "mapi/property_bag.h"
#include "msg/property/raw_texts.h"

namespace postern::msg {

/// A name and an address, as octets.
struct LegacyParty {
  std::string name;
  std::string type;
  std::string address;
};

/// What the legacy attributes of a message or an attachment say.
struct LegacyProperties {
  mapi::PropertyBag bag;
  std::set<std::uint16_t> texts;  ///< the properties that are 8-bit texts
  std::optional<LegacyParty> owner;
};

/// Keeps what the attribute says; one that is unknown or malformed says nothing.
void add_legacy(LegacyProperties& properties, std::uint32_t attribute,
                std::span<const std::byte> octets);

/// Sets the properties that the bag lacks; `raw` is told which of them are to be decoded. Returns
/// whether one of them is a time, which TNEF gives without its time zone.
bool settle_legacy(LegacyProperties properties, mapi::PropertyBag& bag, RawTexts& raw);

}  // namespace postern::msg
