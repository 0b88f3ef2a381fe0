#include <algorithm>
#include <iterator>
#include <postern/mapi/property_tags.h>
#include <postern/session/folders.h>
#include <postern/session/read_receipt.h>
#include <postern/session/submission.h>
#include <string>
#include <utility>

#include "store_object.h"

using namespace postern::mapi;
namespace session = postern::session;

namespace memory_store {
namespace {

ContentsRow make_contents_row(const EntryId& entry, const Stored& stored) {
  const auto& message = stored.message;
  ContentsRow row;
  row.entry_id = entry;
  row.message_class = table_text(message, PR_MESSAGE_CLASS);
  row.subject = table_text(message, PR_SUBJECT);
  row.sender_name = table_text(message, PR_SENDER_NAME);
  row.display_to = table_text(message, PR_DISPLAY_TO);
  row.message_flags = message.get_or(PR_MESSAGE_FLAGS, 0);
  row.message_size = size_of(message);
  row.time = message.get(PR_MESSAGE_DELIVERY_TIME);
  if (!row.time) row.time = message.get(PR_CLIENT_SUBMIT_TIME);
  return row;
}

/// Made before the lock: tells, when that is free again, that receipts may have been submitted.
class TellsAfterwards {
 public:
  explicit TellsAfterwards(State& state) : state_(state) {}
  ~TellsAfterwards() {
    std::vector<NewMail> untold;
    {
      const Lock lock(state_.mutex);
      untold.swap(state_.untold);
    }
    state_.tell(QueueEvent::table_changed, {});
    for (const auto& mail : untold) state_.tell(mail);
  }
  TellsAfterwards(const TellsAfterwards&) = delete;
  TellsAfterwards& operator=(const TellsAfterwards&) = delete;

 private:
  State& state_;
};

}  // namespace

PropertyBag MemoryStore::properties() const {
  (void)state();
  PropertyBag bag;
  bag.set(PR_STORE_SUPPORT_MASK, session::store_support_mask());
  bag.set(PR_DISPLAY_NAME, mailbox_.name);
  bag.set(PR_ENTRYID, state().entry_id().bytes);
  return bag;
}

EntryId MemoryStore::folder(SpecialFolder folder) const {
  const Lock lock(state().mutex);
  return state().special_folder(mailbox_, folder);
}

EntryId MemoryStore::receive_folder(std::string_view message_class) const {
  const Lock lock(state().mutex);
  return state().receive_folder(mailbox_, message_class);
}

Mailbox MemoryStore::mailbox_of(const EntryId& entry) const {
  const Lock lock(state().mutex);
  return state().find_folder(state().find(entry).folder).owner;
}

void MemoryStore::set_receive_folder(std::string_view message_class, const EntryId& folder) {
  const Lock lock(state().mutex);
  const std::pair key(mailbox_, session::receive_class(message_class));
  if (folder.empty()) {
    state().receive_folders.erase(key);
  } else {
    state().find_folder(folder);
    state().receive_folders[key] = folder;
  }
}

EntryId MemoryStore::create_folder(const EntryId& parent, const std::string& name) {
  const Lock lock(state().mutex);
  const auto owner = state().find_folder(parent).owner;
  session::require_name(name);
  for (const auto& other : state().folders_in(parent)) {
    if (state().find_folder(other).name == name) {
      throw Failure(MAPI_E_COLLISION, "there is a folder '" + name + "' already");
    }
  }
  return state().add_folder({owner, parent, name});
}

std::vector<FolderRow> MemoryStore::folders(const EntryId& parent) const {
  const Lock lock(state().mutex);
  state().find_folder(parent);
  std::vector<FolderRow> rows;
  for (const auto& entry : state().folders_in(parent)) {
    const auto& folder = state().find_folder(entry);
    rows.push_back({entry, parent, folder.owner, folder.name});
  }
  std::ranges::sort(rows, {}, &FolderRow::name);
  return rows;
}

FolderOperation MemoryStore::delete_folder(const EntryId& folder, FolderDeletion deletion) {
  const TellsAfterwards tells(state());
  const Lock lock(state().mutex);
  if (state().find_folder(folder).special) {
    throw Failure(MAPI_E_NO_ACCESS, "a special folder cannot be deleted");
  }
  if (deletion != FolderDeletion::with_messages_and_folders &&
      !state().folders_in(folder).empty()) {
    throw Failure(MAPI_E_HAS_FOLDERS, "the folder has folders in it");
  }
  if (deletion == FolderDeletion::only_if_empty && !state().messages_in(folder).empty()) {
    throw Failure(MAPI_E_HAS_MESSAGES, "the folder has messages");
  }
  FolderOperation result;
  empty(folder, result);
  if (result.skipped.empty()) {
    std::erase_if(state().receive_folders,
                  [&](const auto& receives) { return receives.second == folder; });
    state().folders.erase(folder);
  }
  return result;
}

std::vector<ContentsRow> MemoryStore::contents(const EntryId& folder, const EntryId& after,
                                               std::size_t limit) const {
  const Lock lock(state().mutex);
  state().find_folder(folder);
  std::vector<ContentsRow> rows;
  for (auto next = state().messages.upper_bound(after);
       next != state().messages.end() && rows.size() < limit; ++next) {
    if (next->second.folder == folder) {
      rows.push_back(make_contents_row(next->first, next->second));
    }
  }
  return rows;
}

/// The caller holds the mutex.
FolderOperation MemoryStore::change_each(const std::vector<EntryId>& entries,
                                         const std::function<void(const EntryId&)>& change) {
  const auto refusal = [this](const EntryId& entry) {
    try {
      return state().find(entry).queue_position ? MAPI_E_SUBMITTED : S_OK;
    } catch (const Failure& failure) {
      return failure.code();
    }
  };
  if (std::ranges::find(entries, MAPI_E_INVALID_ENTRYID, refusal) != entries.end()) {
    throw Failure(MAPI_E_INVALID_ENTRYID, "one of the entry ids names no message");
  }
  FolderOperation result;
  for (const auto& entry : entries) {
    if (const auto why = refusal(entry); why != S_OK) {
      result.skipped.push_back({entry, why});
      continue;
    }
    change(entry);
    result.done.push_back(entry);
  }
  return result;
}

FolderOperation MemoryStore::delete_messages(const std::vector<EntryId>& entries) {
  const TellsAfterwards tells(state());
  const Lock lock(state().mutex);
  return change_each(entries, [this](const EntryId& entry) { remove(entry); });
}

/// With the report that it was never read, if its sender wants one. The caller holds the mutex.
void MemoryStore::remove(const EntryId& entry) {
  const auto flags = state().find(entry).message.get_or(PR_MESSAGE_FLAGS, 0);
  if (session::owes_non_read_report(flags)) submit_receipt(entry, false);
  state().messages.erase(entry);
}

/// Into the queue of outgoing messages, of the mailbox that the message lies in. A receipt that
/// cannot be submitted is none. The caller holds the mutex.
void MemoryStore::submit_receipt(const EntryId& about, bool read) {
  const auto& stored = state().find(about);
  const auto now = FileTime::now();
  auto receipt = session::read_receipt(State::opened(about, stored), read, now);
  if (!receipt) return;
  try {
    const auto own = state().own_recipients();
    auto submission = session::prepare_submission(*receipt, state().support, now, &own);
    const auto owner = state().find_folder(stored.folder).owner;
    const auto outbox = state().special_folder(owner, SpecialFolder::outbox);
    state().enqueue(state().add(outbox, *std::move(receipt)), submission.submit_flags);
    std::ranges::move(state().deliver(std::move(submission.deliveries)),
                      std::back_inserter(state().untold));
  } catch (const Failure&) {
    return;
  }
}

/// The folder's messages, and the folders within it unless something stays in them. The caller
/// holds the mutex.
void MemoryStore::empty(const EntryId& folder, FolderOperation& result) {
  for (const auto& inner : state().folders_in(folder)) {
    empty(inner, result);
    const bool is_empty = state().messages_in(inner).empty() && state().folders_in(inner).empty();
    if (is_empty && !state().find_folder(inner).special) state().folders.erase(inner);
  }
  auto part =
      change_each(state().messages_in(folder), [this](const EntryId& entry) { remove(entry); });
  std::ranges::move(part.done, std::back_inserter(result.done));
  std::ranges::move(part.skipped, std::back_inserter(result.skipped));
}

FolderOperation MemoryStore::empty_folder(const EntryId& folder) {
  const TellsAfterwards tells(state());
  const Lock lock(state().mutex);
  state().find_folder(folder);
  FolderOperation result;
  empty(folder, result);
  return result;
}

FolderOperation MemoryStore::move_messages(const std::vector<EntryId>& entries,
                                           const EntryId& folder) {
  const Lock lock(state().mutex);
  state().find_folder(folder);
  return change_each(entries, [&](const EntryId& entry) { state().find(entry).folder = folder; });
}

FolderOperation MemoryStore::copy_messages(const std::vector<EntryId>& entries,
                                           const EntryId& folder) {
  const Lock lock(state().mutex);
  state().find_folder(folder);
  FolderOperation result;
  for (const auto& entry : entries) {
    try {
      const auto& stored = state().find(entry);
      require_openable(stored, Access::read_only);
      auto copy = session::copied(State::opened(entry, stored));
      copy.set(PR_MESSAGE_FLAGS, session::new_message_flags(copy));
      result.done.push_back(state().add(folder, std::move(copy)));
    } catch (const Failure& failure) {
      if (failure.code() == MAPI_E_INVALID_ENTRYID) throw;
      result.skipped.push_back({entry, failure.code()});
    }
  }
  return result;
}

void MemoryStore::set_read_flag(const EntryId& entry, std::int32_t flags) {
  const TellsAfterwards tells(state());
  const Lock lock(state().mutex);
  auto& stored = state().find(entry);
  const auto before = stored.message.get_or(PR_MESSAGE_FLAGS, 0);
  const auto decision = session::set_read_flag(before, flags);
  const bool changes = before != decision.message_flags || decision.request_withdrawn;
  if (stored.queue_position || !changes) return;
  if (decision.read_report) submit_receipt(entry, true);
  if (decision.request_withdrawn) stored.message.set(PR_READ_RECEIPT_REQUESTED, false);
  stored.message.set(PR_MESSAGE_FLAGS, decision.message_flags);
  ++stored.changes;
}

}  // namespace memory_store
