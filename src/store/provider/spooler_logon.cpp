#include "store/provider/spooler_logon.h"

#include <chrono>
#include <string>
#include <thread>
#include <unistd.h>
#include <utility>

#include "mapi/error.h"

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

}  // namespace

SpoolerLogon::SpoolerLogon(const std::filesystem::path& store) : store_(store), file_(store) {
  if (!file_.try_lock(LockByte::spooler, LockKind::exclusive)) {
    throw mapi::Failure(mapi::MAPI_E_BUSY, logged_on_already(store, file_.read_note()));
  }
  reserve_.emplace(store);
  file_.write_note(std::to_string(::getpid()));
}

SpoolerLogon::~SpoolerLogon() {
  file_.write_note("");
}

void SpoolerLogon::commit(CommitGroup& commits, const CommitGroup::Work& work) {
  try {
    commits.commit(work);
  } catch (const mapi::Failure& failure) {
    if (failure.code() != mapi::MAPI_E_NOT_ENOUGH_DISK) throw;
    reserve_->release();
    commits.commit(work);
  }
}

SpoolerLogon::Locked SpoolerLogon::lock(std::int64_t message_id) {
  if (reserve_->is_released()) restore_reserve();
  const auto deadline = std::chrono::steady_clock::now() + client_patience;
  while (true) {
    const auto locked = try_lock(message_id);
    if (locked != Locked::no || std::chrono::steady_clock::now() > deadline) return locked;
    std::this_thread::sleep_for(between_tries);
  }
}

/// Nothing is begun before its verdicts have room again, and before those of all that is under way
/// have found theirs.
void SpoolerLogon::restore_reserve() {
  const std::lock_guard guard(mutex_);
  if (!locked_.empty()) {
    throw mapi::Failure(mapi::MAPI_E_NOT_ENOUGH_DISK,
                        "the disk of the store '" + store_.string() +
                            "' is full: nothing more is sent, and what was sent is recorded; free "
                            "some space");
  }
  if (reserve_->is_released()) reserve_->restore();
}

SpoolerLogon::Locked SpoolerLogon::try_lock(std::int64_t message_id) {
  const std::lock_guard guard(mutex_);
  if (locked_.contains(message_id)) return Locked::before;
  if (!file_.try_lock(message_lock_byte(message_id), LockKind::exclusive)) return Locked::no;
  locked_.try_emplace(message_id);
  return Locked::now;
}

void SpoolerLogon::unlock(std::int64_t message_id) {
  const std::lock_guard guard(mutex_);
  if (locked_.erase(message_id) != 0) file_.unlock(message_lock_byte(message_id));
}

bool SpoolerLogon::has_locked(std::int64_t message_id) const {
  const std::lock_guard guard(mutex_);
  return locked_.contains(message_id);
}

std::size_t SpoolerLogon::locked() const {
  const std::lock_guard guard(mutex_);
  return locked_.size();
}

void SpoolerLogon::remember(std::int64_t message_id, KnownMessage known) {
  const std::lock_guard guard(mutex_);
  if (const auto found = locked_.find(message_id); found != locked_.end()) {
    found->second = std::move(known);
  }
}

std::optional<KnownMessage> SpoolerLogon::known(std::int64_t message_id) const {
  const std::lock_guard guard(mutex_);
  const auto found = locked_.find(message_id);
  return found == locked_.end() ? std::nullopt : found->second;
}

SpoolerExclusion::SpoolerExclusion(const std::filesystem::path& store, std::int64_t message_id)
    : file_(store), succeeded_(file_.try_lock(message_lock_byte(message_id), LockKind::shared)) {}

bool is_locked(const LockFile& file, std::int64_t message_id) {
  return file.is_held_against(message_lock_byte(message_id), LockKind::shared);
}

}  // namespace postern::store
