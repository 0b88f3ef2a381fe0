// The role MsgStore: a message store with folders, messages and an outgoing queue.
//
// Another store implements MsgStore and MessageHandle; the rules are mapi-submission.md §§3-5.
//
// Errors: all methods throw mapi::Failure; the codes of each are listed. Threads: a store object
// may be used from any threads at the same time, a MessageHandle from one thread at a time.
#pragma once

#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "mapi/entry_id.h"
#include "mapi/error.h"
#include "mapi/message.h"
#include "mapi/store_tables.h"

#pragma GCC visibility push(default)
namespace postern::mapi {

/// How an object is opened (IMsgStore::OpenEntry). What each gives in each state: §4.
enum class Access {
  read_only,    ///< 0
  best_access,  ///< MAPI_BEST_ACCESS
  modify,       ///< MAPI_MODIFY
};

/// The folders that every mailbox has. The others lie in `ipm_subtree`, and so do those a client
/// makes.
enum class SpecialFolder : std::int32_t { outbox = 1, sent_items = 2, inbox = 3, ipm_subtree = 4 };

/// What IMAPIFolder::DeleteFolder may take with the folder (DEL_MESSAGES, DEL_FOLDERS).
enum class FolderDeletion { only_if_empty, with_messages, with_messages_and_folders };

/// How a store object is to end (LOGOFF_*, §3.11).
enum class Logoff : std::int32_t {
  no_wait = 0x1,  ///< what is ready was sent by the spooler before; do not wait for more
  orderly = 0x2,  ///< what is in progress was finished, nothing was started
  purge = 0x4,    ///< as no_wait, after a flush of the queues
  abort = 0x8,    ///< only if nothing is being sent
  quiet = 0x10,   ///< the same
};

/// What IMsgStore::StoreLogoff found.
struct LogoffResult {
  bool complete = false;        ///< LOGOFF_COMPLETE: the store object is logged off
  bool inbound = false;         ///< LOGOFF_INBOUND
  bool outbound = false;        ///< LOGOFF_OUTBOUND: a message is being sent
  bool outbound_queue = false;  ///< LOGOFF_OUTBOUND_QUEUE: messages wait to be sent
  friend bool operator==(const LogoffResult&, const LogoffResult&) = default;
};

/// MSG_UNLOCKED and MSG_LOCKED (IMsgStore::SetLockState).
enum class LockState : std::int32_t { unlocked = 0, locked = 1 };

/// A store-opened message: a handle on a Message value (IMessage).
class MessageHandle {
 public:
  virtual ~MessageHandle() = default;

  [[nodiscard]] virtual const EntryId& entry_id() const = 0;

  /// The value as it was when opened, with this handle's changes.
  [[nodiscard]] virtual const Message& message() const = 0;

  /// The value for changing. MAPI_E_NO_ACCESS on a read-only handle; MAPI_E_INVALID_OBJECT after
  /// submit_message.
  virtual Message& edit() = 0;

  /// Makes the changes durable (IMAPIProp::SaveChanges) and recomputes PR_DISPLAY_TO/CC/BCC. Makes
  /// no commit if nothing was changed, so it may be called once too often.
  /// MAPI_E_NO_ACCESS on a read-only handle; MAPI_E_SUBMITTED if the message was submitted since it
  /// was opened and the caller is no spooler; MAPI_E_OBJECT_DELETED if it is gone;
  /// MAPI_E_OBJECT_CHANGED if a spooler has lost the lock with which it had opened the message.
  virtual void save_changes() = 0;

  /// IMessage::SubmitMessage (§3.2), in one durable step; if it throws, nothing is changed and the
  /// handle stays usable. Afterwards every method but the destructor throws MAPI_E_INVALID_OBJECT.
  /// On the spooler's handle of a message that is queued for preprocessing it is the second pass
  /// (§3.5): the changes are saved and SUBMITFLAG_PREPROCESS is cleared, nothing else; the message
  /// keeps its place. MAPI_E_NO_RECIPIENTS, MAPI_E_SUBMITTED, MAPI_E_NO_ACCESS.
  virtual void submit_message() = 0;
};

/// Ends the notifications when destroyed; no callback runs after that.
class Subscription {
 public:
  virtual ~Subscription() = default;
};

/// A store object of one logon.
class MsgStore {
 public:
  virtual ~MsgStore() = default;

  /// The store's own: PR_STORE_SUPPORT_MASK, with STORE_SUBMIT_OK; PR_ENTRYID, the same for all its
  /// mailboxes; PR_DISPLAY_NAME, the mailbox's name.
  [[nodiscard]] virtual PropertyBag properties() const = 0;

  // Folders. MAPI_E_NOT_FOUND, MAPI_E_INVALID_ENTRYID for what names no folder.

  /// Of the mailbox that was logged on to.
  [[nodiscard]] virtual EntryId folder(SpecialFolder folder) const = 0;

  /// Where messages of a class are received in this mailbox: the folder of the longest prefix of
  /// the class, whole parts of it between dots, that one was set for; else the Inbox (§3.8).
  [[nodiscard]] virtual EntryId receive_folder(std::string_view message_class) const = 0;

  /// IMsgStore::SetReceiveFolder. The empty class stands for all that have no other folder. An
  /// empty `folder` takes the setting back.
  virtual void set_receive_folder(std::string_view message_class, const EntryId& folder) = 0;

  /// MAPI_E_COLLISION if `parent` has a folder with this name; MAPI_E_INVALID_PARAMETER for a name
  /// that is empty or has control characters, MAPI_E_STRING_TOO_LONG beyond longest_table_text.
  virtual EntryId create_folder(const EntryId& parent, const std::string& name) = 0;

  /// The folders within a folder, by name.
  [[nodiscard]] virtual std::vector<FolderRow> folders(const EntryId& parent) const = 0;

  /// Deletes the folder, unless a message in it is skipped, as delete_messages does.
  /// MAPI_E_NO_ACCESS for a special folder; MAPI_E_HAS_FOLDERS, MAPI_E_HAS_MESSAGES if there are
  /// some that `deletion` does not take with it.
  virtual FolderOperation delete_folder(const EntryId& folder, FolderDeletion deletion) = 0;

  /// The first `limit` messages of a folder behind `after` (an empty id: from the first one on), in
  /// the order they were made. A page costs the same however many there are; `after` may have left
  /// the folder since.
  [[nodiscard]] virtual std::vector<ContentsRow> contents(const EntryId& folder,
                                                          const EntryId& after = {},
                                                          std::size_t limit = 1000) const = 0;

  // Messages in folders. Of several, those that are submitted are skipped (§4).

  /// IMAPIFolder::DeleteMessages, from whatever folders.
  virtual FolderOperation delete_messages(const std::vector<EntryId>& entries) = 0;

  /// IMAPIFolder::EmptyFolder: its messages, and the folders within it.
  virtual FolderOperation empty_folder(const EntryId& folder) = 0;

  /// IMAPIFolder::CopyMessages with MESSAGE_MOVE: the messages keep their entry ids.
  virtual FolderOperation move_messages(const std::vector<EntryId>& entries,
                                        const EntryId& folder) = 0;

  /// IMAPIFolder::CopyMessages: the copy of a submitted message is not submitted. Those that are
  /// locked are skipped, MAPI_E_NO_ACCESS.
  virtual FolderOperation copy_messages(const std::vector<EntryId>& entries,
                                        const EntryId& folder) = 0;

  /// IMessage::SetReadFlag with flags of §8.6; of a submitted message it changes nothing.
  /// MAPI_E_UNKNOWN_FLAGS, MAPI_E_INVALID_PARAMETER, MAPI_E_NOT_FOUND.
  virtual void set_read_flag(const EntryId& entry, std::int32_t flags) = 0;

  /// In which mailbox the message lies. MAPI_E_NOT_FOUND.
  [[nodiscard]] virtual Mailbox mailbox_of(const EntryId& entry) const = 0;

  /// IMAPIFolder::CreateMessage followed by SaveChanges: durable when it returns; the handle is
  /// open for modification. MAPI_E_NOT_FOUND for an unknown folder.
  virtual std::unique_ptr<MessageHandle> create_message(const EntryId& folder, Message message) = 0;

  /// CreateMessage and SubmitMessage in one durable step. Throws as MessageHandle::submit_message;
  /// then nothing was created.
  virtual EntryId submit(const EntryId& folder, Message message) = 0;

  /// What has become of one of several submissions: the entry of what was queued, or why it was
  /// not.
  using Submitted = std::variant<EntryId, Failure>;
  /// The same for several messages, queued in their order, each or none of it by itself: a store
  /// may wait for its disk once for all of them. Returns as many as there are messages. Throws
  /// nothing that is about one of them.
  virtual std::vector<Submitted> submit_all(const EntryId& folder, std::vector<Message> messages) {
    std::vector<Submitted> results;
    for (auto& message : messages) {
      try {
        results.emplace_back(submit(folder, std::move(message)));
      } catch (const Failure& failure) {
        results.emplace_back(failure);
      }
    }
    return results;
  }

  /// MAPI_E_NOT_FOUND, MAPI_E_INVALID_ENTRYID; for clients, not for the spooler: MAPI_E_SUBMITTED
  /// (modify while queued), MAPI_E_NO_ACCESS (any other access while locked).
  virtual std::unique_ptr<MessageHandle> open_entry(const EntryId& entry, Access access) = 0;

  /// What a late report names of the message that it is about (§8.5).
  enum class Correlator {
    envelope_id,  ///< PR_POSTERN_ENVELOPE_ID
    message_id,   ///< PR_INTERNET_MESSAGE_ID, as it is stored
  };
  /// Messages in any folder of any mailbox that have this value, newest first, at most `limit`. Not
  /// those that were last saved before the store knew how to find them.
  [[nodiscard]] virtual std::vector<EntryId> find_messages(Correlator by, std::string_view value,
                                                           std::size_t limit = 100) const = 0;

  /// Creates a message that came in, in the receive folder of its class, and notifies the
  /// subscribers. MAPI_E_NOT_FOUND for an unknown mailbox.
  virtual NewMail receive(Message message, const Mailbox& mailbox = {}) = 0;

  /// The same for a report about `original`, in the mailbox of that message, which `change` changes
  /// in the same durable step: its properties and recipient rows, whether it is queued, is being
  /// sent, or neither. `change` may be called more than once, and must not call the store.
  /// MAPI_E_NOT_FOUND if there is no such message any more.
  virtual NewMail receive_report(const EntryId& original,
                                 const std::function<void(Message&)>& change, Message report) = 0;

  /// Takes a message out of the queue (IMsgStore::AbortSubmit), also one whose data is damaged.
  /// MAPI_E_NOT_IN_QUEUE, MAPI_E_UNABLE_TO_ABORT when locked, MAPI_E_NOT_FOUND. The spooler may do
  /// it with what it has locked itself.
  virtual void abort_submit(const EntryId& entry) = 0;

  /// Rows in sending order, starting after the given position, at most `limit`.
  struct QueuePosition {
    FileTime client_submit_time;
    std::int64_t sequence = 0;
  };
  [[nodiscard]] virtual std::vector<OutgoingQueueRow> outgoing_queue(
      std::optional<QueuePosition> after = std::nullopt, std::size_t limit = 1000) const = 0;

  /// Whether no message is queued, whatever it waits for.
  [[nodiscard]] virtual bool queue_is_empty() const = 0;

  /// The queue row of one message; nullopt if it is not queued.
  [[nodiscard]] virtual std::optional<OutgoingQueueRow> queue_row(const EntryId& entry) const = 0;

  /// Leaves a queued message out of claims, durably and until it is released, because an operator
  /// wants it to wait. What a spooler is sending goes on; of that, the rest waits. Changes nothing
  /// if it is so already. MAPI_E_NOT_IN_QUEUE, MAPI_E_NOT_FOUND.
  virtual void set_on_hold(const EntryId& entry, bool on_hold) = 0;

  /// Queued messages whose next attempt lies beyond `latest` and that wait for nothing else at
  /// `now`, at most `limit`; the first due first.
  [[nodiscard]] virtual std::vector<EntryId> attempts_beyond(FileTime latest, FileTime now,
                                                             std::size_t limit) const = 0;

  /// Messages that are held for their next attempt are due now, except those on hold: all, or the
  /// one. All of a long queue may take several commits, of which a failure leaves those before it.
  /// MAPI_E_NOT_IN_QUEUE, MAPI_E_NOT_FOUND.
  virtual void retry_now(const std::optional<EntryId>& entry = std::nullopt) = 0;

  /// MAPI_E_NOT_ENOUGH_RESOURCES.
  [[nodiscard]] virtual std::unique_ptr<Subscription> advise(StoreObserver observer) = 0;

  /// IMsgStore::StoreLogoff. When it is complete, the spooler's locks are released, and every other
  /// method of this object throws MAPI_E_INVALID_OBJECT. No other call on the object may run
  /// meanwhile.
  virtual LogoffResult store_logoff(Logoff how) = 0;

  // For the spooler; every other caller gets MAPI_E_NO_SUPPORT. In a store that several spoolers
  // share, one that was cut off for too long loses its locks to the others: then all that ends or
  // holds a message throws MAPI_E_OBJECT_CHANGED, and nothing is done.

  /// A queued message that this logon has locked.
  struct Claim {
    EntryId entry;
    std::int32_t submit_flags = 0;
  };
  /// Locks the first messages of the queue, at most `limit`, that are due and that nobody has
  /// locked, and returns them in sending order. A message is due from its deferred send time and
  /// its next attempt on, if it is not on hold; those that were held so may come between the
  /// others. Throws only if it has locked none: MAPI_E_NOT_ENOUGH_DISK, while verdicts would have
  /// no room.
  virtual std::vector<Claim> claim(FileTime now, std::size_t limit) = 0;

  /// When the next message is due that nobody has locked; in the past if one is due already.
  /// Nullopt if there is none, or only such as are held without end or on hold.
  [[nodiscard]] virtual std::optional<FileTime> next_due() const = 0;

  /// Leaves a locked message out of claims until that time, nullopt: as long as this logon exists,
  /// and unlocks it. Does not read the message, so it works for a damaged one. MAPI_E_NOT_IN_QUEUE.
  virtual void hold(const EntryId& entry, std::optional<FileTime> until) = 0;

  /// Locks or unlocks a queued message (§4). The lock is volatile: it ends with the process.
  /// MAPI_E_NOT_IN_QUEUE.
  virtual void set_lock_state(const EntryId& entry, LockState state) = 0;

  /// A queued, locked message is done: leaves the queue and is kept, moved or deleted as
  /// PR_SENTMAIL_ENTRYID and PR_DELETE_AFTER_SUBMIT say (§3.7), in one durable step. It stays where
  /// it is, with a warning to the observers, if there is no such folder; so does one whose data is
  /// damaged too far to say it. MAPI_E_NOT_IN_QUEUE; MAPI_E_NO_ACCESS when it is not locked.
  virtual void finished_msg(const EntryId& entry) = 0;

  /// Saves the changes of a message that is locked, and finishes it, in one durable step, so that
  /// the last verdicts cost no commit of their own. If it throws, nothing was saved and the handle
  /// stays usable; else the handle must not be used any more. Throws as save_changes and
  /// finished_msg.
  virtual void save_and_finish(MessageHandle& message) = 0;

  /// Why a message was not saved and finished; nullopt: it was.
  using Finished = std::optional<Failure>;
  /// The same for several messages, each or none of it by itself: a store may wait for its disk
  /// once for all of them. Returns as many as there are messages. Throws nothing that is about one
  /// of them.
  virtual std::vector<Finished> save_and_finish_all(std::span<MessageHandle* const> messages) {
    std::vector<Finished> results;
    for (auto* message : messages) {
      try {
        save_and_finish(*message);
        results.emplace_back();
      } catch (...) {
        results.emplace_back(as_failure(std::current_exception()));
      }
    }
    return results;
  }

  /// Saves the changes of `original` and creates a report about it in the receive folder of its
  /// class in the mailbox of `original`, both in one durable step, so that a report is made exactly
  /// once, also after a crash (§3.11). A report with MSGFLAG_UNSENT is for somebody else (§3.8): it
  /// is submitted in the same step, from the Outbox of that mailbox, and there is no new mail to
  /// notify anybody of. Then it throws as submit does, too.
  virtual NewMail create_report(MessageHandle& original, Message report) = 0;

  /// Notifies the subscribers (advise) about a message that was received.
  virtual void notify_new_mail(const NewMail& mail) = 0;
};

/// The role IMSProvider: makes store objects. From any thread.
class MSProvider {
 public:
  virtual ~MSProvider() = default;
  /// A client's store object. MAPI_E_NOT_FOUND for an unknown mailbox.
  virtual std::unique_ptr<MsgStore> logon(const Mailbox& mailbox = {}) = 0;
  /// The spooler's, for the queue of all mailboxes; its folders are those of the default one.
  /// MAPI_E_BUSY, naming the process, while another spooler is logged on.
  virtual std::unique_ptr<MsgStore> spooler_logon() = 0;
  /// By name; the default mailbox is the first.
  [[nodiscard]] virtual std::vector<Mailbox> mailboxes() const = 0;
  /// MAPI_E_COLLISION if there is one with this name; for what is no name, as create_folder.
  virtual void create_mailbox(const Mailbox& mailbox) = 0;

  // Tight coupling (§§1, 3.3). A store whose mailboxes have addresses delivers mail to them itself:
  // the copies in their receive folders, the recipients' rows with PR_RESPONSIBILITY TRUE, and the
  // queue's row are one commit, that of SubmitMessage, or of its second pass (§3.5) for a message
  // that is preprocessed or deferred. The spooler offers the other rows, makes reports, and
  // completes the message. One that is to be signed or encrypted the store leaves to the
  // transports, which have its secured form.

  /// By address.
  [[nodiscard]] virtual std::vector<MailboxAddress> addresses() const = 0;
  /// Durable, and known to all processes at once. Addresses compare without case. MAPI_E_NOT_FOUND
  /// for an unknown mailbox, MAPI_E_INVALID_PARAMETER for what is no SMTP address, MAPI_E_COLLISION
  /// if another mailbox has it.
  virtual void add_address(const Mailbox& mailbox, const std::string& address) = 0;
  /// Mail to it is the transports' from now on. MAPI_E_NOT_FOUND if no mailbox has it.
  virtual void remove_address(const std::string& address) = 0;
};

}  // namespace postern::mapi
#pragma GCC visibility pop
