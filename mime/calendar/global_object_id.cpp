#include "mime/calendar/global_object_id.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <span>
#include <string>

#include "base/text.h"
#include "mapi/property_tags.h"
#include "mime/calendar/property_names.h"
#include "mime/header/header_encoding.h"
#include "mime/property/named_property.h"

namespace postern::mime {
namespace {

constexpr std::size_t date_at = 16;  // two octets for the year, big-endian; month; day
constexpr std::size_t date_size = 4;
constexpr std::size_t data_at = 40;  // behind class, date, creation time, reserved, size
constexpr std::size_t longest_id = 1024;

/// The UID of a meeting that was made elsewhere lies behind this.
constexpr std::string_view foreign_mark{"vCal-Uid\1\0\0\0", 12};

const mapi::Binary* id_of(const mapi::PropertyBag& bag, std::uint32_t number) {
  const auto* id = find_named<mapi::Binary>(bag, mapi::PSETID_Meeting, number);
  return id != nullptr && !id->empty() && id->size() <= longest_id ? id : nullptr;
}

std::string foreign_uid(std::span<const std::byte> id) {
  if (id.size() < data_at) return {};
  std::string_view data(reinterpret_cast<const char*>(id.data()) + data_at, id.size() - data_at);
  if (!data.starts_with(foreign_mark)) return {};
  data.remove_prefix(foreign_mark.size());
  return std::string(trim(one_line(data.substr(0, data.find('\0')))));
}

std::string hex(std::span<const std::byte> octets) {
  std::string text;
  for (const auto octet : octets) append_hex(text, static_cast<char>(octet));
  return text;
}

/// [MS-OXOCAL] 2.2.1.27
constexpr std::array<unsigned char, 16> id_class{0x04, 0x00, 0x00, 0x00, 0x82, 0x00, 0xE0, 0x00,
                                                 0x74, 0xC5, 0xB7, 0x10, 0x1A, 0x82, 0xE0, 0x08};

/// An id that another Outlook has written as UID in hex.
mapi::Binary id_in_hex(std::string_view uid) {
  mapi::Binary id;
  if (uid.size() % 2 != 0 || uid.size() > 2 * longest_id) return {};
  for (std::size_t i = 0; i < uid.size(); i += 2) {
    unsigned value = 0;
    const auto* end = uid.data() + i + 2;
    if (std::from_chars(uid.data() + i, end, value, 16).ptr != end) return {};
    id.push_back(static_cast<std::byte>(value));
  }
  const bool is_one =
      id.size() > data_at &&
      std::equal(id_class.begin(), id_class.end(), id.begin(),
                 [](unsigned char left, std::byte right) { return std::byte{left} == right; });
  return is_one ? id : mapi::Binary{};
}

}  // namespace

mapi::Binary global_object_id(std::string_view uid) {
  if (auto id = id_in_hex(uid); !id.empty()) return id;
  mapi::Binary id(data_at);
  std::transform(id_class.begin(), id_class.end(), id.begin(),
                 [](unsigned char octet) { return std::byte{octet}; });
  const auto data = std::string(foreign_mark) + std::string(uid.substr(0, longest_id / 2)) + '\0';
  id[data_at - 4] = static_cast<std::byte>(data.size() & 0xFFU);
  id[data_at - 3] = static_cast<std::byte>(data.size() >> 8U);
  const auto octets = std::as_bytes(std::span(data));
  id.insert(id.end(), octets.begin(), octets.end());
  return id;
}

std::string meeting_uid(const mapi::PropertyBag& bag) {
  const auto* stored = id_of(bag, PidLidCleanGlobalObjectId);
  if (stored == nullptr) stored = id_of(bag, PidLidGlobalObjectId);
  if (stored == nullptr) return {};
  auto id = *stored;
  if (id.size() >= date_at + date_size) std::fill_n(id.begin() + date_at, date_size, std::byte{0});
  auto uid = foreign_uid(id);
  return uid.empty() ? hex(id) : uid;
}

std::optional<std::chrono::local_days> occurrence_date(const mapi::PropertyBag& bag) {
  const auto* id = id_of(bag, PidLidGlobalObjectId);
  if (id == nullptr || id->size() < date_at + date_size) return std::nullopt;
  const auto octet = [id](std::size_t at) {
    return std::to_integer<unsigned>((*id)[date_at + at]);
  };
  const auto year = static_cast<int>(octet(0) << 8U | octet(1));
  const std::chrono::year_month_day date{std::chrono::year{year}, std::chrono::month{octet(2)},
                                         std::chrono::day{octet(3)}};
  if (!date.ok() || year < 1601 || year > 9999) return std::nullopt;
  return std::chrono::local_days{date};
}

}  // namespace postern::mime
