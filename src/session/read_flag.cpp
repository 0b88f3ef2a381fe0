#include "session/read_flag.h"

#include <algorithm>
#include <array>
#include <string>

#include "mapi/error.h"
#include "mapi/property_tags.h"

namespace postern::session {
namespace {

constexpr std::int32_t known_arguments = mapi::SUPPRESS_RECEIPT | mapi::CLEAR_READ_FLAG |
                                         mapi::GENERATE_RECEIPT_ONLY | mapi::CLEAR_RN_PENDING |
                                         mapi::CLEAR_NRN_PENDING;

constexpr std::array excluding_each_other{mapi::SUPPRESS_RECEIPT | mapi::CLEAR_READ_FLAG,
                                          mapi::CLEAR_READ_FLAG | mapi::GENERATE_RECEIPT_ONLY};

/// Arguments that leave MSGFLAG_READ as it is.
constexpr std::int32_t about_reports_only =
    mapi::GENERATE_RECEIPT_ONLY | mapi::CLEAR_RN_PENDING | mapi::CLEAR_NRN_PENDING;

/// What an argument takes out of the message's flags.
struct Cleared {
  std::int32_t argument;
  std::int32_t message_flags;
};
constexpr std::array cleared_flags{
    Cleared{mapi::SUPPRESS_RECEIPT, mapi::MSGFLAG_RN_PENDING | mapi::MSGFLAG_NRN_PENDING},
    Cleared{mapi::CLEAR_READ_FLAG, mapi::MSGFLAG_READ},
    Cleared{mapi::CLEAR_RN_PENDING, mapi::MSGFLAG_RN_PENDING},
    Cleared{mapi::CLEAR_NRN_PENDING, mapi::MSGFLAG_NRN_PENDING},
};

void require_valid(std::int32_t arguments) {
  if ((arguments & ~known_arguments) != 0) {
    throw mapi::Failure(mapi::MAPI_E_UNKNOWN_FLAGS,
                        "SetReadFlag has no flags " + std::to_string(arguments));
  }
  const auto contradicts = [arguments](std::int32_t both) { return (arguments & both) == both; };
  if (std::ranges::any_of(excluding_each_other, contradicts)) {
    throw mapi::Failure(mapi::MAPI_E_INVALID_PARAMETER, "the flags " + std::to_string(arguments) +
                                                            " of SetReadFlag exclude each other");
  }
}

}  // namespace

std::int32_t set_read_flag(std::int32_t message_flags, std::int32_t arguments) {
  require_valid(arguments);
  for (const auto& cleared : cleared_flags) {
    if ((arguments & cleared.argument) != 0) message_flags &= ~cleared.message_flags;
  }
  const bool reads = (arguments & (mapi::CLEAR_READ_FLAG | about_reports_only)) == 0;
  return reads ? message_flags | mapi::MSGFLAG_READ : message_flags;
}

}  // namespace postern::session
