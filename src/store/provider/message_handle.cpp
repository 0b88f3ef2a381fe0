#include "store/provider/message_handle.h"

#include <algorithm>
#include <utility>

#include "mapi/property_tags.h"
#include "session/merge.h"
#include "session/submission.h"
#include "store/table/attachment_table.h"
#include "store/table/queue_table.h"

namespace postern::store {

StoredMessage::StoredMessage(std::shared_ptr<StoreCore> core, std::weak_ptr<SpoolerLogon> logon,
                             MessageId id, Mode mode, mapi::Message saved,
                             std::int64_t change_number)
    : core_(std::move(core)),
      logon_(std::move(logon)),
      id_(id),
      entry_(core_->entry_of(id)),
      mode_(mode),
      saved_(std::move(saved)),
      value_(saved_),
      change_number_(change_number) {
  if (const auto held = logon_.lock()) is_of_locked_ = held->has_locked(id_);
}

const mapi::EntryId& StoredMessage::entry_id() const {
  require_valid();
  return entry_;
}

const mapi::Message& StoredMessage::message() const {
  require_valid();
  return value_;
}

mapi::Message& StoredMessage::edit() {
  require_writable();
  return value_;
}

void StoredMessage::save_changes() {
  require_writable();
  if (!session::is_unchanged(saved_, value_)) session::set_computed_properties(value_);
  if (!is_saved()) take_over(write(value_, Step::save, {}, no_other_work));
}

mapi::Message StoredMessage::changed() {
  require_writable();
  if (!session::is_unchanged(saved_, value_)) session::set_computed_properties(value_);
  return value_;
}

void StoredMessage::save_changes_and(const Work& also) {
  require_writable();
  session::set_computed_properties(value_);
  take_over(write(value_, Step::save, {}, also));
}

/// §3.2 for a message that is composed, §3.5 for one the spooler has preprocessed. The support
/// works on a copy: when anything fails, this handle is as it was.
void StoredMessage::submit_message() {
  require_valid();
  const auto queued_with = core_->origin.reads->read(
      [this](Connection& connection) { return submit_flags(connection, id_); });
  const auto step = queued_with && is_spoolers() ? Step::second_pass : Step::submit;
  require_allowed(step, queued_with);
  require_writable();
  auto prepared = value_;
  const auto submission = prepare(prepared, step);
  write(prepared, step, submission, no_other_work);
  valid_ = false;
}

session::Submission StoredMessage::prepare(mapi::Message& value, Step step) const {
  const auto now = mapi::FileTime::now();
  if (step == Step::submit) return core_->prepare_submission(value, now);
  const auto own = core_->own_recipients();
  return session::resume_submission(value, now, own ? &*own : nullptr);
}

/// Neither this handle nor another one has changed the message since: a commit is not needed.
bool StoredMessage::is_saved() const {
  if (!session::is_unchanged(saved_, value_)) return false;
  return core_->origin.reads->read([this](Connection& connection) {
    const auto state = message_state(connection, id_);
    if (!state || state->change_number != change_number_) return false;
    require_allowed(Step::save, submit_flags(connection, id_));
    return true;
  });
}

void StoredMessage::require_valid() const {
  if (!valid_)
    throw core_->failure(mapi::MAPI_E_INVALID_OBJECT, id_, "was submitted: open it anew");
}

void StoredMessage::require_writable() const {
  require_valid();
  if (mode_ == Mode::read_only) {
    throw core_->failure(mapi::MAPI_E_NO_ACCESS, id_, "was opened for reading only");
  }
}

void StoredMessage::require_allowed(Step step, std::optional<std::int32_t> queued_with) const {
  const bool is_preprocessed = queued_with && (*queued_with & mapi::SUBMITFLAG_PREPROCESS) != 0;
  const bool allowed = step == Step::save     ? !queued_with || is_spoolers()
                       : step == Step::submit ? !queued_with
                                              : is_preprocessed && is_spoolers();
  if (!allowed) {
    throw core_->failure(mapi::MAPI_E_SUBMITTED, id_,
                         "is submitted; it can be changed after its submission was cancelled");
  }
}

StoredMessage::Written StoredMessage::write(const mapi::Message& value, Step step,
                                            const session::Submission& submission,
                                            const Work& also) {
  auto staged = core_->stage(value, saved_);
  Written written;
  const auto work = [&](Transaction& transaction) {
    written = write(transaction, value, staged, step, submission);
    also(transaction);
  };
  if (const auto logon = logon_.lock(); logon && (is_of_locked_ || logon->has_locked(id_))) {
    logon->commit_for(id_, work);
  } else {
    core_->commits.commit(work);
  }
  staged.keep();
  return written;
}

StoredMessage::Written StoredMessage::write(Transaction& transaction, const mapi::Message& value,
                                            const StagedContents& staged, Step step,
                                            const session::Submission& submission) const {
  auto& connection = transaction.connection;
  const auto state = message_state(connection, id_);
  if (!state) throw core_->failure(mapi::MAPI_E_OBJECT_DELETED, id_, "was deleted meanwhile");
  require_allowed(step, store::submit_flags(connection, id_));

  Written written;
  written.change_number = state->change_number + 1;
  std::optional<mapi::Message> theirs;
  if (state->change_number != change_number_) {
    auto found = load_message(connection, core_->origin, id_);
    theirs = found ? std::move(found->message) : mapi::Message{};
    written.merged = session::merge_changes(saved_, value, *theirs);
    session::set_computed_properties(*written.merged);
  }
  const auto& result = written.merged ? *written.merged : value;
  written.message_flags = step == Step::submit
                              ? session::new_message_flags(result) | mapi::MSGFLAG_SUBMIT
                              : session::saved_message_flags(state->message_flags, result);
  ContentPlacement contents(connection, staged);
  update_message(connection, id_, theirs ? *theirs : saved_, result, written.message_flags,
                 contents);
  write_queue_row(transaction, result, step, submission.submit_flags);
  core_->deliver(transaction, submission.deliveries, contents);
  return written;
}

void StoredMessage::write_queue_row(Transaction& transaction, const mapi::Message& value, Step step,
                                    std::int32_t submit_flags) const {
  auto& connection = transaction.connection;
  if (step == Step::submit) {
    enqueue(connection, id_, value, submit_flags);
    transaction.tell(mapi::QueueEvent::row_added, entry_);
    return;
  }
  if (step == Step::second_pass) set_submit_flags(connection, id_, submit_flags);
  if (update_queue_row(connection, id_, value) || step == Step::second_pass) {
    transaction.tell(mapi::QueueEvent::row_modified, entry_);
  }
}

/// After a save. Unchanged properties are not replaced, so that views of them stay valid.
void StoredMessage::take_over(Written written) {
  if (written.merged) value_ = std::move(*written.merged);
  value_.set(mapi::PR_MESSAGE_FLAGS, written.message_flags);
  const bool same_attachments =
      std::ranges::equal(value_.attachments, saved_.attachments, mapi::has_same_content);
  if (!same_attachments) {  // what was brought in is read from the store from now on
    value_.attachments = core_->origin.reads->read([this](Connection& connection) {
      return load_attachments(connection, core_->origin, id_);
    });
  }
  saved_ = value_;
  change_number_ = written.change_number;
}

}  // namespace postern::store
