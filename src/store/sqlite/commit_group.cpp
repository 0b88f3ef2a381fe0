#include "store/sqlite/commit_group.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace postern::store {
namespace {

constexpr std::size_t batch_limit = 256;

/// Whether the common transaction is gone because of an error inside one work.
struct TransactionLost {};

}  // namespace

CommitGroup::CommitGroup(const std::filesystem::path& path, Committed committed)
    : connection_(open_connection(path, SqliteConnection::Use::write)),
      committed_(std::move(committed)) {}

void CommitGroup::commit(const Work& work) {
  Entry entry;
  entry.work = &work;
  std::unique_lock lock(mutex_);
  waiting_.push_back(&entry);
  if (wait_for_turn(lock, entry)) {
    const auto end =
        waiting_.begin() + static_cast<std::ptrdiff_t>(std::min(waiting_.size(), batch_limit));
    const Batch batch(waiting_.begin(), end);
    waiting_.erase(waiting_.begin(), end);
    lock.unlock();
    execute(batch);
    lock.lock();
    for (auto* done : batch) {
      done->done = true;
      done->turn.notify_one();  // under the lock: the entry dies with its caller's return
    }
    lock.unlock();
    connection_->checkpoint_if_due();
    lock.lock();
    hand_over_leadership();
  }
  lock.unlock();
  if (entry.failure) std::rethrow_exception(entry.failure);
}

std::int64_t CommitGroup::foreign_version() {
  Entry entry;
  std::unique_lock lock(mutex_);
  waiting_.push_front(&entry);
  entry.turn.wait(lock, [&] { return !has_leader_ && waiting_.front() == &entry; });
  has_leader_ = true;
  waiting_.pop_front();
  lock.unlock();
  std::int64_t version = 0;
  try {
    version = connection_->integer("PRAGMA data_version");
  } catch (...) {
    entry.failure = current_failure();
  }
  lock.lock();
  hand_over_leadership();
  lock.unlock();
  if (entry.failure) std::rethrow_exception(entry.failure);
  return version;
}

bool CommitGroup::wait_for_turn(std::unique_lock<std::mutex>& lock, Entry& entry) {
  entry.turn.wait(lock, [&] { return entry.done || (!has_leader_ && waiting_.front() == &entry); });
  if (entry.done) return false;
  has_leader_ = true;
  return true;
}

void CommitGroup::hand_over_leadership() {
  has_leader_ = false;
  if (!waiting_.empty()) waiting_.front()->turn.notify_one();
}

void CommitGroup::execute(const Batch& batch) noexcept {
  if (batch.size() == 1 || !execute_together(batch)) {
    for (auto* entry : batch) execute_alone(*entry);
  }
  std::vector<StoreChange> changes;
  for (auto* entry : batch) {
    if (!entry->failure) std::ranges::move(entry->changes, std::back_inserter(changes));
  }
  if (!changes.empty()) committed_(std::move(changes));
}

/// Returns false if the common transaction could not be committed: it was rolled back then.
bool CommitGroup::execute_together(const Batch& batch) {
  try {
    begin();
  } catch (...) {
    for (auto* entry : batch) entry->failure = current_failure();
    return true;
  }
  try {
    for (auto* entry : batch) execute_in_savepoint(*entry);
    connection_->run("COMMIT");
    return true;
  } catch (const TransactionLost&) {
  } catch (const SQLite::Exception&) {
  }
  connection_->roll_back();
  return false;
}

void CommitGroup::execute_in_savepoint(Entry& entry) {
  SqliteTransaction transaction{*connection_, entry.changes};
  connection_->run("SAVEPOINT work");
  try {
    (*entry.work)(transaction);
  } catch (...) {
    entry.failure = current_failure();
    if (!connection_->in_transaction()) throw TransactionLost{};
    connection_->run("ROLLBACK TO work");
  }
  connection_->run("RELEASE work");
}

void CommitGroup::execute_alone(Entry& entry) {
  entry.failure = nullptr;
  entry.changes.clear();
  SqliteTransaction transaction{*connection_, entry.changes};
  try {
    begin();
    (*entry.work)(transaction);
    connection_->run("COMMIT");
  } catch (...) {
    entry.failure = current_failure();
    connection_->roll_back();
  }
}

void CommitGroup::begin() {
  connection_->run("BEGIN IMMEDIATE");
}

std::exception_ptr CommitGroup::current_failure() const {
  try {
    throw;
  } catch (const SQLite::Exception& error) {
    return std::make_exception_ptr(connection_->failure(error));
  } catch (...) {
    return std::current_exception();
  }
}

}  // namespace postern::store
