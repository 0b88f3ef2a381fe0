// What all logons to one store share: its connections, locks and notifications, and the
// operations on messages that store objects and handles have in common.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "mapi/msg_store.h"
#include "mapi/support.h"
#include "session/own_delivery.h"
#include "session/submission.h"
#include "store/database/commit_group.h"
#include "store/database/read_pool.h"
#include "store/engine/engine.h"
#include "store/provider/notifier.h"
#include "store/table/content_staging.h"
#include "store/table/folder_table.h"
#include "store/table/message_table.h"

namespace postern::store {

class StoreCore {
 public:
  StoreCore(std::unique_ptr<Engine> engine, mapi::StoreSupport& support);
  StoreCore(const StoreCore&) = delete;
  StoreCore& operator=(const StoreCore&) = delete;
  ~StoreCore();

  /// MsgStore::advise.
  std::unique_ptr<mapi::Subscription> advise(mapi::StoreObserver observer);

  const std::unique_ptr<Engine> engine;
  mapi::StoreSupport& support;

  const ContentOrigin origin;  ///< the store's uid, and its connections for reading
  CommitGroup commits;
  Notifier notifier;  ///< after `commits`, which its thread uses to the end

  [[nodiscard]] mapi::EntryId entry_of(MessageId id) const {
    return make_entry_id(origin.store, ObjectKind::message, id);
  }
  [[nodiscard]] MessageId message_of(const mapi::EntryId& entry) const {
    return parse_entry_id(entry, origin.store, ObjectKind::message);
  }
  [[nodiscard]] FolderId folder_of(const mapi::EntryId& entry) const {
    return parse_entry_id(entry, origin.store, ObjectKind::folder);
  }

  /// "message 7 of '/var/…/store.db'", for sentences; and the same of a folder.
  [[nodiscard]] std::string name(MessageId id) const;
  [[nodiscard]] std::string folder_name(FolderId id) const;
  [[nodiscard]] mapi::Failure failure(mapi::Code code, MessageId id, const char* what) const;

  [[nodiscard]] mapi::Failure unknown_mailbox(const mapi::Mailbox& mailbox) const;

  /// The state of a message. MAPI_E_NOT_FOUND if it does not exist.
  MessageState require_message(Connection& connection, MessageId id) const;

  /// A message as the caller, a spooler or (null) a client, sees it: PR_SUBMIT_FLAGS too, with the
  /// spooler's lock merged in. MAPI_E_NOT_FOUND if it does not exist.
  [[nodiscard]] LoadedMessage load(Connection& connection, MessageId id,
                                   const SpoolerLogon* logon) const;
  /// The same of one that the spooler has read with its lock.
  [[nodiscard]] static LoadedMessage as_locked(LoadedMessage read);

  [[nodiscard]] StagedContents stage(const mapi::Message& message, const mapi::Message& base = {}) {
    return {message, base, origin.store, commits, *engine};
  }

  /// Makes a message within a commit. MAPI_E_NOT_FOUND for an unknown folder.
  MessageId insert(Connection& connection, FolderId folder, const mapi::Message& message,
                   std::int32_t message_flags, ContentPlacement& contents) const;

  /// The recipients to whom the store delivers itself; nullopt if no mailbox has an address.
  [[nodiscard]] std::optional<mapi::OwnRecipients> own_recipients() const;

  /// No mailbox had an address when it was looked last: none has one unless a commit finds one.
  [[nodiscard]] bool had_no_addresses() const { return had_no_addresses_; }
  void forget_addresses() { had_no_addresses_ = false; }

  /// What session::prepare_submission does for a message of this store.
  session::Submission prepare_submission(mapi::Message& message, mapi::FileTime now) const;

  /// Makes what is delivered here, within the commit that queues the message; `contents` has what
  /// is attached to both.
  void deliver(Transaction& transaction, const std::vector<session::OwnDelivery>& deliveries,
               ContentPlacement& contents) const;

  /// MAPI_E_NOT_FOUND if it does not exist.
  FolderState require_folder(Connection& connection, FolderId folder) const;

 private:
  mutable std::atomic<bool> had_no_addresses_ = false;
};

}  // namespace postern::store
