#include "cli/output/queue_state.h"

#include <array>
#include <cstddef>

#include "cli/output/time_text.h"
#include "mapi/property_tags.h"

namespace postern::cli {
namespace {

struct Words {
  std::string_view name;
  std::string_view key;
};
constexpr std::array<Words, queue_states> words{
    Words{"sending", "sending"},          Words{"on hold", "on_hold"},
    Words{"kept by a transport", "kept"}, Words{"deferred by its sender", "deferred"},
    Words{"held for retry", "held"},      Words{"ready", "ready"}};

bool is_after(std::optional<mapi::FileTime> time, mapi::FileTime now) {
  return time && !time->is_none() && *time > now;
}

}  // namespace

std::string_view name(QueueState state) {
  return words.at(static_cast<std::size_t>(state)).name;
}

std::string_view key(QueueState state) {
  return words.at(static_cast<std::size_t>(state)).key;
}

QueueState state_of(const mapi::OutgoingQueueRow& row, mapi::FileTime now, bool spooler_runs) {
  if ((row.submit_flags & mapi::SUBMITFLAG_LOCKED) != 0) return QueueState::sending;
  if (row.on_hold) return QueueState::on_hold;
  if (row.held_without_end && spooler_runs) return QueueState::kept;
  if (is_after(row.deferred_send_time, now)) return QueueState::deferred;
  if (is_after(row.next_attempt, now)) return QueueState::held;
  return QueueState::ready;
}

std::optional<mapi::FileTime> waits_until(const mapi::OutgoingQueueRow& row, QueueState state) {
  if (state == QueueState::deferred) return row.deferred_send_time;
  if (state == QueueState::held) return row.next_attempt;
  return std::nullopt;
}

std::string state_text(const mapi::OutgoingQueueRow& row, QueueState state) {
  std::string text(name(state));
  if (const auto until = waits_until(row, state)) text += " until " + local_time(*until);
  return text;
}

}  // namespace postern::cli
