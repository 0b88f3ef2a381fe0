// The role MsgStore: a message store with folders, messages and an outgoing queue.
//
// Another store implements MsgStore and MessageHandle; the rules are mapi-submission.md §§3-5.
//
// Errors: all methods throw mapi::Failure; the codes of each are listed. Threads: a store object
// may be used from any threads at the same time, a MessageHandle from one thread at a time.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "mapi/entry_id.h"
#include "mapi/error.h"
#include "mapi/message.h"

#pragma GCC visibility push(default)
namespace postern::mapi {

/// How an object is opened (IMsgStore::OpenEntry). What each gives in each state: §4.
enum class Access {
  read_only,    ///< 0
  best_access,  ///< MAPI_BEST_ACCESS
  modify,       ///< MAPI_MODIFY
};

/// The folders that every store has.
enum class SpecialFolder : std::int32_t { outbox = 1, sent_items = 2, inbox = 3 };

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
  /// was opened and the caller is no spooler; MAPI_E_OBJECT_DELETED if it is gone.
  virtual void save_changes() = 0;

  /// IMessage::SubmitMessage (§3.2), in one durable step; if it throws, nothing is changed and the
  /// handle stays usable. Afterwards every method but the destructor throws MAPI_E_INVALID_OBJECT.
  /// MAPI_E_NO_RECIPIENTS, MAPI_E_SUBMITTED, MAPI_E_NO_ACCESS.
  virtual void submit_message() = 0;
};

/// One row of the outgoing queue table (§12.3).
struct OutgoingQueueRow {
  EntryId entry_id;
  std::int64_t sequence = 0;  ///< durable submission number; breaks ties of equal submit times
  FileTime client_submit_time;
  std::string subject;
  std::string sender_name;
  std::string display_to;
  std::string display_cc;
  std::string display_bcc;
  std::int32_t message_flags = 0;
  std::int32_t submit_flags = 0;  ///< SUBMITFLAG_LOCKED only while some spooler holds the lock
  std::int32_t priority = 0;
  std::uint64_t message_size = 0;  ///< octets
  std::optional<FileTime> deferred_send_time;
  std::optional<FileTime> next_attempt;  ///< PR_POSTERN_NEXT_ATTEMPT
};

/// One row of a folder's contents table.
struct ContentsRow {
  EntryId entry_id;
  std::string message_class;
  std::string subject;
  std::string sender_name;
  std::string display_to;
  std::int32_t message_flags = 0;
  std::uint64_t message_size = 0;
  std::optional<FileTime> time;  ///< delivery time, else submit time
};

/// fnevNewMail
struct NewMail {
  EntryId message;
  EntryId folder;
  std::string message_class;
};

/// What happened to the outgoing queue table (fnevTableModified).
enum class QueueEvent {
  row_added,
  row_deleted,
  row_modified,
  table_changed,  ///< something changed (perhaps by another process): read the table again
};

/// Notifications. Called after the commit, on a thread of the store's, one at a time; must not call
/// back into the store, must return soon and must not throw.
struct StoreObserver {
  std::function<void(QueueEvent, const EntryId&)> outgoing_queue;
  std::function<void(const NewMail&)> new_mail;
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

  [[nodiscard]] virtual EntryId folder(SpecialFolder folder) const = 0;

  /// Where messages of a class are received (longest prefix; always has a default).
  [[nodiscard]] virtual EntryId receive_folder(std::string_view message_class) const = 0;

  /// IMAPIFolder::CreateMessage followed by SaveChanges: durable when it returns; the handle is
  /// open for modification. MAPI_E_NOT_FOUND for an unknown folder.
  virtual std::unique_ptr<MessageHandle> create_message(const EntryId& folder, Message message) = 0;

  /// CreateMessage and SubmitMessage in one durable step. Throws as MessageHandle::submit_message;
  /// then nothing was created.
  virtual EntryId submit(const EntryId& folder, Message message) = 0;

  /// MAPI_E_NOT_FOUND, MAPI_E_INVALID_ENTRYID; for clients, not for the spooler: MAPI_E_SUBMITTED
  /// (modify while queued), MAPI_E_NO_ACCESS (any other access while locked).
  virtual std::unique_ptr<MessageHandle> open_entry(const EntryId& entry, Access access) = 0;

  /// Contents of a folder, oldest first.
  [[nodiscard]] virtual std::vector<ContentsRow> contents(const EntryId& folder) const = 0;

  /// What a late report names of the message that it is about (§8.5).
  enum class Correlator {
    envelope_id,  ///< PR_POSTERN_ENVELOPE_ID
    message_id,   ///< PR_INTERNET_MESSAGE_ID, as it is stored
  };
  /// Messages in any folder that have this value, newest first, at most `limit`. Not those that
  /// were last saved before the store knew how to find them.
  [[nodiscard]] virtual std::vector<EntryId> find_messages(Correlator by, std::string_view value,
                                                           std::size_t limit = 100) const = 0;

  /// MAPI_E_SUBMITTED for a queued message, MAPI_E_NOT_FOUND.
  virtual void delete_message(const EntryId& entry) = 0;

  /// Takes a message out of the queue (IMsgStore::AbortSubmit). MAPI_E_NOT_IN_QUEUE,
  /// MAPI_E_UNABLE_TO_ABORT when locked, MAPI_E_NOT_FOUND. The spooler may do it with what it has
  /// locked itself.
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

  /// MAPI_E_NOT_ENOUGH_RESOURCES.
  [[nodiscard]] virtual std::unique_ptr<Subscription> advise(StoreObserver observer) = 0;

  // For the spooler; every other caller gets MAPI_E_NO_SUPPORT.

  /// A queued message that this logon has locked.
  struct Claim {
    EntryId entry;
    std::int32_t submit_flags = 0;
  };
  /// Locks the first messages of the queue, at most `limit`, that are due and that nobody has
  /// locked, and returns them in sending order. A message is due from its deferred send time and
  /// its next attempt on; those that were held so may come between the others.
  virtual std::vector<Claim> claim(FileTime now, std::size_t limit) = 0;

  /// Messages that are held for their next attempt are due now: all, or the one.
  /// MAPI_E_NOT_IN_QUEUE.
  virtual void retry_now(const std::optional<EntryId>& entry = std::nullopt) = 0;

  /// When the next message is due that nobody has locked; in the past if one is due already.
  /// Nullopt if there is none, or only such as are held without end.
  [[nodiscard]] virtual std::optional<FileTime> next_due() const = 0;

  /// Leaves a locked message out of claims until that time, nullopt: as long as this logon exists,
  /// and unlocks it. Does not read the message, so it works for a damaged one. MAPI_E_NOT_IN_QUEUE.
  virtual void hold(const EntryId& entry, std::optional<FileTime> until) = 0;

  /// Locks or unlocks a queued message (§4). The lock is volatile: it ends with the process.
  /// MAPI_E_NOT_IN_QUEUE.
  virtual void set_lock_state(const EntryId& entry, LockState state) = 0;

  /// A queued, locked message is done: leaves the queue and is kept, moved or deleted as
  /// PR_SENTMAIL_ENTRYID and PR_DELETE_AFTER_SUBMIT say (§3.7), in one durable step.
  /// MAPI_E_NOT_IN_QUEUE; MAPI_E_NO_ACCESS when it is not locked.
  virtual void finished_msg(const EntryId& entry) = 0;

  /// Saves the changes of `original` and creates a report about it in the receive folder of its
  /// class, both in one durable step, so that a report is made exactly once, also after a crash
  /// (§3.11).
  virtual NewMail create_report(MessageHandle& original, Message report) = 0;

  /// Notifies the subscribers (advise) about a message that was received.
  virtual void notify_new_mail(const NewMail& mail) = 0;
};

/// The role IMSProvider: makes store objects.
class MSProvider {
 public:
  virtual ~MSProvider() = default;
  /// A client's store object.
  virtual std::unique_ptr<MsgStore> logon() = 0;
  /// The spooler's. MAPI_E_BUSY, naming the process, while another spooler is logged on.
  virtual std::unique_ptr<MsgStore> spooler_logon() = 0;
};

}  // namespace postern::mapi
#pragma GCC visibility pop
