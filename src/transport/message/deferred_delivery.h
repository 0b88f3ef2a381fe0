// Deferred delivery (PR_DEFERRED_DELIVERY_TIME), which MAPI leaves to the messaging system
// (mapi-submission.md §3.8).
#pragma once

#include <chrono>
#include <optional>

#include "mapi/message.h"

namespace postern::transport {

/// For how long the message may not be delivered yet; nullopt: it may. Whole seconds, rounded up.
std::optional<std::chrono::seconds> time_to_hold(const mapi::Message& message, mapi::FileTime now);

}  // namespace postern::transport
