// What IMessage::SetReadFlag does to PR_MESSAGE_FLAGS (mapi-submission.md §8.6).
#pragma once

#include <cstdint>

#pragma GCC visibility push(default)
namespace postern::session {

/// PR_MESSAGE_FLAGS after SetReadFlag was called with `arguments`. Throws mapi::Failure:
/// MAPI_E_UNKNOWN_FLAGS, MAPI_E_INVALID_PARAMETER for flags that exclude each other.
std::int32_t set_read_flag(std::int32_t message_flags, std::int32_t arguments);

}  // namespace postern::session
#pragma GCC visibility pop
