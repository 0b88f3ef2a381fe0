// Mailboxes, their addresses and folders, and which of those receives what.
//
// Every function runs within the caller's transaction or snapshot.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mapi/msg_store.h"
#include "store/table/message_table.h"

namespace postern::store {

using MailboxId = std::int64_t;

/// Makes a mailbox with its special folders. Nullopt if there is one with this name.
std::optional<MailboxId> insert_mailbox(Connection& connection, const std::string& name);
std::optional<MailboxId> find_mailbox(Connection& connection, const std::string& name);
std::vector<mapi::Mailbox> mailboxes(Connection& connection);

/// The mailbox of an address in the form of session::own_address. Nullopt if none has it.
std::optional<mapi::Mailbox> mailbox_with_address(Connection& connection,
                                                  const std::string& address);
/// By address.
std::vector<mapi::MailboxAddress> mailbox_addresses(Connection& connection);
bool has_mailbox_addresses(Connection& connection);
/// The address belongs to no mailbox yet.
void insert_address(Connection& connection, MailboxId mailbox, const std::string& address);
/// Returns whether a mailbox had it.
bool delete_address(Connection& connection, const std::string& address);

struct FolderState {
  MailboxId mailbox = 0;
  bool is_special = false;
  bool has_store_addresses = false;  ///< some mailbox of the store has an address
};
/// Returns nullopt for a folder that does not exist (any more).
std::optional<FolderState> folder_state(Connection& connection, FolderId folder);
FolderId special_folder(Connection& connection, MailboxId mailbox, mapi::SpecialFolder folder);

/// Makes a folder within another. Nullopt if that has one with this name.
std::optional<FolderId> insert_folder(Connection& connection, FolderId parent,
                                      const std::string& name);
/// By name.
std::vector<mapi::FolderRow> child_folders(Connection& connection, const StoreUid& store,
                                           FolderId parent);
/// The folder and all within it, each before its own.
std::vector<FolderId> folders_below(Connection& connection, FolderId folder);
/// Deletes a folder in which nothing is. Returns false, and deletes nothing, if something is.
bool delete_folder(Connection& connection, FolderId folder);

/// The folder in which messages of the class are received.
FolderId receive_folder(Connection& connection, MailboxId mailbox, std::string_view message_class);
/// `folder`: nullopt takes the setting back.
void set_receive_folder(Connection& connection, MailboxId mailbox, std::string_view message_class,
                        std::optional<FolderId> folder);

/// The mailbox of a message's folder. The message exists.
mapi::Mailbox mailbox_of(Connection& connection, MessageId message);

/// The first messages of a folder behind `after`, at most `limit`, in the order they were made.
std::vector<mapi::ContentsRow> folder_contents(Connection& connection, const StoreUid& store,
                                               FolderId folder, MessageId after, std::size_t limit);
/// Their numbers alone.
std::vector<MessageId> messages_in(Connection& connection, FolderId folder, MessageId after,
                                   std::size_t limit);

}  // namespace postern::store
