#include "store/table/folder_table.h"

#include <algorithm>
#include <array>
#include <limits>

#include "session/folders.h"

namespace postern::store {
namespace {

struct NamedFolder {
  mapi::SpecialFolder folder;
  const char* name;
};
constexpr std::array special_folders{
    NamedFolder{mapi::SpecialFolder::outbox, "Outbox"},
    NamedFolder{mapi::SpecialFolder::sent_items, "Sent Items"},
    NamedFolder{mapi::SpecialFolder::inbox, "Inbox"},
    NamedFolder{mapi::SpecialFolder::ipm_subtree, "IPM_SUBTREE"},
};

std::int64_t number(mapi::SpecialFolder folder) {
  return static_cast<std::int64_t>(folder);
}

std::int64_t limited(std::size_t limit) {
  constexpr std::size_t most = std::numeric_limits<std::int64_t>::max();
  return static_cast<std::int64_t>(std::min(limit, most));
}

mapi::ContentsRow current_contents_row(const Query& row, const StoreUid& store) {
  mapi::ContentsRow found;
  found.entry_id = make_entry_id(store, ObjectKind::message, row.integer(0));
  found.message_class = row.text(1);
  found.subject = row.text(2);
  found.sender_name = row.text(3);
  found.display_to = row.text(4);
  found.message_flags = static_cast<std::int32_t>(row.integer(5));
  found.message_size = static_cast<std::uint64_t>(row.integer(6));
  if (const auto time = row.optional_integer(7)) {
    found.time = mapi::FileTime{static_cast<std::uint64_t>(*time)};
  }
  return found;
}

}  // namespace

std::optional<MailboxId> insert_mailbox(Connection& connection, const std::string& name) {
  if (find_mailbox(connection, name)) return std::nullopt;
  const auto mailbox =
      connection.insert(Numbered::mailbox, "INSERT INTO mailbox (id, name) VALUES (?, ?)", name);
  for (const auto& special : special_folders) {
    connection.insert(Numbered::folder,
                      "INSERT INTO folder (id, mailbox_id, special, name) VALUES (?, ?, ?, ?)",
                      mailbox, number(special.folder), std::string(special.name));
  }
  const auto root = special_folder(connection, mailbox, mapi::SpecialFolder::ipm_subtree);
  connection.run("UPDATE folder SET parent_id = ?2 WHERE mailbox_id = ?1 AND id <> ?2", mailbox,
                 root);
  return mailbox;
}

std::optional<MailboxId> find_mailbox(Connection& connection, const std::string& name) {
  auto row = connection.query("SELECT id FROM mailbox WHERE name = ?", name);
  if (!row.next()) return std::nullopt;
  return row.integer(0);
}

std::vector<mapi::Mailbox> mailboxes(Connection& connection) {
  std::vector<mapi::Mailbox> found;
  auto row = connection.query("SELECT name FROM mailbox ORDER BY name");
  while (row.next()) found.push_back({row.text(0)});
  return found;
}

std::optional<mapi::Mailbox> mailbox_with_address(Connection& connection,
                                                  const std::string& address) {
  auto row = connection.query(
      "SELECT m.name FROM mailbox_address a JOIN mailbox m ON m.id = a.mailbox_id"
      " WHERE a.address = ?",
      address);
  if (!row.next()) return std::nullopt;
  return mapi::Mailbox{row.text(0)};
}

std::vector<mapi::MailboxAddress> mailbox_addresses(Connection& connection) {
  std::vector<mapi::MailboxAddress> found;
  auto row = connection.query(
      "SELECT a.address, m.name FROM mailbox_address a JOIN mailbox m ON m.id = a.mailbox_id"
      " ORDER BY a.address");
  while (row.next()) found.push_back({row.text(0), {row.text(1)}});
  return found;
}

bool has_mailbox_addresses(Connection& connection) {
  return connection.query("SELECT 1 FROM mailbox_address LIMIT 1").next();
}

void insert_address(Connection& connection, MailboxId mailbox, const std::string& address) {
  connection.run("INSERT INTO mailbox_address (address, mailbox_id) VALUES (?, ?)", address,
                 mailbox);
}

bool delete_address(Connection& connection, const std::string& address) {
  return connection.run_and_count("DELETE FROM mailbox_address WHERE address = ?", address) != 0;
}

std::optional<FolderState> folder_state(Connection& connection, FolderId folder) {
  auto row = connection.query(
      "SELECT mailbox_id, special, EXISTS (SELECT 1 FROM mailbox_address) FROM folder WHERE id = ?",
      folder);
  if (!row.next()) return std::nullopt;
  return FolderState{.mailbox = row.integer(0),
                     .is_special = !row.is_null(1),
                     .has_store_addresses = row.integer(2) != 0};
}

FolderId special_folder(Connection& connection, MailboxId mailbox, mapi::SpecialFolder folder) {
  auto row = connection.query("SELECT id FROM folder WHERE mailbox_id = ? AND special = ?", mailbox,
                              number(folder));
  if (!row.next()) {
    throw mapi::Failure(mapi::MAPI_E_CORRUPT_STORE, "the store " + connection.name() +
                                                        " has lost a special folder of mailbox " +
                                                        std::to_string(mailbox));
  }
  return row.integer(0);
}

std::optional<FolderId> insert_folder(Connection& connection, FolderId parent,
                                      const std::string& name) {
  if (connection.query("SELECT 1 FROM folder WHERE parent_id = ? AND name = ?", parent, name)
          .next())
    return std::nullopt;
  return connection.insert(Numbered::folder,
                           "INSERT INTO folder (id, mailbox_id, parent_id, name)"
                           " SELECT ?1, mailbox_id, id, ?3 FROM folder WHERE id = ?2",
                           parent, name);
}

std::vector<mapi::FolderRow> child_folders(Connection& connection, const StoreUid& store,
                                           FolderId parent) {
  std::vector<mapi::FolderRow> found;
  auto row = connection.query(
      "SELECT f.id, f.name, m.name FROM folder f JOIN mailbox m ON m.id = f.mailbox_id"
      " WHERE f.parent_id = ? ORDER BY f.name",
      parent);
  while (row.next()) {
    found.push_back({.entry_id = make_entry_id(store, ObjectKind::folder, row.integer(0)),
                     .parent = make_entry_id(store, ObjectKind::folder, parent),
                     .owner = {row.text(2)},
                     .name = row.text(1)});
  }
  return found;
}

std::vector<FolderId> folders_below(Connection& connection, FolderId folder) {
  std::vector<FolderId> found{folder};
  for (std::size_t i = 0; i < found.size(); ++i) {
    auto row = connection.query("SELECT id FROM folder WHERE parent_id = ?", found[i]);
    while (row.next()) found.push_back(row.integer(0));
  }
  return found;
}

bool delete_folder(Connection& connection, FolderId folder) {
  if (connection.run_and_count("DELETE FROM folder WHERE id = ?1"
                               " AND NOT EXISTS (SELECT 1 FROM message WHERE folder_id = ?1)"
                               " AND NOT EXISTS (SELECT 1 FROM folder WHERE parent_id = ?1)",
                               folder) == 0) {
    return false;
  }
  connection.run("DELETE FROM receive_folder WHERE folder_id = ?", folder);
  return true;
}

FolderId receive_folder(Connection& connection, MailboxId mailbox, std::string_view message_class) {
  std::vector<std::string> classes;
  auto set =
      connection.query("SELECT message_class FROM receive_folder WHERE mailbox_id = ?", mailbox);
  while (set.next()) classes.push_back(set.text(0));
  if (const auto longest = session::longest_prefix(classes, message_class)) {
    auto row = connection.query(
        "SELECT folder_id FROM receive_folder WHERE mailbox_id = ? AND message_class = ?", mailbox,
        *longest);
    if (row.next()) return row.integer(0);
  }
  return special_folder(connection, mailbox, mapi::SpecialFolder::inbox);
}

void set_receive_folder(Connection& connection, MailboxId mailbox, std::string_view message_class,
                        std::optional<FolderId> folder) {
  const auto key = session::receive_class(message_class);
  if (folder) {
    connection.run(
        "INSERT INTO receive_folder (mailbox_id, message_class, folder_id) VALUES (?, ?, ?)"
        " ON CONFLICT (mailbox_id, message_class) DO UPDATE SET folder_id = excluded.folder_id",
        mailbox, key, *folder);
  } else {
    connection.run("DELETE FROM receive_folder WHERE mailbox_id = ? AND message_class = ?", mailbox,
                   key);
  }
}

mapi::Mailbox mailbox_of(Connection& connection, MessageId message) {
  auto row = connection.query(
      "SELECT b.name FROM message m JOIN folder f ON f.id = m.folder_id"
      " JOIN mailbox b ON b.id = f.mailbox_id WHERE m.id = ?",
      message);
  return row.next() ? mapi::Mailbox{row.text(0)} : mapi::Mailbox{};
}

std::vector<mapi::ContentsRow> folder_contents(Connection& connection, const StoreUid& store,
                                               FolderId folder, MessageId after,
                                               std::size_t limit) {
  std::vector<mapi::ContentsRow> contents;
  auto row = connection.query(
      "SELECT id, message_class, subject, sender_name, display_to, message_flags, size, time"
      " FROM message WHERE folder_id = ? AND id > ? ORDER BY id LIMIT ?",
      folder, after, limited(limit));
  while (row.next()) contents.push_back(current_contents_row(row, store));
  return contents;
}

std::vector<MessageId> messages_in(Connection& connection, FolderId folder, MessageId after,
                                   std::size_t limit) {
  return numbers_of(
      connection.query("SELECT id FROM message WHERE folder_id = ? AND id > ? ORDER BY id LIMIT ?",
                       folder, after, limited(limit)));
}

}  // namespace postern::store
