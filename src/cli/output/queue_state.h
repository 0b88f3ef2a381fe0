// What a message of the outgoing queue waits for, in the words of operators.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "mapi/msg_store.h"

namespace postern::cli {

/// Of those that apply, the first.
enum class QueueState {
  sending,   ///< a spooler has it locked
  on_hold,   ///< by an operator, until it is released
  kept,      ///< by a transport, until that asks for it
  deferred,  ///< by its sender
  held,      ///< for its next attempt
  ready,
};
inline constexpr int queue_states = 6;

/// "sending", "on hold", "kept by a transport", "deferred by its sender", "held for retry",
/// "ready".
std::string_view name(QueueState state);
/// The same as a key of JSON: "sending", "on_hold", "kept", "deferred", "held", "ready".
std::string_view key(QueueState state);

/// `spooler_runs`: if none does, no transport keeps anything.
QueueState state_of(const mapi::OutgoingQueueRow& row, mapi::FileTime now, bool spooler_runs);

/// Until when it waits; nullopt if no time is set for that.
std::optional<mapi::FileTime> waits_until(const mapi::OutgoingQueueRow& row, QueueState state);

/// "held for retry until 2026-12-01 08:00:00".
std::string state_text(const mapi::OutgoingQueueRow& row, QueueState state);

}  // namespace postern::cli
