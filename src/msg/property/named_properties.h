// The map of named properties: the names of the ids from 0x8000 up (mapi-to-mime.md §1.4).
//
// There is one in a file, in the root storage; it applies to every nested object too.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "mapi/property_type.h"
#include "msg/property/property_decoder.h"

namespace postern::msg {

inline constexpr std::uint16_t first_named_id = 0x8000;
/// Ids 0x8000 to 0xFFFE ([MS-OXPROPS] 1.3.2).
inline constexpr std::size_t max_named_properties = 0x7FFF;

class NamedProperties {
 public:
  NamedProperties() = default;
  /// The map in `storage` (__nameid_version1.0). Entries with invalid offsets have no name. Throws
  /// FormatError if a stream of it cannot be read.
  NamedProperties(const DirectoryEntry& storage, const ReadStream& read);

  /// The name of an id from 0x8000 up, or nullptr.
  [[nodiscard]] const mapi::PropertyName* name_of(std::uint16_t id) const;

 private:
  std::vector<std::optional<mapi::PropertyName>> names_;  ///< at id - 0x8000
};

/// Assigns ids to names while a file is being written, and makes the streams of the map.
class NamedPropertiesWriter {
 public:
  /// The id of the name in this file. Throws mapi::Failure(MAPI_E_TOO_COMPLEX) when there are no
  /// more ids.
  std::uint16_t id_of(const mapi::PropertyName& name);

  struct Stream {
    std::string name;
    std::vector<std::byte> octets;
  };
  /// The three streams of the map and those for looking up ids by name.
  [[nodiscard]] std::vector<Stream> streams() const;

 private:
  [[nodiscard]] std::uint16_t set_index(const mapi::Guid& set);

  std::map<mapi::PropertyName, std::uint16_t> ids_;
  std::vector<mapi::Guid> sets_;
  std::vector<std::byte> set_octets_;
  std::vector<std::byte> entry_octets_;
  std::vector<std::byte> name_octets_;
  std::map<std::string, std::vector<std::byte>> lookup_;  ///< by the names of their streams
};

}  // namespace postern::msg
