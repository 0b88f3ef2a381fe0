// What all logons to a store in memory share: mailboxes with their folders, messages, the outgoing
// queue, observers.
//
// Whoever uses anything of it but `tell` and `warn` holds `mutex`: where another store would
// commit.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <postern/mapi/msg_store.h>
#include <postern/mapi/support.h>
#include <postern/session/own_delivery.h>
#include <string>
#include <utility>
#include <vector>

namespace memory_store {

namespace mapi = postern::mapi;

using Lock = std::scoped_lock<std::mutex>;

struct Folder {
  mapi::Mailbox owner;
  mapi::EntryId parent;
  std::string name;
  std::optional<mapi::SpecialFolder> special{};
};

struct Stored {
  mapi::Message message;
  mapi::EntryId folder;
  std::int64_t changes = 0;                                       ///< how often it was saved
  std::optional<mapi::MsgStore::QueuePosition> queue_position{};  ///< while it is queued
  std::int32_t submit_flags = 0;
  std::optional<mapi::FileTime> held_until{};  ///< by the spooler, beside its own times
  bool is_held_without_end = false;
  bool is_on_hold = false;  ///< by an operator

  [[nodiscard]] bool is_locked() const;
  /// From when on it may be sent; nullopt: its transport will ask for it, or it is on hold.
  [[nodiscard]] std::optional<mapi::FileTime> due() const;
};

/// The spooler's logon; who holds it weakly sees when it has ended.
struct SpoolerLogon {};

class State {
 public:
  using EntryId = mapi::EntryId;

  explicit State(mapi::StoreSupport& store_support);

  mapi::StoreSupport& support;
  std::mutex mutex;
  std::map<EntryId, Stored> messages;  ///< entry ids grow: the oldest comes first
  std::map<EntryId, Folder> folders;
  std::map<std::pair<mapi::Mailbox, std::string>, EntryId> receive_folders;
  std::map<std::string, mapi::Mailbox> addresses;  ///< to which the store delivers itself
  std::vector<mapi::NewMail> untold;  ///< delivered receipts, of which the observers are to be told
  std::map<std::pair<mapi::FileTime, std::int64_t>, EntryId> queue;
  std::weak_ptr<SpoolerLogon> spooler;

  [[nodiscard]] EntryId entry_id() const;

  // Folders. They throw MAPI_E_INVALID_ENTRYID, MAPI_E_NOT_FOUND.
  const Folder& find_folder(const EntryId& entry) const;
  [[nodiscard]] EntryId special_folder(const mapi::Mailbox& mailbox,
                                       mapi::SpecialFolder folder) const;
  [[nodiscard]] EntryId receive_folder(const mapi::Mailbox& mailbox,
                                       std::string_view message_class) const;
  [[nodiscard]] bool has_mailbox(const mapi::Mailbox& mailbox) const;
  void add_mailbox(const mapi::Mailbox& mailbox);
  EntryId add_folder(Folder folder);
  [[nodiscard]] std::vector<EntryId> folders_in(const EntryId& folder) const;
  [[nodiscard]] std::vector<EntryId> messages_in(const EntryId& folder) const;

  // Messages. They throw the same, and MAPI_E_NOT_IN_QUEUE.
  Stored& find(const EntryId& entry);
  Stored& find_queued(const EntryId& entry);
  EntryId add(const EntryId& folder, mapi::Message message);
  /// The value as a handle gives it.
  [[nodiscard]] static mapi::Message opened(const EntryId& entry, const Stored& stored);

  /// The recipients to whom the store delivers itself, as they are now.
  [[nodiscard]] mapi::OwnRecipients own_recipients() const;
  /// Makes what is delivered here, with the message that is queued. The observers are to be told.
  std::vector<mapi::NewMail> deliver(std::vector<postern::session::OwnDelivery> deliveries);

  void enqueue(const EntryId& entry, std::int32_t submit_flags);
  void dequeue(Stored& stored);

  // Observers. Called without `mutex`, or they would wait for each other.
  std::int64_t advise(mapi::StoreObserver observer);
  void unadvise(std::int64_t number);
  void tell(mapi::QueueEvent event, const EntryId& entry);
  void tell(const mapi::NewMail& mail);
  void warn(const EntryId& entry, const std::string& sentence);

 private:
  EntryId make_entry_id(std::byte kind);
  void require_kind(const EntryId& entry, std::byte kind) const;

  std::int64_t number_;  ///< of this store in the program
  std::int64_t last_number_ = 0;
  std::int64_t last_submission_ = 0;
  std::mutex observer_mutex_;
  std::map<std::int64_t, mapi::StoreObserver> observers_;
  std::int64_t last_observer_ = 0;
};

}  // namespace memory_store
