#include "memory_handle.h"

#include <postern/mapi/property_tags.h>
#include <postern/session/merge.h>
#include <postern/session/submission.h>
#include <utility>

using namespace postern::mapi;
namespace session = postern::session;

namespace memory_store {

MemoryHandle::MemoryHandle(std::shared_ptr<State> state, std::weak_ptr<SpoolerLogon> logon,
                           EntryId entry, bool writable)
    : state_(std::move(state)),
      logon_(std::move(logon)),
      entry_(std::move(entry)),
      saved_(State::opened(entry_, state_->find(entry_))),
      value_(saved_),
      changes_(state_->find(entry_).changes),
      writable_(writable) {}

const EntryId& MemoryHandle::entry_id() const {
  require_valid();
  return entry_;
}

const Message& MemoryHandle::message() const {
  require_valid();
  return value_;
}

Message& MemoryHandle::edit() {
  require_writable();
  return value_;
}

void MemoryHandle::save_changes() {
  require_writable();
  const Lock lock(state_->mutex);
  save();
}

void MemoryHandle::save() {
  require_writable();
  auto& stored = require_mine();
  if (stored.queue_position && !is_spoolers()) {
    throw Failure(MAPI_E_SUBMITTED, "the message was submitted; it can no longer be changed");
  }
  session::set_computed_properties(value_);
  if (stored.changes == changes_ && session::is_unchanged(saved_, value_)) return;
  take_over(stored);
  value_.set(PR_MESSAGE_FLAGS,
             session::saved_message_flags(stored.message.get_or(PR_MESSAGE_FLAGS, 0), value_));
  session::set_computed_properties(value_);
  stored.message = value_;
  saved_ = value_;
  changes_ = ++stored.changes;
}

/// §3.2 for a message that is composed, §3.5 for one the spooler has preprocessed.
void MemoryHandle::submit_message() {
  require_valid();
  bool second_pass = false;
  std::vector<NewMail> delivered;
  {
    const Lock lock(state_->mutex);
    auto& stored = require_mine();
    second_pass = is_spoolers() && (stored.submit_flags & SUBMITFLAG_PREPROCESS) != 0;
    if (stored.queue_position && !second_pass) {
      throw Failure(MAPI_E_SUBMITTED, "the message is submitted already");
    }
    require_writable();
    take_over(stored);
    auto prepared = value_;  // where that is refused, this handle is as it was
    const auto own = state_->own_recipients();
    const auto now = FileTime::now();
    auto submission = second_pass
                          ? session::resume_submission(prepared, now, &own)
                          : session::prepare_submission(prepared, state_->support, now, &own);
    stored.message = std::move(prepared);
    if (second_pass) {
      stored.submit_flags &= ~SUBMITFLAG_PREPROCESS;
    } else {
      state_->enqueue(entry_, submission.submit_flags);
    }
    ++stored.changes;
    valid_ = false;
    delivered = state_->deliver(std::move(submission.deliveries));
  }
  state_->tell(second_pass ? QueueEvent::row_modified : QueueEvent::row_added, entry_);
  for (const auto& mail : delivered) state_->tell(mail);
}

void MemoryHandle::require_valid() const {
  if (!valid_) throw Failure(MAPI_E_INVALID_OBJECT, "the message was submitted: open it anew");
}

void MemoryHandle::require_writable() const {
  require_valid();
  if (!writable_) throw Failure(MAPI_E_NO_ACCESS, "the message was opened for reading only");
}

Stored& MemoryHandle::require_mine() {
  const auto found = state_->messages.find(entry_);
  if (found == state_->messages.end()) {
    throw Failure(MAPI_E_OBJECT_DELETED, "the message was deleted meanwhile");
  }
  return found->second;
}

/// What another handle has saved meanwhile is not undone.
void MemoryHandle::take_over(const Stored& stored) {
  if (stored.changes == changes_) return;
  value_ = session::merge_changes(saved_, value_, State::opened(entry_, stored));
}

}  // namespace memory_store
