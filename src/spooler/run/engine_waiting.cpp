// The messages of an Engine (engine.h) that wait for room at a destination.
#include <algorithm>

#include "spooler/run/engine.h"

namespace postern::spooler {

std::size_t Engine::most_open() const {
  return std::max<std::size_t>({options_.sessions, options_.open_messages, 1});
}

/// It stays locked, so that nobody else claims it.
void Engine::wait_for_room(const mapi::EntryId& entry, const RunResult& result) {
  std::optional<std::size_t> deferred_by;
  bool waits = true;
  {
    const std::scoped_lock lock(mutex_);
    const Running& running = running_[entry];
    deferred_by = running.deferred_by;
    const WaitingRoom::Destination destination{result.transport, result.destination};
    const bool has_end = result.until != mapi::FileTime{};
    if (!stopping_) {
      waits = waiting_room_.wait(entry, running.number, destination,
                                 has_end ? std::optional(result.until) : std::nullopt);
    }
    if (waits) running_.erase(entry);
  }
  if (!waits) return start(entry, deferred_by);
  waits_no_more(entry);
  announce();
}

/// From any thread, and within the calls of a transport: what follows is done on another.
bool Engine::has_room(const WaitingRoom::Destination& destination, std::size_t messages) {
  std::vector<WaitingRoom::Waiting> taken;
  bool more = false;
  {
    const std::scoped_lock lock(mutex_);
    if (stopping_) return false;
    taken = waiting_room_.take(destination, messages);
    more = waiting_room_.any(destination);
  }
  for (const auto& waiting : taken) take_turn(waiting);
  return more;
}

void Engine::take_turn(const WaitingRoom::Waiting& waiting, bool cancelled) {
  {
    const std::scoped_lock lock(mutex_);
    Running& running = running_[waiting.entry];
    running.number = waiting.number;
    running.waited_for = waiting.destination;
  }
  executor_.run([this, waiting, cancelled] { go_on(waiting, cancelled); });
}

/// What an operator has done meanwhile is heeded.
void Engine::go_on(const WaitingRoom::Waiting& waiting, bool cancelled) {
  const mapi::EntryId& entry = waiting.entry;
  try {
    const auto row = store_.queue_row(entry);
    if (!row) return ended(entry, {RunResult::End::gone});
    if (row->on_hold) {
      store_.set_lock_state(entry, mapi::LockState::unlocked);
      return ended(entry, {RunResult::End::cancelled});
    }
  } catch (const mapi::Failure& failure) {
    if (!is_passing(failure.code())) return ended(entry, {RunResult::End::failed, {}, 0, failure});
    const bool waits =
        pause(entry, failure, [this, waiting, cancelled] { go_on(waiting, cancelled); });
    if (!waits) forget(entry);
    return;
  }
  start(entry, std::nullopt);
  if (cancelled) cancel(entry);
}

}  // namespace postern::spooler
