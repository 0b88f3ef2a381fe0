#include "mapi/property_type.h"

namespace postern::mapi {
namespace {

template <class T>
struct TypeOf;
// NOLINTBEGIN(bugprone-macro-parentheses): `value` is a type
#define POSTERN_TYPE_OF(value, type)                                                              \
  template <>                                                                                     \
  struct TypeOf<value> {                                                                          \
    [[maybe_unused]] static constexpr auto code = static_cast<std::uint16_t>(PropertyType::type); \
  };                                                                                              \
  template <>                                                                                     \
  struct TypeOf<std::vector<value>> {                                                             \
    [[maybe_unused]] static constexpr auto code =                                                 \
        static_cast<std::uint16_t>(TypeOf<value>::code | multi_valued_flag);                      \
  }
// NOLINTEND(bugprone-macro-parentheses)
POSTERN_TYPE_OF(std::int16_t, int16);
POSTERN_TYPE_OF(std::int32_t, int32);
POSTERN_TYPE_OF(float, real32);
POSTERN_TYPE_OF(double, real64);
POSTERN_TYPE_OF(Currency, currency);
POSTERN_TYPE_OF(ApplicationTime, application_time);
POSTERN_TYPE_OF(PropertyError, error);
POSTERN_TYPE_OF(bool, boolean);
POSTERN_TYPE_OF(std::int64_t, int64);
POSTERN_TYPE_OF(std::string, unicode);
POSTERN_TYPE_OF(FileTime, system_time);
POSTERN_TYPE_OF(Guid, guid);
POSTERN_TYPE_OF(Binary, binary);
#undef POSTERN_TYPE_OF

}  // namespace

std::uint16_t type_of(const PropertyValue& value) {
  return std::visit(
      [](const auto& held) { return TypeOf<std::remove_cvref_t<decltype(held)>>::code; }, value);
}

}  // namespace postern::mapi
