// TNEF by hand ([MS-OXTNEF] 2.1): attributes with their checksums, and the lists of properties in
// them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "mapi/content.h"
#include "mapi/property_type.h"
#include "mapi/utf.h"
#include "msg/tnef/attributes.h"

namespace postern::msg::test {

/// Numbers and octets, one after the other.
class TnefOctets {
 public:
  TnefOctets& number(std::uint64_t value, std::size_t size) {
    for (; size > 0; --size, value >>= 8U) octets_ += static_cast<char>(value & 0xFFU);
    return *this;
  }
  TnefOctets& octets(std::string_view more) {
    octets_ += more;
    return *this;
  }
  /// With its length before and padding behind.
  TnefOctets& counted(std::string_view more) {
    number(more.size(), 4).octets(more);
    octets_.append(padding_after(more.size()), '\0');
    return *this;
  }
  TnefOctets& tag(std::uint16_t id, std::uint16_t type) { return number(type, 2).number(id, 2); }
  TnefOctets& guid(const mapi::Guid& guid) {
    for (const auto octet : guid.bytes) octets_ += static_cast<char>(octet);
    return *this;
  }
  /// One value of variable size.
  TnefOctets& value(std::uint16_t id, std::uint16_t type, std::string_view octets) {
    return tag(id, type).number(1, 4).counted(octets);
  }
  TnefOctets& text8(std::uint16_t id, std::string_view text) {
    return value(id, 0x001E, std::string(text) + '\0');
  }
  TnefOctets& int32(std::uint16_t id, std::uint32_t value) {
    return tag(id, 0x0003).number(value, 4);
  }
  [[nodiscard]] const std::string& text() const { return octets_; }

 private:
  std::string octets_;
};

inline std::string utf16(std::string_view text) {
  const auto octets = mapi::to_utf16le(std::string(text) + '\0');
  return {reinterpret_cast<const char*>(octets.data()), octets.size()};
}

/// A list of `count` properties.
inline std::string property_list(std::uint32_t count, const TnefOctets& properties) {
  return TnefOctets().number(count, 4).octets(properties.text()).text();
}

inline std::uint16_t checksum(std::string_view octets) {
  unsigned sum = 0;
  for (const char octet : octets) sum += static_cast<unsigned char>(octet);
  return static_cast<std::uint16_t>(sum);
}

class TnefStream {
 public:
  TnefStream() { octets_.number(tnef_signature, 4).number(1, 2); }

  TnefStream& attribute(std::uint32_t id, std::string_view data) {
    return attribute(id, data, checksum(data));
  }
  TnefStream& attribute(std::uint32_t id, std::string_view data, std::uint16_t sum) {
    const auto low = id & 0xFFFFU;
    const bool is_attachment =
        (low >= 0x800F && low <= 0x8013) || low == 0x9001 || low == 0x9002 || low == 0x9005;
    octets_.number(is_attachment ? 2 : 1, 1).number(id, 4).number(data.size(), 4);
    octets_.octets(data).number(sum, 2);
    return *this;
  }
  TnefStream& attribute(Attribute id, std::string_view data) {
    return attribute(static_cast<std::uint32_t>(id), data);
  }
  TnefStream& code_page(std::uint32_t page) {
    return attribute(Attribute::code_page, TnefOctets().number(page, 4).number(0, 4).text());
  }
  TnefStream& octets(std::string_view more) {
    octets_.octets(more);
    return *this;
  }
  [[nodiscard]] const std::string& text() const { return octets_.text(); }
  [[nodiscard]] mapi::Content content() const { return mapi::Content::from_text(text()); }

 private:
  TnefOctets octets_;
};

/// RENDDATA.
inline std::string rendering(std::uint16_t kind = rendered_file, std::uint32_t flags = 0) {
  return TnefOctets().number(kind, 2).number(0xFFFFFFFF, 4).number(0, 4).number(flags, 4).text();
}

/// A DTR, the day of the week left at 0.
inline std::string dtr(int year, int month, int day, int hour, int minute, int second) {
  TnefOctets octets;
  for (const int field : {year, month, day, hour, minute, second, 0}) {
    octets.number(static_cast<std::uint64_t>(field), 2);
  }
  return octets.text();
}

}  // namespace postern::msg::test
