// Property types and property tags.
//
// A MAPI property tag is 32 bits: the id in the high half, the type in the low half
// ([MS-OXCDATA] 2.9, 2.11.1). Here the type is part of the C++ type of the tag, so that
// `message.get(PR_SUBJECT)` is an optional text and a value of the wrong type does not compile.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "mapi/file_time.h"

#pragma GCC visibility push(default)
namespace postern::mapi {

/// The property types of [MS-OXCDATA] 2.11.1. `string8` never occurs as the type of a value here:
/// text is UTF-8 inside Postern, and readers decode 8-bit text.
enum class PropertyType : std::uint16_t {
  int16 = 0x0002,
  int32 = 0x0003,
  real32 = 0x0004,
  real64 = 0x0005,
  currency = 0x0006,
  application_time = 0x0007,
  error = 0x000A,
  boolean = 0x000B,
  object = 0x000D,
  int64 = 0x0014,
  string8 = 0x001E,
  unicode = 0x001F,
  system_time = 0x0040,
  guid = 0x0048,
  binary = 0x0102,
};

/// Added to a type to make its multi-valued form.
inline constexpr std::uint16_t multi_valued_flag = 0x1000;

using Binary = std::vector<std::byte>;

/// Fixed-point money, in 1/10000 of the unit.
struct Currency {
  std::int64_t ten_thousandths = 0;
  friend auto operator<=>(const Currency&, const Currency&) = default;
};

/// OLE automation date: days since 1899-12-30, local time.
struct ApplicationTime {
  double days = 0;
  friend bool operator==(const ApplicationTime&, const ApplicationTime&) = default;
};

/// A property that is not available, and why (an SCODE; [MS-OXCDATA] PtypErrorCode).
struct PropertyError {
  std::uint32_t code = 0;
  friend auto operator<=>(const PropertyError&, const PropertyError&) = default;
};

/// A GUID in the byte order of the files (first three fields little-endian).
struct Guid {
  std::array<std::uint8_t, 16> bytes{};
  // clang-tidy 14 takes the 0 that the compiler compares with for one of ours.
  // NOLINTNEXTLINE(modernize-use-nullptr)
  friend auto operator<=>(const Guid&, const Guid&) = default;
};

/// The value of a property. The alternative alone decides the type (`type_of`).
using PropertyValue =
    std::variant<std::int16_t, std::int32_t, float, double, Currency, ApplicationTime,
                 PropertyError, bool, std::int64_t, std::string, FileTime, Guid, Binary,
                 std::vector<std::int16_t>, std::vector<std::int32_t>, std::vector<float>,
                 std::vector<double>, std::vector<Currency>, std::vector<ApplicationTime>,
                 std::vector<std::int64_t>, std::vector<std::string>, std::vector<FileTime>,
                 std::vector<Guid>, std::vector<Binary>>;

/// The 16-bit type code of a value, with `multi_valued_flag` for lists.
std::uint16_t type_of(const PropertyValue& value);

/// The stored type (`Value`) of a property type and the type that reading returns (`View`).
template <PropertyType Type>
struct PropertyTraits;

#define POSTERN_PROPERTY_TRAITS(type, value, view) \
  template <>                                      \
  struct PropertyTraits<PropertyType::type> {      \
    using Value = value;                           \
    using View = view;                             \
  }
POSTERN_PROPERTY_TRAITS(int16, std::int16_t, std::int16_t);
POSTERN_PROPERTY_TRAITS(int32, std::int32_t, std::int32_t);
POSTERN_PROPERTY_TRAITS(real32, float, float);
POSTERN_PROPERTY_TRAITS(real64, double, double);
POSTERN_PROPERTY_TRAITS(currency, Currency, Currency);
POSTERN_PROPERTY_TRAITS(application_time, ApplicationTime, ApplicationTime);
POSTERN_PROPERTY_TRAITS(boolean, bool, bool);
POSTERN_PROPERTY_TRAITS(int64, std::int64_t, std::int64_t);
POSTERN_PROPERTY_TRAITS(unicode, std::string, std::string_view);
POSTERN_PROPERTY_TRAITS(system_time, FileTime, FileTime);
POSTERN_PROPERTY_TRAITS(guid, Guid, Guid);
POSTERN_PROPERTY_TRAITS(binary, Binary, const Binary&);
#undef POSTERN_PROPERTY_TRAITS

/// A typed property tag: `constexpr Tag<PropertyType::unicode> PR_SUBJECT{0x0037};`
template <PropertyType Type>
struct Tag {
  std::uint16_t id = 0;
  static constexpr PropertyType type = Type;

  /// The 32-bit tag as MAPI writes it, e.g. 0x0037001F.
  [[nodiscard]] constexpr std::uint32_t value() const {
    return (std::uint32_t{id} << 16) | static_cast<std::uint16_t>(Type);
  }
};

/// The name of a named property: a property set and a number (LID) or a text
/// ([MS-OXPROPS] 1.3.2). Names, not the file-local ids from 0x8000 up, identify it.
struct PropertyName {
  Guid set;
  std::variant<std::uint32_t, std::string> name;
  // clang-tidy 14 takes the 0 that the compiler compares with for one of ours.
  // NOLINTNEXTLINE(modernize-use-nullptr)
  friend auto operator<=>(const PropertyName&, const PropertyName&) = default;
};

}  // namespace postern::mapi
#pragma GCC visibility pop
