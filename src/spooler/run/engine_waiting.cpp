// The messages of an Engine (engine.h) that wait for room at a destination.
#include <algorithm>
#include <utility>

#include "spooler/run/engine.h"

namespace postern::spooler {

std::size_t Engine::most_open() const {
  return std::max<std::size_t>({options_.sessions, options_.open_messages, 1});
}

/// It stays locked, so that nobody else claims it.
void Engine::wait_for_room(const mapi::EntryId& entry, const RunResult& result) {
  leave_way(entry, true);
  std::optional<std::size_t> deferred_by;
  bool waits = true;
  bool stops = false;
  {
    const std::scoped_lock lock(mutex_);
    const Running& running = running_[entry];
    deferred_by = running.deferred_by;
    const WaitingRoom::Destination destination{result.transport, result.destination};
    const bool has_end = result.until != mapi::FileTime{};
    stops = stopping_;
    waits = !stops && waiting_room_.wait(entry, running.number, destination,
                                         has_end ? std::optional(result.until) : std::nullopt);
    if (waits) running_.erase(entry);
  }
  if (stops) return go_on({entry, 0, {}}, Turn::stopped);
  if (!waits) return start(entry, deferred_by);
  waits_no_more(entry);
  announce(true);
}

/// From any thread, and within the calls of a transport: what follows is done on another.
bool Engine::has_room(const WaitingRoom::Destination& destination, std::size_t messages) {
  std::optional<WaitingRoom::Waiting> next;
  bool more = false;
  {
    const std::scoped_lock lock(mutex_);
    if (stopping_) return false;
    next = waiting_room_.give_room(destination, messages);
    more = waiting_room_.any(destination);
    if (next) take_place(*next, Turn::room);
  }
  if (next) take_turn(*next, Turn::room);
  return more;
}

/// The message has been offered, or will not be: the next one may go.
void Engine::leave_way(const mapi::EntryId& entry, bool was_offered) {
  std::optional<WaitingRoom::Waiting> next;
  {
    const std::scoped_lock lock(mutex_);
    const auto running = running_.find(entry);
    if (running == running_.end() || !running->second.on_its_way) return;
    const auto destination = *std::exchange(running->second.on_its_way, std::nullopt);
    next = waiting_room_.arrived(destination, was_offered);
    if (next) take_place(*next, Turn::room);
  }
  if (next) take_turn(*next, Turn::room);
}

void Engine::take_place(const WaitingRoom::Waiting& waiting, Turn turn) {
  Running& running = running_[waiting.entry];
  running.number = waiting.number;
  if (turn == Turn::room) running.on_its_way = waiting.destination;
}

void Engine::take_turn(const WaitingRoom::Waiting& waiting, Turn turn) {
  executor_.run([this, waiting, turn] { go_on(waiting, turn); });
}

/// What an operator has done meanwhile is heeded.
void Engine::go_on(const WaitingRoom::Waiting& waiting, Turn turn) {
  const mapi::EntryId& entry = waiting.entry;
  try {
    if (turn == Turn::stopped) {
      store_.set_lock_state(entry, mapi::LockState::unlocked);
      return ended(entry, {RunResult::End::cancelled});
    }
    const auto row = store_.queue_row(entry);
    if (!row) return ended(entry, {RunResult::End::gone});
    if (row->on_hold) {
      store_.set_lock_state(entry, mapi::LockState::unlocked);
      return ended(entry, {RunResult::End::cancelled});
    }
  } catch (const mapi::Failure& failure) {
    if (!mapi::is_passing(failure.code()))
      return ended(entry, {RunResult::End::failed, {}, 0, failure});
    const bool waits = pause(entry, failure, [this, waiting, turn] { go_on(waiting, turn); });
    if (!waits) forget(entry);
    return;
  }
  start(entry, std::nullopt);
  if (turn == Turn::cancelled) cancel(entry);
}

}  // namespace postern::spooler
