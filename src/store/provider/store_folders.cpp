#include <algorithm>
#include <iterator>
#include <span>
#include <utility>

#include "mapi/property_tags.h"
#include "session/folders.h"
#include "session/read_receipt.h"
#include "session/submission.h"
#include "store/provider/store_object.h"

namespace postern::store {
namespace {

// So many messages are deleted or moved in one commit: other writers wait for no longer one.
constexpr std::size_t messages_per_commit = 100;

void append(mapi::FolderOperation& whole, mapi::FolderOperation part) {
  std::ranges::move(part.done, std::back_inserter(whole.done));
  std::ranges::move(part.skipped, std::back_inserter(whole.skipped));
}

using session::ReadFlagDecision;

/// The reader has declined: nobody is asked again (§8.6).
void withdraw_request(StoreCore& core, Connection& connection, MessageId id) {
  const auto before = load_what_is_intact(connection, core.origin, id);
  auto after = before;
  after.set(mapi::PR_READ_RECEIPT_REQUESTED, false);
  const auto nothing = core.stage({});
  ContentPlacement contents(connection, nothing);
  update_message(connection, id, before, after, core.require_message(connection, id).message_flags,
                 contents);
}

}  // namespace

mapi::PropertyBag StoreObject::properties() const {
  (void)core();
  mapi::PropertyBag bag;
  bag.set(mapi::PR_STORE_SUPPORT_MASK, session::store_support_mask());
  bag.set(mapi::PR_DISPLAY_NAME, mailbox_.name);
  bag.set(mapi::PR_ENTRYID, make_entry_id(core().origin.store, ObjectKind::store, 0).bytes);
  return bag;
}

mapi::EntryId StoreObject::entry_of_folder(FolderId id) const {
  return make_entry_id(core().origin.store, ObjectKind::folder, id);
}

void StoreObject::require_folder(FolderId id) const {
  read([&](Connection& connection) { return core().require_folder(connection, id); });
}

mapi::EntryId StoreObject::folder(mapi::SpecialFolder folder) const {
  return entry_of_folder(read(
      [&](Connection& connection) { return special_folder(connection, mailbox_id_, folder); }));
}

mapi::EntryId StoreObject::receive_folder(std::string_view message_class) const {
  return entry_of_folder(read([&](Connection& connection) {
    return store::receive_folder(connection, mailbox_id_, message_class);
  }));
}

void StoreObject::set_receive_folder(std::string_view message_class, const EntryId& folder) {
  std::optional<FolderId> id;
  if (!folder.empty()) id = core().folder_of(folder);
  core().commits.commit([&](Transaction& transaction) {
    if (id) core().require_folder(transaction.connection, *id);
    store::set_receive_folder(transaction.connection, mailbox_id_, message_class, id);
  });
}

mapi::EntryId StoreObject::create_folder(const EntryId& parent, const std::string& name) {
  const auto parent_id = core().folder_of(parent);
  session::require_name(name);
  FolderId made = 0;
  core().commits.commit([&](Transaction& transaction) {
    core().require_folder(transaction.connection, parent_id);
    const auto id = insert_folder(transaction.connection, parent_id, name);
    if (!id) {
      throw mapi::Failure(mapi::MAPI_E_COLLISION,
                          core().folder_name(parent_id) + " has a folder '" + name + "' already");
    }
    made = *id;
  });
  return entry_of_folder(made);
}

std::vector<mapi::FolderRow> StoreObject::folders(const EntryId& parent) const {
  const auto id = core().folder_of(parent);
  return read([&](Connection& connection) {
    core().require_folder(connection, id);
    return child_folders(connection, core().origin.store, id);
  });
}

std::vector<mapi::ContentsRow> StoreObject::contents(const EntryId& folder, const EntryId& after,
                                                     std::size_t limit) const {
  const auto id = core().folder_of(folder);
  const auto position = after.empty() ? MessageId{0} : core().message_of(after);
  return read([&](Connection& connection) {
    core().require_folder(connection, id);
    return folder_contents(connection, core().origin.store, id, position, limit);
  });
}

/// Throws what a folder cannot be deleted for, before anything in it is.
void StoreObject::require_deletable(FolderId id, mapi::FolderDeletion deletion) const {
  const auto name = core().folder_name(id) + " ";
  read([&](Connection& connection) {
    if (core().require_folder(connection, id).is_special) {
      throw mapi::Failure(mapi::MAPI_E_NO_ACCESS, name + "is a special one and stays");
    }
    if (deletion != mapi::FolderDeletion::with_messages_and_folders &&
        folders_below(connection, id).size() > 1) {
      throw mapi::Failure(mapi::MAPI_E_HAS_FOLDERS, name + "has folders in it");
    }
    if (deletion == mapi::FolderDeletion::only_if_empty &&
        !messages_in(connection, id, 0, 1).empty()) {
      throw mapi::Failure(mapi::MAPI_E_HAS_MESSAGES, name + "has messages in it");
    }
    return true;
  });
}

mapi::FolderOperation StoreObject::delete_folder(const EntryId& folder,
                                                 mapi::FolderDeletion deletion) {
  const auto id = core().folder_of(folder);
  require_deletable(id, deletion);
  mapi::FolderOperation result;
  empty(read([&](Connection& connection) { return folders_below(connection, id); }), result);
  if (!result.skipped.empty()) return result;
  core().commits.commit([&](Transaction& transaction) {
    if (store::delete_folder(transaction.connection, id)) return;
    throw mapi::Failure(mapi::MAPI_E_HAS_MESSAGES,
                        core().folder_name(id) + " was filled while it was deleted");
  });
  return result;
}

mapi::FolderOperation StoreObject::empty_folder(const EntryId& folder) {
  const auto id = core().folder_of(folder);
  require_folder(id);
  mapi::FolderOperation result;
  empty(read([&](Connection& connection) { return folders_below(connection, id); }), result);
  return result;
}

/// Deletes what is in the folders, and all but the first folder unless something stays in it; those
/// within others come after them.
void StoreObject::empty(const std::vector<FolderId>& folders, mapi::FolderOperation& result) {
  for (auto at = folders.size(); at-- > 0;) {
    const auto id = folders[at];
    MessageId position = 0;
    while (true) {
      const auto page = read([&](Connection& connection) {
        return messages_in(connection, id, position, messages_per_commit);
      });
      if (page.empty()) break;
      append(result, delete_messages(entries_of(page)));
      position = page.back();
    }
    if (at == 0) continue;
    core().commits.commit([&](Transaction& transaction) {
      const auto state = folder_state(transaction.connection, id);
      if (state && !state->is_special) store::delete_folder(transaction.connection, id);
    });
  }
}

/// The message, or why it cannot be deleted or moved.
std::variant<MessageId, mapi::Code> StoreObject::changeable(Connection& connection,
                                                            const EntryId& entry) const {
  try {
    const auto id = core().message_of(entry);
    if (!message_state(connection, id)) return mapi::MAPI_E_NOT_FOUND;
    if (submit_flags(connection, id)) return mapi::MAPI_E_SUBMITTED;
    return id;
  } catch (const mapi::Failure& failure) {
    if (failure.code() != mapi::MAPI_E_NOT_FOUND) throw;
    return failure.code();  // of another store
  }
}

/// MAPI_E_INVALID_ENTRYID before anything is done.
void StoreObject::require_well_formed(const std::vector<EntryId>& entries) const {
  for (const auto& entry : entries) {
    try {
      (void)core().message_of(entry);
    } catch (const mapi::Failure& failure) {
      if (failure.code() != mapi::MAPI_E_NOT_FOUND) throw;
    }
  }
}

mapi::FolderOperation StoreObject::change_each(const std::vector<EntryId>& entries,
                                               const Change& change) {
  require_well_formed(entries);
  mapi::FolderOperation whole;
  for (std::size_t at = 0; at < entries.size(); at += messages_per_commit) {
    const auto count = std::min(messages_per_commit, entries.size() - at);
    append(whole, change_batch(std::span(entries).subspan(at, count), change));
  }
  return whole;
}

/// In one commit. If that fails, all are skipped for it.
mapi::FolderOperation StoreObject::change_batch(std::span<const EntryId> entries,
                                                const Change& change) {
  mapi::FolderOperation result;
  try {
    core().commits.commit([&](Transaction& transaction) {
      result = {};
      for (const auto& entry : entries) {
        const auto found = changeable(transaction.connection, entry);
        if (const auto* why = std::get_if<mapi::Code>(&found)) {
          result.skipped.push_back({entry, *why});
          continue;
        }
        change(transaction, std::get<MessageId>(found));
        result.done.push_back(entry);
      }
    });
  } catch (const mapi::Failure& failure) {
    result = {};
    for (const auto& entry : entries) result.skipped.push_back({entry, failure.code()});
  }
  return result;
}

mapi::FolderOperation StoreObject::delete_messages(const std::vector<EntryId>& entries) {
  auto result = change_each(entries, [this](Transaction& transaction, MessageId id) {
    const auto flags = core().require_message(transaction.connection, id).message_flags;
    if (session::owes_non_read_report(flags)) submit_receipt(transaction, id, false);
    store::delete_message(transaction.connection, id);
  });
  sweep_garbage(core().commits);
  return result;
}

mapi::FolderOperation StoreObject::move_messages(const std::vector<EntryId>& entries,
                                                 const EntryId& folder) {
  const auto to = core().folder_of(folder);
  require_folder(to);
  return change_each(entries, [&](Transaction& transaction, MessageId id) {
    core().require_folder(transaction.connection, to);
    move_message(transaction.connection, id, to);
  });
}

mapi::FolderOperation StoreObject::copy_messages(const std::vector<EntryId>& entries,
                                                 const EntryId& folder) {
  const auto to = core().folder_of(folder);
  require_folder(to);
  require_well_formed(entries);
  mapi::FolderOperation result;
  for (const auto& entry : entries) {
    try {
      result.done.push_back(copy(core().message_of(entry), to));
    } catch (const mapi::Failure& failure) {
      result.skipped.push_back({entry, failure.code()});
    }
  }
  return result;
}

mapi::EntryId StoreObject::copy(MessageId id, FolderId folder) {
  auto message = read([&](Connection& connection) {
    (void)mode_of(connection, id, mapi::Access::read_only);
    return core().load(connection, id, logon_.get()).message;
  });
  message = session::copied(std::move(message));
  return core().entry_of(insert(folder, message, session::new_message_flags(message)));
}

void StoreObject::set_read_flag(const EntryId& entry, std::int32_t flags) {
  const auto id = core().message_of(entry);
  (void)session::set_read_flag(0, flags);
  /// What is to be done; nullopt: nothing.
  const auto wanted = [&](Connection& connection) -> std::optional<ReadFlagDecision> {
    const auto state = core().require_message(connection, id);
    if (submit_flags(connection, id)) return std::nullopt;
    const auto decision = session::set_read_flag(state.message_flags, flags);
    const bool changes = decision.message_flags != state.message_flags;
    return changes || decision.request_withdrawn ? std::optional(decision) : std::nullopt;
  };
  if (!read(wanted)) return;
  core().commits.commit([&](Transaction& transaction) {
    const auto decision = wanted(transaction.connection);
    if (!decision) return;
    if (decision->read_report) submit_receipt(transaction, id, true);
    if (decision->request_withdrawn) withdraw_request(core(), transaction.connection, id);
    set_message_flags(transaction.connection, id, decision->message_flags);
  });
}

/// Of a damaged message, by what can be read of it: it may be deleted all the same. A receipt that
/// cannot be submitted is none.
void StoreObject::submit_receipt(Transaction& transaction, MessageId about, bool read) {
  auto& connection = transaction.connection;
  const auto now = mapi::FileTime::now();
  auto receipt =
      session::read_receipt(load_what_is_intact(connection, core().origin, about), read, now);
  if (!receipt) return;
  session::Submission submission;
  try {
    submission = core().prepare_submission(*receipt, now);
  } catch (const mapi::Failure&) {
    return;
  }
  const auto lies_in = core().require_message(connection, about).folder;
  const auto mailbox = core().require_folder(connection, lies_in).mailbox;
  const auto nothing = core().stage({});
  ContentPlacement contents(connection, nothing);
  insert_queued(transaction, special_folder(connection, mailbox, mapi::SpecialFolder::outbox),
                *receipt, submission, contents);
}

mapi::Mailbox StoreObject::mailbox_of(const EntryId& entry) const {
  const auto id = core().message_of(entry);
  return read([&](Connection& connection) {
    core().require_message(connection, id);
    return store::mailbox_of(connection, id);
  });
}

}  // namespace postern::store
