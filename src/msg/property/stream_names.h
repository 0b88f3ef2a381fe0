// The names of the storages and streams in a .msg file (mapi-to-mime.md §1.1).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace postern::msg {

inline constexpr std::string_view property_stream_name = "__properties_version1.0";
inline constexpr std::string_view named_property_storage_name = "__nameid_version1.0";
inline constexpr std::string_view attachment_data_stream_name = "__substg1.0_37010102";
inline constexpr std::string_view attachment_object_storage_name = "__substg1.0_3701000D";

/// The stream of one value, or of one element of a list.
struct ValueStreamName {
  std::uint16_t id = 0;
  std::uint16_t type = 0;
  std::optional<std::uint32_t> element;
};
std::string name_of(const ValueStreamName& stream);
std::optional<ValueStreamName> parse_value_stream_name(std::string_view name);

enum class RowKind { recipient, attachment };
/// "__recip_version1.0_#0000001F"
std::string row_storage_name(RowKind kind, std::uint32_t number);
/// The number in the name of a row's storage; nullopt for any other name.
std::optional<std::uint32_t> parse_row_storage_name(RowKind kind, std::string_view name);

}  // namespace postern::msg
