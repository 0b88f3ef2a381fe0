#include "mapi/error.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string_view>

#include "base/resource_exhaustion.h"

namespace postern::mapi {
namespace {

struct CodeName {
  Code code;
  std::string_view name;
};

#define POSTERN_CODE(code) \
  CodeName {               \
    code, #code            \
  }
constexpr std::array code_names{
    POSTERN_CODE(S_OK),
    POSTERN_CODE(MAPI_W_ERRORS_RETURNED),
    POSTERN_CODE(MAPI_W_CANCEL_MESSAGE),
    POSTERN_CODE(MAPI_W_PARTIAL_COMPLETION),
    POSTERN_CODE(MAPI_E_CALL_FAILED),
    POSTERN_CODE(MAPI_E_NO_ACCESS),
    POSTERN_CODE(MAPI_E_NOT_ENOUGH_MEMORY),
    POSTERN_CODE(MAPI_E_INVALID_PARAMETER),
    POSTERN_CODE(MAPI_E_NO_SUPPORT),
    POSTERN_CODE(MAPI_E_STRING_TOO_LONG),
    POSTERN_CODE(MAPI_E_UNKNOWN_FLAGS),
    POSTERN_CODE(MAPI_E_INVALID_ENTRYID),
    POSTERN_CODE(MAPI_E_INVALID_OBJECT),
    POSTERN_CODE(MAPI_E_OBJECT_CHANGED),
    POSTERN_CODE(MAPI_E_OBJECT_DELETED),
    POSTERN_CODE(MAPI_E_BUSY),
    POSTERN_CODE(MAPI_E_NOT_ENOUGH_DISK),
    POSTERN_CODE(MAPI_E_NOT_ENOUGH_RESOURCES),
    POSTERN_CODE(MAPI_E_NOT_FOUND),
    POSTERN_CODE(MAPI_E_VERSION),
    POSTERN_CODE(MAPI_E_LOGON_FAILED),
    POSTERN_CODE(MAPI_E_USER_CANCEL),
    POSTERN_CODE(MAPI_E_UNABLE_TO_ABORT),
    POSTERN_CODE(MAPI_E_NETWORK_ERROR),
    POSTERN_CODE(MAPI_E_DISK_ERROR),
    POSTERN_CODE(MAPI_E_TOO_COMPLEX),
    POSTERN_CODE(MAPI_E_COMPUTED),
    POSTERN_CODE(MAPI_E_CORRUPT_DATA),
    POSTERN_CODE(MAPI_E_UNCONFIGURED),
    POSTERN_CODE(MAPI_E_FAILONEPROVIDER),
    POSTERN_CODE(MAPI_E_END_OF_SESSION),
    POSTERN_CODE(MAPI_E_TOO_BIG),
    POSTERN_CODE(MAPI_E_UNABLE_TO_COMPLETE),
    POSTERN_CODE(MAPI_E_TIMEOUT),
    POSTERN_CODE(MAPI_E_WAIT),
    POSTERN_CODE(MAPI_E_CANCEL),
    POSTERN_CODE(MAPI_E_NOT_ME),
    POSTERN_CODE(MAPI_E_CORRUPT_STORE),
    POSTERN_CODE(MAPI_E_NOT_IN_QUEUE),
    POSTERN_CODE(MAPI_E_COLLISION),
    POSTERN_CODE(MAPI_E_NON_STANDARD),
    POSTERN_CODE(MAPI_E_NO_RECIPIENTS),
    POSTERN_CODE(MAPI_E_SUBMITTED),
    POSTERN_CODE(MAPI_E_HAS_FOLDERS),
    POSTERN_CODE(MAPI_E_HAS_MESSAGES),
    POSTERN_CODE(MAPI_E_AMBIGUOUS_RECIP),
};
#undef POSTERN_CODE

}  // namespace

std::string name(Code code) {
  const auto* const found =
      std::find_if(code_names.begin(), code_names.end(),
                   [code](const CodeName& candidate) { return candidate.code == code; });
  if (found != code_names.end()) return std::string(found->name);
  std::array<char, 11> hex{};
  std::snprintf(hex.data(), hex.size(), "0x%08X", static_cast<unsigned>(code));
  return hex.data();
}

bool is_exhaustion(Code code) {
  return code == MAPI_E_NOT_ENOUGH_MEMORY || code == MAPI_E_NOT_ENOUGH_RESOURCES ||
         code == MAPI_E_NOT_ENOUGH_DISK;
}

bool is_passing(Code code) {
  return is_exhaustion(code) || code == MAPI_E_BUSY || code == MAPI_E_NETWORK_ERROR;
}

Failure system_failure(Code otherwise, const std::string& what, int error) {
  const auto lack = exhausted_resource(error);
  if (!lack) return {otherwise, what + ": " + std::strerror(error)};
  return {error == ENOMEM ? MAPI_E_NOT_ENOUGH_MEMORY : MAPI_E_NOT_ENOUGH_RESOURCES,
          what + ": " + *lack};
}

std::optional<Failure> exhaustion(const std::exception_ptr& thrown) {
  const auto lack = exhausted_resource(thrown);
  try {
    std::rethrow_exception(thrown);
  } catch (const Failure& failure) {
    return is_exhaustion(failure.code()) ? std::optional(failure) : std::nullopt;
  } catch (const std::bad_alloc&) {
    return Failure(MAPI_E_NOT_ENOUGH_MEMORY, *lack);
  } catch (...) {
    return lack ? std::optional(Failure(MAPI_E_NOT_ENOUGH_RESOURCES, *lack)) : std::nullopt;
  }
}

Failure as_failure(const std::exception_ptr& thrown) {
  if (auto lack = exhaustion(thrown)) return *std::move(lack);
  try {
    std::rethrow_exception(thrown);
  } catch (const Failure& failure) {
    return failure;
  } catch (const std::exception& error) {
    return {MAPI_E_CALL_FAILED, error.what()};
  } catch (...) {
    return {MAPI_E_CALL_FAILED, "something was thrown that is no std::exception"};
  }
}

}  // namespace postern::mapi
