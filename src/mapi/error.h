// MAPI return codes, and the exception that carries them.
//
// Failures of calls (a refused open, a damaged file, a full disk) are thrown as mapi::Failure:
// a code for programs and one clear sentence for people. What happens to recipients is never an
// exception: it is a value (mapi/recipient_outcome.h, XPLogon::submit_message).
#pragma once

#include <cstdint>
#include <exception>
#include <optional>
#include <stdexcept>
#include <string>

#pragma GCC visibility push(default)
namespace postern::mapi {

/// The codes of mapi-submission.md §13, with the values of the public MAPI headers.
enum class Code : std::uint32_t {
  S_OK = 0,
  MAPI_W_ERRORS_RETURNED = 0x00040380,
  MAPI_W_CANCEL_MESSAGE = 0x00040580,
  MAPI_W_PARTIAL_COMPLETION = 0x00040680,
  MAPI_E_CALL_FAILED = 0x80004005,
  MAPI_E_NO_ACCESS = 0x80070005,
  MAPI_E_NOT_ENOUGH_MEMORY = 0x8007000E,
  MAPI_E_INVALID_PARAMETER = 0x80070057,
  MAPI_E_NO_SUPPORT = 0x80040102,
  MAPI_E_STRING_TOO_LONG = 0x80040105,
  MAPI_E_UNKNOWN_FLAGS = 0x80040106,
  MAPI_E_INVALID_ENTRYID = 0x80040107,
  MAPI_E_INVALID_OBJECT = 0x80040108,
  MAPI_E_OBJECT_CHANGED = 0x80040109,
  MAPI_E_OBJECT_DELETED = 0x8004010A,
  MAPI_E_BUSY = 0x8004010B,
  MAPI_E_NOT_ENOUGH_DISK = 0x8004010D,
  MAPI_E_NOT_ENOUGH_RESOURCES = 0x8004010E,
  MAPI_E_NOT_FOUND = 0x8004010F,
  MAPI_E_VERSION = 0x80040110,
  MAPI_E_LOGON_FAILED = 0x80040111,
  MAPI_E_USER_CANCEL = 0x80040113,
  MAPI_E_UNABLE_TO_ABORT = 0x80040114,
  MAPI_E_NETWORK_ERROR = 0x80040115,
  MAPI_E_DISK_ERROR = 0x80040116,
  MAPI_E_TOO_COMPLEX = 0x80040117,
  MAPI_E_COMPUTED = 0x8004011A,
  MAPI_E_CORRUPT_DATA = 0x8004011B,
  MAPI_E_UNCONFIGURED = 0x8004011C,
  MAPI_E_FAILONEPROVIDER = 0x8004011D,
  MAPI_E_END_OF_SESSION = 0x80040200,
  MAPI_E_TOO_BIG = 0x80040305,
  MAPI_E_UNABLE_TO_COMPLETE = 0x80040400,
  MAPI_E_TIMEOUT = 0x80040401,
  MAPI_E_WAIT = 0x80040500,
  MAPI_E_CANCEL = 0x80040501,
  MAPI_E_NOT_ME = 0x80040502,
  MAPI_E_CORRUPT_STORE = 0x80040600,
  MAPI_E_NOT_IN_QUEUE = 0x80040601,
  MAPI_E_COLLISION = 0x80040604,
  MAPI_E_NON_STANDARD = 0x80040606,
  MAPI_E_NO_RECIPIENTS = 0x80040607,
  MAPI_E_SUBMITTED = 0x80040608,
  MAPI_E_HAS_FOLDERS = 0x80040609,
  MAPI_E_HAS_MESSAGES = 0x8004060A,
  MAPI_E_AMBIGUOUS_RECIP = 0x80040700,
};
using enum Code;

/// The code's name as MAPI writes it, e.g. "MAPI_E_SUBMITTED"; "0x…" for an unknown value.
std::string name(Code code);

/// A failed call. `what()` is one sentence that names the thing and says what is wrong with it.
class Failure : public std::runtime_error {
 public:
  Failure(Code code, const std::string& sentence) : std::runtime_error(sentence), code_(code) {}
  [[nodiscard]] Code code() const { return code_; }

 private:
  Code code_;
};

/// Whether the code says that the process or its machine is out of memory, descriptors, threads or
/// disk: the call itself is valid and may succeed later.
bool is_exhaustion(Code code);

/// Whether a store's call that failed with it may be done later, and is worth repeating: a resource
/// is exhausted, somebody else is at it, or the store's database is away.
bool is_passing(Code code);

/// `what` and the system's text for `error` (an errno) as one sentence. The code is `otherwise`
/// unless a resource is exhausted (base/resource_exhaustion.h).
Failure system_failure(Code otherwise, const std::string& what, int error);

/// The exception as a Failure if it says that a resource is exhausted; else nullopt.
std::optional<Failure> exhaustion(const std::exception_ptr& thrown);
/// Any exception as a Failure: MAPI_E_CALL_FAILED where it is neither one nor says that a resource
/// is exhausted.
Failure as_failure(const std::exception_ptr& thrown);

}  // namespace postern::mapi
#pragma GCC visibility pop
