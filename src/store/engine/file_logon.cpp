#include "store/engine/file_logon.h"

#include <algorithm>
#include <chrono>
#include <functional>
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

std::string logged_on_already(const std::filesystem::path& store, const std::string& note) {
  const auto who = note.empty() ? std::string("another process") : "process " + note;
  return "the spooler of '" + store.string() + "' runs already as " + who +
         "; stop it first, or let it do the sending";
}

bool is_for_want_of_space(const std::exception_ptr& failure) {
  return mapi::as_failure(failure).code() == mapi::MAPI_E_NOT_ENOUGH_DISK;
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

std::vector<std::exception_ptr> FileLogon::commit_all(std::span<const Work> works) {
  auto failures = commits_.commit_all(works);
  for (std::size_t i = 0; i < works.size(); ++i) {
    if (!failures[i] || !is_for_want_of_space(failures[i])) continue;
    reserve_->release();
    failures[i] = commits_.commit_all(works.subspan(i, 1)).front();
  }
  return failures;
}

std::vector<DueRow> FileLogon::claim(mapi::FileTime now, std::size_t limit) {
  const auto start = begin_look();
  const auto [ready, overdue] = origin_.reads->read([&](Connection& connection) {
    return std::pair(
        seen_rows(start.ready, limit, std::bind_front(ready_rows, std::ref(connection))),
        seen_rows(start.overdue, limit, std::bind_front(overdue_rows, std::ref(connection), now)));
  });
  const auto rows = claimable(unlocked(ready), unlocked(overdue), limit);
  auto claims = read_locked(
      take_claims(rows, limit,
                  [this](const DueRow& row) {
                    return lock(row.message) == Locked::now ? std::optional(row) : std::nullopt;
                  }),
      now);
  end_look({behind_locked(start.ready, ready), behind_locked(start.overdue, overdue)});
  return claims;
}

/// The rows behind `after` in their order, until so many of them are not locked by this logon.
std::vector<DueRow> FileLogon::seen_rows(
    DuePosition after, std::size_t unlocked,
    const std::function<std::vector<DueRow>(DuePosition, std::size_t)>& read) const {
  const auto at_once = unlocked + std::min(locked(), LookStart::few);
  std::vector<DueRow> seen;
  std::size_t found = 0;
  while (found < unlocked) {
    const auto rows = read(after, at_once);
    found += this->unlocked(rows).size();
    seen.insert(seen.end(), rows.begin(), rows.end());
    if (rows.size() < at_once) break;
    after = rows.back().position;
  }
  return seen;
}

std::vector<DueRow> FileLogon::unlocked(std::vector<DueRow> rows) const {
  const std::lock_guard guard(mutex_);
  std::erase_if(rows, [this](const DueRow& row) { return locked_.contains(row.message); });
  return rows;
}

/// Where the rows begin that this logon has not locked.
DuePosition FileLogon::behind_locked(DuePosition start, const std::vector<DueRow>& rows) const {
  const std::lock_guard guard(mutex_);
  for (const auto& row : rows) {
    if (!locked_.contains(row.message)) break;
    start = row.position;
  }
  return start;
}

LookStart::Place FileLogon::begin_look() {
  const std::lock_guard guard(mutex_);
  return look_start_.begin(locked_.size(), std::chrono::steady_clock::now());
}

void FileLogon::end_look(const LookStart::Place& passed) {
  const std::lock_guard guard(mutex_);
  look_start_.end(passed, std::chrono::steady_clock::now());
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
        if (flags) claims.push_back({row.message, *flags});
      }
      read = load_small_messages(connection, origin_, messages_of(claims));
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

std::optional<mapi::FileTime> FileLogon::next_due() {
  LookStart::Place start;
  std::optional<LookStart::Time> from_front;
  {
    const std::lock_guard guard(mutex_);
    start = look_start_.next(locked_.size());
    from_front = look_start_.next_from_front(locked_.size());
  }
  const auto [ready, held] = origin_.reads->read([&](Connection& connection) {
    return std::pair(
        unlocked(seen_rows(start.ready, 1, std::bind_front(ready_rows, std::ref(connection)))),
        unlocked(seen_rows(start.overdue, 1, std::bind_front(held_rows, std::ref(connection)))));
  });
  if (!ready.empty()) return mapi::FileTime{};
  std::optional<mapi::FileTime> due;
  if (!held.empty()) due = from_queue_time(held.front().position.time);
  if (!from_front) return due;
  const auto rest = *from_front - std::chrono::steady_clock::now();
  const auto then = mapi::FileTime::now() + std::chrono::ceil<std::chrono::milliseconds>(rest);
  return due ? std::min(*due, then) : then;
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
  locked_.insert(id);
  return Locked::now;
}

void FileLogon::unlock(MessageId id) {
  const std::lock_guard guard(mutex_);
  if (locked_.erase(id) == 0) return;
  read_.erase(id);
  file_.unlock(message_lock_byte(id));
}

bool FileLogon::dequeue(Connection& connection, MessageId id) {
  return store::dequeue(connection, id);
}

void FileLogon::hold(Connection& connection, MessageId id, std::optional<mapi::FileTime> until) {
  store::hold(connection, id, until);
}

SpoolerExclusion::SpoolerExclusion(const std::filesystem::path& store, MessageId id)
    : file_(store), succeeded_(file_.try_lock(message_lock_byte(id), LockKind::shared)) {}

}  // namespace postern::store
