// The numbers of TNEF ([MS-OXTNEF] 2.1.3).
//
// The high half of an attribute's id is the type of its data. Some writers leave it out, so ids
// from 0x8000 on are told by the low half alone; below it the types tell two of one number apart.
#pragma once

#include <cstdint>

#include "mapi/property_tags.h"

namespace postern::msg {

inline constexpr std::uint32_t tnef_signature = 0x223E9F78;
inline constexpr std::uint32_t tnef_version = 0x00010000;

/// What an attribute belongs to.
enum class AttributeLevel : std::uint8_t { message = 1, attachment = 2 };

enum class Attribute : std::uint32_t {
  owner = 0x00060000,
  sent_for = 0x00060001,
  date_start = 0x00030006,
  date_end = 0x00030007,
  original_message_class = 0x00070006,
  owner_appointment_id = 0x00050008,
  request_response = 0x00040009,
  from = 0x00008000,
  subject = 0x00018004,
  date_sent = 0x00038005,
  date_received = 0x00038006,
  message_status = 0x00068007,
  message_class = 0x00078008,
  message_id = 0x00018009,
  parent_id = 0x0001800A,
  conversation_id = 0x0001800B,
  body = 0x0002800C,
  priority = 0x0004800D,
  attach_data = 0x0006800F,
  attach_title = 0x00018010,
  attach_meta_file = 0x00068011,
  attach_create_date = 0x00038012,
  attach_modify_date = 0x00038013,
  date_modified = 0x00038020,
  attach_transport_filename = 0x00069001,
  attach_rendering = 0x00069002,
  message_properties = 0x00069003,
  recipient_table = 0x00069004,
  attachment = 0x00069005,
  version = 0x00089006,
  code_page = 0x00069007,
};

/// Whether the id in a stream is that of the attribute.
constexpr bool is_attribute(std::uint32_t id, Attribute attribute) {
  constexpr std::uint32_t low_half = 0xFFFF;
  constexpr std::uint32_t first_unambiguous = 0x8000;
  const auto known = static_cast<std::uint32_t>(attribute);
  return id == known ||
         ((known & low_half) >= first_unambiguous && (id & low_half) == (known & low_half));
}

inline constexpr auto object_type = static_cast<std::uint16_t>(mapi::PropertyType::object);

// How a named property is named.
inline constexpr std::uint32_t named_by_number = 0;
inline constexpr std::uint32_t named_by_text = 1;

// What an attachment's object is: the interface by which MAPI would open it.
inline constexpr mapi::Guid message_interface = mapi::office_property_set(0x00020307);
inline constexpr mapi::Guid storage_interface = mapi::office_property_set(0x0000000B);

// attAttachRenddata
inline constexpr std::uint16_t rendered_file = 1;
inline constexpr std::uint16_t rendered_ole_object = 2;
inline constexpr std::uint32_t rendered_mac_binary = 1;

/// Values of TNEF begin at multiples of it.
inline constexpr std::uint64_t alignment = 4;
constexpr std::uint64_t padding_after(std::uint64_t size) {
  return (alignment - size % alignment) % alignment;
}

}  // namespace postern::msg
