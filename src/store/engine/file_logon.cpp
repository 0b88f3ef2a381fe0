#include "store/engine/file_logon.h"

#include <algorithm>
#include <chrono>
#include <string>
#include <thread>
#include <unistd.h>
#include <utility>

#include "mapi/error.h"
#include "store/engine/claims.h"

namespace postern::store {
namespace {

// A client holds a message for one commit, which waits for other processes at most this long.
constexpr std::chrono::seconds client_patience{30};
constexpr std::chrono::milliseconds between_tries{1};
// What is smaller is read as it is claimed, with others; nothing bigger is kept for later.
constexpr std::int64_t small_size = 65'536;

std::string logged_on_already(const std::filesystem::path& store, const std::string& note) {
  const auto who = note.empty() ? std::string("another process") : "process " + note;
  return "the spooler of '" + store.string() + "' runs already as " + who +
         "; stop it first, or let it do the sending";
}

}  // namespace

FileLogon::FileLogon(const std::filesystem::path& store, ContentOrigin origin, CommitGroup& commits)
    : store_(store), file_(store), origin_(std::move(origin)), commits_(commits) {
  if (!file_.try_lock(LockByte::spooler, LockKind::exclusive)) {
    throw mapi::Failure(mapi::MAPI_E_BUSY, logged_on_already(store, file_.read_note()));
  }
  reserve_.emplace(store);
  file_.write_note(std::to_string(::getpid()));
  commits_.commit([](Transaction& transaction) { end_holds_without_end(transaction.connection); });
}

FileLogon::~FileLogon() {
  file_.write_note("");
}

void FileLogon::commit(MessageId /*id*/, const Work& work) {
  try {
    commits_.commit(work);
  } catch (const mapi::Failure& failure) {
    if (failure.code() != mapi::MAPI_E_NOT_ENOUGH_DISK) throw;
    reserve_->release();
    commits_.commit(work);
  }
}

std::vector<DueRow> FileLogon::claim(mapi::FileTime now, std::size_t limit) {
  const auto enough = limit + locked();
  auto [ready, overdue] = origin_.reads->read([&](Connection& connection) {
    return std::pair(ready_rows(connection, enough), overdue_rows(connection, now, enough));
  });
  const auto is_ours = [this](const DueRow& row) { return has_locked(row.message); };
  std::erase_if(ready, is_ours);
  std::erase_if(overdue, is_ours);
  const auto rows = claimable(std::move(ready), std::move(overdue), limit);
  return read_locked(take_claims(rows, limit,
                                 [this](const DueRow& row) {
                                   return lock(row.message) == Locked::now ? std::optional(row)
                                                                           : std::nullopt;
                                 }),
                     now);
}

/// A client that takes the message out holds the spooler off until its commit is durable: whether
/// it is still there and due, only a look after the lock can tell. So it is for one that puts it on
/// hold and then looks whether it is locked, and for the spooler's own threads, of which one may
/// have held it since the row was read. The others are unlocked; all of them, if it fails.
std::vector<DueRow> FileLogon::read_locked(const std::vector<DueRow>& locked, mapi::FileTime now) {
  std::vector<DueRow> claims;
  std::map<MessageId, LoadedMessage> read;
  try {
    origin_.reads->read([&](Connection& connection) {
      claims.clear();
      for (const auto& row : locked) {
        const auto flags = due_submit_flags(connection, row.message, now);
        if (!flags) continue;
        claims.push_back({row.message, *flags});
        if (auto small = read_small(connection, row.message)) read[row.message] = *std::move(small);
      }
      return true;
    });
  } catch (...) {
    for (const auto& row : locked) unlock(row.message);
    throw;
  }
  for (const auto& row : locked) {
    if (std::ranges::find(claims, row.message, &DueRow::message) == claims.end()) {
      unlock(row.message);
    }
  }
  const std::lock_guard guard(mutex_);
  read_.merge(read);
  return claims;
}

/// Nullopt as well for what opening it will tell.
std::optional<LoadedMessage> FileLogon::read_small(Connection& connection, MessageId id) {
  try {
    if (message_size(connection, id).value_or(small_size) >= small_size) return std::nullopt;
    return load_message(connection, origin_, id);
  } catch (const mapi::Failure& failure) {
    if (failure.code() != mapi::MAPI_E_CORRUPT_STORE) throw;
    return std::nullopt;
  }
}

std::optional<LoadedMessage> FileLogon::take_read(MessageId id) {
  const std::lock_guard guard(mutex_);
  auto found = read_.extract(id);
  return found ? std::optional(std::move(found.mapped())) : std::nullopt;
}

std::optional<mapi::FileTime> FileLogon::next_due() {
  const auto enough = locked() + 1;
  const auto times =
      origin_.reads->read([&](Connection& connection) { return due_times(connection, enough); });
  const auto found =
      std::ranges::find_if(times, [&](const DueTime& time) { return !has_locked(time.message); });
  return found == times.end() ? std::nullopt : std::optional(found->due);
}

FileLogon::Locked FileLogon::lock(MessageId id) {
  if (reserve_->is_released()) restore_reserve();
  const auto deadline = std::chrono::steady_clock::now() + client_patience;
  while (true) {
    const auto locked = try_lock(id);
    if (locked != Locked::no || std::chrono::steady_clock::now() > deadline) return locked;
    std::this_thread::sleep_for(between_tries);
  }
}

/// Nothing is begun before its verdicts have room again, and before those of all that is under way
/// have found theirs.
void FileLogon::restore_reserve() {
  const std::lock_guard guard(mutex_);
  if (!locked_.empty()) {
    throw mapi::Failure(mapi::MAPI_E_NOT_ENOUGH_DISK,
                        "the disk of the store '" + store_.string() +
                            "' is full: nothing more is sent, and what was sent is recorded; free "
                            "some space");
  }
  if (reserve_->is_released()) reserve_->restore();
}

FileLogon::Locked FileLogon::try_lock(MessageId id) {
  const std::lock_guard guard(mutex_);
  if (locked_.contains(id)) return Locked::before;
  if (!file_.try_lock(message_lock_byte(id), LockKind::exclusive)) return Locked::no;
  locked_.try_emplace(id);
  return Locked::now;
}

void FileLogon::unlock(MessageId id) {
  const std::lock_guard guard(mutex_);
  if (locked_.erase(id) == 0) return;
  read_.erase(id);
  file_.unlock(message_lock_byte(id));
}

void FileLogon::hold(Connection& connection, MessageId id, std::optional<mapi::FileTime> until) {
  store::hold(connection, id, until);
}

SpoolerExclusion::SpoolerExclusion(const std::filesystem::path& store, MessageId id)
    : file_(store), succeeded_(file_.try_lock(message_lock_byte(id), LockKind::shared)) {}

}  // namespace postern::store
