// A handle on a message of the store (the role MessageHandle).
//
// It holds the message's value as opened and as it is now; saving writes the difference. The
// commit itself decides whether the caller may do it, by the state in the store at that time.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "mapi/msg_store.h"
#include "session/submission.h"
#include "store/provider/store_core.h"

namespace postern::store {

/// A message as the store holds it after its change of this number.
struct KnownMessage {
  std::int64_t change_number = 0;
  mapi::Message message;
};

class StoredMessage final : public mapi::MessageHandle {
 public:
  enum class Mode { read_only, read_write };

  /// `saved` is what the store holds as of `change_number`. `logon` is the spooler's; a handle
  /// whose spooler has logged off is a client's.
  StoredMessage(std::shared_ptr<StoreCore> core, std::weak_ptr<SpoolerLogon> logon, MessageId id,
                Mode mode, mapi::Message saved, std::int64_t change_number);

  [[nodiscard]] const mapi::EntryId& entry_id() const override;
  [[nodiscard]] const mapi::Message& message() const override;
  mapi::Message& edit() override;
  void save_changes() override;
  void submit_message() override;

  [[nodiscard]] MessageId id() const { return id_; }
  [[nodiscard]] bool is_of(const StoreCore& core) const { return core_.get() == &core; }

  /// As the store holds it, and as this handle would save it.
  [[nodiscard]] KnownMessage saved() const { return {change_number_, saved_}; }
  [[nodiscard]] mapi::Message changed();
  /// The message is somebody else's now.
  void end() { valid_ = false; }

  /// Saves the changes and does `also` in the same commit.
  void save_changes_and(const Work& also);

 private:
  /// Which change of the queue goes with the message.
  enum class Step { save, submit, second_pass };

  /// The message after a commit.
  struct Written {
    std::optional<mapi::Message> merged;  ///< if another handle has saved meanwhile
    std::int32_t message_flags = 0;
    std::int64_t change_number = 0;
  };

  void require_valid() const;
  void require_writable() const;
  void require_allowed(Step step, std::optional<std::int32_t> queued_with) const;
  [[nodiscard]] bool is_spoolers() const { return !logon_.expired(); }
  [[nodiscard]] bool is_saved() const;
  static void no_other_work(Transaction& /*transaction*/) {}
  [[nodiscard]] session::Submission prepare(mapi::Message& value, Step step) const;
  Written write(const mapi::Message& value, Step step, const session::Submission& submission,
                const Work& also);
  Written write(Transaction& transaction, const mapi::Message& value, const StagedContents& staged,
                Step step, const session::Submission& submission) const;
  void write_queue_row(Transaction& transaction, const mapi::Message& value, Step step,
                       std::int32_t submit_flags) const;
  void take_over(Written written);

  std::shared_ptr<StoreCore> core_;
  std::weak_ptr<SpoolerLogon> logon_;
  MessageId id_;
  mapi::EntryId entry_;
  Mode mode_;
  mapi::Message saved_;
  mapi::Message value_;
  std::int64_t change_number_;
  bool valid_ = true;
  bool is_of_locked_ = false;  ///< was opened with the spooler's lock, and saves with it only
};

}  // namespace postern::store
