#include "mapi/error.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <string_view>

namespace postern::mapi {
namespace {

struct CodeText {
  Code code;
  std::string_view name;
  std::string_view meaning;
};

#define POSTERN_CODE(code, meaning) \
  CodeText {                        \
    code, #code, meaning            \
  }
constexpr std::array code_texts{
    POSTERN_CODE(S_OK, "success"),
    POSTERN_CODE(MAPI_W_ERRORS_RETURNED, "done, but some rows were ignored"),
    POSTERN_CODE(MAPI_W_CANCEL_MESSAGE, "the message is to be cancelled"),
    POSTERN_CODE(MAPI_W_PARTIAL_COMPLETION, "done, but not for every object"),
    POSTERN_CODE(MAPI_E_CALL_FAILED, "the call failed"),
    POSTERN_CODE(MAPI_E_NO_ACCESS, "no access"),
    POSTERN_CODE(MAPI_E_NOT_ENOUGH_MEMORY, "not enough memory"),
    POSTERN_CODE(MAPI_E_INVALID_PARAMETER, "invalid parameter"),
    POSTERN_CODE(MAPI_E_NO_SUPPORT, "not supported here"),
    POSTERN_CODE(MAPI_E_STRING_TOO_LONG, "a text is too long"),
    POSTERN_CODE(MAPI_E_UNKNOWN_FLAGS, "unknown flags"),
    POSTERN_CODE(MAPI_E_INVALID_ENTRYID, "malformed entry id"),
    POSTERN_CODE(MAPI_E_INVALID_OBJECT, "the object is no longer valid"),
    POSTERN_CODE(MAPI_E_OBJECT_CHANGED, "the object was changed meanwhile"),
    POSTERN_CODE(MAPI_E_OBJECT_DELETED, "the object was deleted"),
    POSTERN_CODE(MAPI_E_BUSY, "busy"),
    POSTERN_CODE(MAPI_E_NOT_ENOUGH_DISK, "not enough disk space"),
    POSTERN_CODE(MAPI_E_NOT_ENOUGH_RESOURCES, "not enough resources"),
    POSTERN_CODE(MAPI_E_NOT_FOUND, "not found"),
    POSTERN_CODE(MAPI_E_VERSION, "wrong version"),
    POSTERN_CODE(MAPI_E_LOGON_FAILED, "logon failed"),
    POSTERN_CODE(MAPI_E_USER_CANCEL, "cancelled by the user"),
    POSTERN_CODE(MAPI_E_UNABLE_TO_ABORT, "too late to cancel"),
    POSTERN_CODE(MAPI_E_NETWORK_ERROR, "network error"),
    POSTERN_CODE(MAPI_E_DISK_ERROR, "disk error"),
    POSTERN_CODE(MAPI_E_TOO_COMPLEX, "too complex"),
    POSTERN_CODE(MAPI_E_COMPUTED, "a computed property cannot be set"),
    POSTERN_CODE(MAPI_E_CORRUPT_DATA, "corrupt data"),
    POSTERN_CODE(MAPI_E_UNCONFIGURED, "not configured"),
    POSTERN_CODE(MAPI_E_FAILONEPROVIDER, "this provider cannot be used"),
    POSTERN_CODE(MAPI_E_END_OF_SESSION, "the session is over"),
    POSTERN_CODE(MAPI_E_TOO_BIG, "too big"),
    POSTERN_CODE(MAPI_E_UNABLE_TO_COMPLETE, "could not be completed"),
    POSTERN_CODE(MAPI_E_TIMEOUT, "time-out"),
    POSTERN_CODE(MAPI_E_WAIT, "not now, try later"),
    POSTERN_CODE(MAPI_E_CANCEL, "the resend is no longer wanted"),
    POSTERN_CODE(MAPI_E_NOT_ME, "another transport must handle it"),
    POSTERN_CODE(MAPI_E_CORRUPT_STORE, "corrupt message store"),
    POSTERN_CODE(MAPI_E_NOT_IN_QUEUE, "not in the outgoing queue"),
    POSTERN_CODE(MAPI_E_COLLISION, "the name is taken"),
    POSTERN_CODE(MAPI_E_NON_STANDARD, "non-standard recipient type"),
    POSTERN_CODE(MAPI_E_NO_RECIPIENTS, "no recipients"),
    POSTERN_CODE(MAPI_E_SUBMITTED, "the message is submitted"),
    POSTERN_CODE(MAPI_E_AMBIGUOUS_RECIP, "ambiguous recipient"),
};
#undef POSTERN_CODE

const CodeText* find(Code code) {
  const auto* found = std::find_if(code_texts.begin(), code_texts.end(),
                                   [code](const CodeText& text) { return text.code == code; });
  return found == code_texts.end() ? nullptr : found;
}

class Category final : public std::error_category {
 public:
  [[nodiscard]] const char* name() const noexcept override { return "mapi"; }
  [[nodiscard]] std::string message(int value) const override {
    const auto code = static_cast<Code>(static_cast<std::uint32_t>(value));
    const auto* text = find(code);
    return text != nullptr ? std::string(text->meaning) : mapi::name(code);
  }
};

}  // namespace

std::string name(Code code) {
  if (const auto* text = find(code)) return std::string(text->name);
  std::array<char, 11> hex{};
  std::snprintf(hex.data(), hex.size(), "0x%08X", static_cast<unsigned>(code));
  return hex.data();
}

const std::error_category& mapi_category() {
  static const Category category;
  return category;
}

std::error_code make_error_code(Code code) {
  return {static_cast<int>(static_cast<std::uint32_t>(code)), mapi_category()};
}

}  // namespace postern::mapi
