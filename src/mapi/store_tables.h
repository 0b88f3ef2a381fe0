// The rows of the tables that a message store shows, and what it tells its observers.
//
// Plain values: they have no thread rules but those of C++. Sizes are octets. Texts are cut to the
// 255 octets that MAPI's tables show, at the end of a character: the message has the whole.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "mapi/entry_id.h"
#include "mapi/error.h"
#include "mapi/file_time.h"

#pragma GCC visibility push(default)
namespace postern::mapi {

/// How long the texts of a table's rows are at most, in octets.
inline constexpr std::size_t longest_table_text = 255;

/// One of the mailboxes of a store: a tree of folders with special folders of its own. It says
/// where things lie, not who may see them: each logon opens what any mailbox has, and entry ids say
/// nothing of it.
struct Mailbox {
  std::string name;  ///< empty: the default mailbox, which every store has
  // clang-tidy 14 takes the 0 that the compiler compares with for one of ours.
  // NOLINTNEXTLINE(modernize-use-nullptr)
  friend auto operator<=>(const Mailbox&, const Mailbox&) = default;
  friend bool operator==(const Mailbox&, const Mailbox&) = default;
};

/// An SMTP address whose mail the store itself delivers into one of its mailboxes.
struct MailboxAddress {
  std::string address;  ///< in lower case
  Mailbox mailbox;
  friend auto operator<=>(const MailboxAddress&, const MailboxAddress&) = default;
  friend bool operator==(const MailboxAddress&, const MailboxAddress&) = default;
};

/// One row of the outgoing queue table (mapi-submission.md §12.3).
struct OutgoingQueueRow {
  EntryId entry_id;
  std::int64_t sequence = 0;  ///< of the message; breaks ties of equal submit times
  FileTime client_submit_time;
  std::string subject;
  std::string sender_name;
  std::string display_to;
  std::string display_cc;
  std::string display_bcc;
  std::int32_t message_flags = 0;
  std::int32_t submit_flags = 0;  ///< SUBMITFLAG_LOCKED only while some spooler holds the lock
  std::int32_t priority = 0;
  std::uint64_t message_size = 0;
  std::optional<FileTime> deferred_send_time;
  std::optional<FileTime> next_attempt;  ///< PR_POSTERN_NEXT_ATTEMPT
  bool on_hold = false;                  ///< by an operator (MsgStore::set_on_hold)
  bool held_without_end = false;         ///< by the spooler's logon (MsgStore::hold)
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

/// One row of a folder's hierarchy table.
struct FolderRow {
  EntryId entry_id;
  EntryId parent;
  Mailbox owner;
  std::string name;
};

/// What became of an operation on several messages. The others were not kept from it by those that
/// were skipped.
struct FolderOperation {
  struct Skipped {
    EntryId entry;
    /// MAPI_E_SUBMITTED, MAPI_E_NO_ACCESS, MAPI_E_NOT_FOUND, or what the store failed with.
    Code why;
  };
  std::vector<EntryId> done;  ///< of copies: theirs; in the order asked
  std::vector<Skipped> skipped;

  [[nodiscard]] Code code() const { return skipped.empty() ? S_OK : MAPI_W_PARTIAL_COMPLETION; }
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
  std::function<void(QueueEvent, const EntryId&)> outgoing_queue{};
  std::function<void(const NewMail&)> new_mail{};
  /// Something about a message could not be done as it asked, and no call failed for it (§3.7): one
  /// sentence for an operator.
  std::function<void(const EntryId&, const std::string&)> warning{};
};

}  // namespace postern::mapi
#pragma GCC visibility pop
