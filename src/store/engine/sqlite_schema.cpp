#include "store/engine/sqlite_schema.h"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <iterator>
#include <span>
#include <string>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

#include "store/sqlite/connection.h"
#include "store/sqlite/file_failure.h"
#include "store/sqlite/lock_file.h"
#include "store/table/folder_table.h"
#include "store/table/message_table.h"

namespace postern::store {
namespace {

// What most messages have lies in one row, `message`, which is written each time; what is big or
// many has rows of its own, so that a save writes only what it changed. A row without folder
// belongs to an attachment.
//
// The references between tables are not enforced (SqliteConnection), which would cost a tenth of
// what a message costs: nothing is made but within the commit that finds what it refers to, and
// what belongs to what is deleted is deleted with it (message_table.cpp).
//
// Content without an owner has a `writer`, which is still staging it (content_staging.h)
// or 0, garbage. A small one is removed with its last attachment; a big one becomes garbage then
// and is swept bit by bit, because removing a gigabyte at once would hold up every other writer.
constexpr const char* tables = R"sql(
CREATE TABLE store (
  uid BLOB NOT NULL
);
CREATE TABLE mailbox (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL UNIQUE
);
CREATE TABLE mailbox_address (
  address TEXT PRIMARY KEY,
  mailbox_id INTEGER NOT NULL REFERENCES mailbox (id)
) WITHOUT ROWID;
CREATE TABLE folder (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  mailbox_id INTEGER REFERENCES mailbox (id),
  parent_id INTEGER REFERENCES folder (id),
  special INTEGER,
  name TEXT NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX special_folder ON folder (mailbox_id, special) WHERE special IS NOT NULL;
CREATE UNIQUE INDEX folder_in_folder ON folder (parent_id, name) WHERE parent_id IS NOT NULL;
CREATE TABLE receive_folder (
  mailbox_id INTEGER NOT NULL REFERENCES mailbox (id),
  message_class TEXT NOT NULL,
  folder_id INTEGER NOT NULL REFERENCES folder (id),
  PRIMARY KEY (mailbox_id, message_class)
) WITHOUT ROWID;
CREATE INDEX received_in_folder ON receive_folder (folder_id);
CREATE TABLE message (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  folder_id INTEGER REFERENCES folder (id),
  attachment_id INTEGER REFERENCES attachment (id),
  change_number INTEGER NOT NULL DEFAULT 1,
  message_flags INTEGER NOT NULL,
  size INTEGER NOT NULL,
  message_class TEXT NOT NULL DEFAULT '',
  subject TEXT NOT NULL DEFAULT '',
  sender_name TEXT NOT NULL DEFAULT '',
  display_to TEXT NOT NULL DEFAULT '',
  display_cc TEXT NOT NULL DEFAULT '',
  display_bcc TEXT NOT NULL DEFAULT '',
  priority INTEGER NOT NULL DEFAULT 0,
  time INTEGER,
  envelope_id TEXT,
  internet_message_id TEXT,
  properties BLOB NOT NULL DEFAULT x'',
  recipients BLOB NOT NULL DEFAULT x''
);
CREATE INDEX message_in_folder ON message (folder_id) WHERE folder_id IS NOT NULL;
CREATE INDEX message_in_attachment ON message (attachment_id) WHERE attachment_id IS NOT NULL;
CREATE INDEX message_with_envelope_id ON message (envelope_id) WHERE envelope_id IS NOT NULL;
CREATE INDEX message_with_internet_message_id ON message (internet_message_id)
  WHERE internet_message_id IS NOT NULL;
CREATE TABLE message_body (
  message_id INTEGER PRIMARY KEY REFERENCES message (id),
  properties BLOB NOT NULL
);
CREATE TABLE message_transcript (
  message_id INTEGER PRIMARY KEY REFERENCES message (id),
  properties BLOB NOT NULL
);
CREATE TABLE recipient (
  message_id INTEGER NOT NULL REFERENCES message (id),
  position INTEGER NOT NULL,
  properties BLOB NOT NULL,
  PRIMARY KEY (message_id, position)
) WITHOUT ROWID;
CREATE TABLE content (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  size INTEGER NOT NULL,
  writer INTEGER
);
CREATE INDEX content_without_owner ON content (writer) WHERE writer IS NOT NULL;
CREATE TABLE content_chunk (
  content_id INTEGER NOT NULL,
  number INTEGER NOT NULL,
  octets BLOB NOT NULL,
  PRIMARY KEY (content_id, number)
);
CREATE TABLE attachment (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  message_id INTEGER NOT NULL REFERENCES message (id),
  position INTEGER NOT NULL,
  content_id INTEGER,
  properties BLOB NOT NULL
);
CREATE INDEX attachment_of_message ON attachment (message_id, position);
CREATE INDEX attachment_with_content ON attachment (content_id) WHERE content_id IS NOT NULL;
CREATE TABLE outgoing_queue (
  message_id INTEGER PRIMARY KEY REFERENCES message (id),
  client_submit_time INTEGER NOT NULL,
  submit_flags INTEGER NOT NULL,
  deferred_send_time INTEGER,
  next_attempt INTEGER,
  due INTEGER
);
CREATE INDEX sending_order ON outgoing_queue (client_submit_time);
CREATE INDEX ready ON outgoing_queue (client_submit_time) WHERE due IS NULL;
CREATE INDEX held ON outgoing_queue (due) WHERE due IS NOT NULL;
)sql";

/// What makes the tables of each version out of those before it, from version 1 on.
constexpr const char* upgrades[] = {
    // 2: messages are taken by when they are due. 0x0CB34557A3DD4000 is MAPI's "no time".
    R"sql(
ALTER TABLE outgoing_queue ADD COLUMN due INTEGER;
UPDATE outgoing_queue SET deferred_send_time = NULL WHERE deferred_send_time = 915151392000000000;
UPDATE outgoing_queue SET due = max(ifnull(deferred_send_time, next_attempt),
  ifnull(next_attempt, deferred_send_time));
CREATE INDEX ready ON outgoing_queue (client_submit_time, sequence) WHERE due IS NULL;
CREATE INDEX held ON outgoing_queue (due) WHERE due IS NOT NULL;
)sql",
    // 3: mailboxes with folders of their own; transcripts apart; the texts that tables show are cut
    // (63 characters are 252 octets at most). The folders so far had the numbers of SpecialFolder.
    R"sql(
CREATE TABLE mailbox (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL UNIQUE
);
INSERT INTO mailbox (id, name) VALUES (1, '');
ALTER TABLE folder ADD COLUMN mailbox_id INTEGER REFERENCES mailbox (id);
ALTER TABLE folder ADD COLUMN parent_id INTEGER REFERENCES folder (id);
ALTER TABLE folder ADD COLUMN special INTEGER;
ALTER TABLE folder ADD COLUMN name TEXT NOT NULL DEFAULT '';
UPDATE folder SET mailbox_id = 1, special = id,
  name = CASE id WHEN 1 THEN 'Outbox' WHEN 2 THEN 'Sent Items' ELSE 'Inbox' END;
INSERT INTO folder (mailbox_id, special, name) VALUES (1, 4, 'IPM_SUBTREE');
UPDATE folder SET parent_id = (SELECT id FROM folder WHERE special = 4) WHERE special < 4;
CREATE UNIQUE INDEX special_folder ON folder (mailbox_id, special) WHERE special IS NOT NULL;
CREATE UNIQUE INDEX folder_in_folder ON folder (parent_id, name) WHERE parent_id IS NOT NULL;
CREATE TABLE receive_folder (
  mailbox_id INTEGER NOT NULL REFERENCES mailbox (id),
  message_class TEXT NOT NULL,
  folder_id INTEGER NOT NULL REFERENCES folder (id),
  PRIMARY KEY (mailbox_id, message_class)
) WITHOUT ROWID;
CREATE INDEX received_in_folder ON receive_folder (folder_id);
CREATE TABLE message_transcript (
  message_id INTEGER PRIMARY KEY REFERENCES message (id),
  properties BLOB NOT NULL
);
UPDATE message_properties SET subject = substr(subject, 1, 63),
  sender_name = substr(sender_name, 1, 63), display_to = substr(display_to, 1, 63),
  display_cc = substr(display_cc, 1, 63), display_bcc = substr(display_bcc, 1, 63)
  WHERE length(subject) > 255 OR length(sender_name) > 255 OR length(display_to) > 255
  OR length(display_cc) > 255 OR length(display_bcc) > 255;
)sql",
    // 4: the last value of `due` is that of messages on hold by an operator now; before it come
    // that of holds without end, which an upgrade ends, and the last time (queue_table.cpp).
    R"sql(
UPDATE outgoing_queue SET deferred_send_time = min(deferred_send_time, 9223372036854775805),
  next_attempt = min(next_attempt, 9223372036854775805) WHERE due >= 9223372036854775805;
UPDATE outgoing_queue SET due = max(ifnull(deferred_send_time, next_attempt),
  ifnull(next_attempt, deferred_send_time)) WHERE due >= 9223372036854775805;
)sql",
    // 5: messages are found by what late reports name. Of those that are there the values lie
    // within `properties`, out of SQL's reach, until they are saved again.
    R"sql(
ALTER TABLE message_properties ADD COLUMN envelope_id TEXT;
ALTER TABLE message_properties ADD COLUMN internet_message_id TEXT;
CREATE INDEX message_with_envelope_id ON message_properties (envelope_id)
  WHERE envelope_id IS NOT NULL;
CREATE INDEX message_with_internet_message_id ON message_properties (internet_message_id)
  WHERE internet_message_id IS NOT NULL;
)sql",
    // 6: addresses of mailboxes, to which the store delivers itself.
    R"sql(
CREATE TABLE mailbox_address (
  address TEXT PRIMARY KEY,
  mailbox_id INTEGER NOT NULL REFERENCES mailbox (id)
) WITHOUT ROWID;
)sql",
    // 7: a row of `recipient` holds several recipients; join_recipients fills the new table.
    R"sql(
ALTER TABLE recipient RENAME TO single_recipient;
CREATE TABLE recipient (
  message_id INTEGER NOT NULL REFERENCES message (id),
  position INTEGER NOT NULL,
  properties BLOB NOT NULL,
  PRIMARY KEY (message_id, position)
) WITHOUT ROWID;
)sql",
    // 8: what becomes of content without attachments is decided in code (drop_if_disowned), the
    // same for every database; and no counter is written with every submission.
    R"sql(
DROP TRIGGER IF EXISTS content_lost_its_owner;
ALTER TABLE store DROP COLUMN last_submit_time;
)sql",
    // 9: what most messages have lies in one row, and a queued message has one number.
    R"sql(
ALTER TABLE message ADD COLUMN message_class TEXT NOT NULL DEFAULT '';
ALTER TABLE message ADD COLUMN subject TEXT NOT NULL DEFAULT '';
ALTER TABLE message ADD COLUMN sender_name TEXT NOT NULL DEFAULT '';
ALTER TABLE message ADD COLUMN display_to TEXT NOT NULL DEFAULT '';
ALTER TABLE message ADD COLUMN display_cc TEXT NOT NULL DEFAULT '';
ALTER TABLE message ADD COLUMN display_bcc TEXT NOT NULL DEFAULT '';
ALTER TABLE message ADD COLUMN priority INTEGER NOT NULL DEFAULT 0;
ALTER TABLE message ADD COLUMN time INTEGER;
ALTER TABLE message ADD COLUMN envelope_id TEXT;
ALTER TABLE message ADD COLUMN internet_message_id TEXT;
ALTER TABLE message ADD COLUMN properties BLOB NOT NULL DEFAULT x'';
ALTER TABLE message ADD COLUMN recipients BLOB NOT NULL DEFAULT x'';
UPDATE message SET message_class = p.message_class, subject = p.subject,
  sender_name = p.sender_name, display_to = p.display_to, display_cc = p.display_cc,
  display_bcc = p.display_bcc, priority = p.priority, time = p.time, envelope_id = p.envelope_id,
  internet_message_id = p.internet_message_id, properties = p.properties,
  recipients = ifnull((SELECT r.properties FROM recipient r
    WHERE r.message_id = p.message_id AND r.position = 0), x'')
  FROM message_properties p WHERE p.message_id = message.id;
DELETE FROM recipient WHERE position = 0;
DROP TABLE message_properties;
CREATE INDEX message_with_envelope_id ON message (envelope_id) WHERE envelope_id IS NOT NULL;
CREATE INDEX message_with_internet_message_id ON message (internet_message_id)
  WHERE internet_message_id IS NOT NULL;
CREATE TABLE queue (
  message_id INTEGER PRIMARY KEY REFERENCES message (id),
  client_submit_time INTEGER NOT NULL,
  submit_flags INTEGER NOT NULL,
  deferred_send_time INTEGER,
  next_attempt INTEGER,
  due INTEGER
);
INSERT INTO queue SELECT message_id, client_submit_time, submit_flags, deferred_send_time,
  next_attempt, due FROM outgoing_queue;
DROP TABLE outgoing_queue;
ALTER TABLE queue RENAME TO outgoing_queue;
CREATE INDEX sending_order ON outgoing_queue (client_submit_time);
CREATE INDEX ready ON outgoing_queue (client_submit_time) WHERE due IS NULL;
CREATE INDEX held ON outgoing_queue (due) WHERE due IS NOT NULL;
CREATE TRIGGER message_is_deleted AFTER DELETE ON message BEGIN
  DELETE FROM message_body WHERE message_id = old.id;
  DELETE FROM message_transcript WHERE message_id = old.id;
  DELETE FROM recipient WHERE message_id = old.id;
  DELETE FROM attachment WHERE message_id = old.id;
END;
CREATE TRIGGER attachment_is_deleted AFTER DELETE ON attachment BEGIN
  DELETE FROM message WHERE attachment_id = old.id;
END;
CREATE TRIGGER folder_is_deleted AFTER DELETE ON folder BEGIN
  DELETE FROM receive_folder WHERE folder_id = old.id;
END;
)sql",
    // 10: what belongs to what is deleted is asked for, and deleted if it is there.
    R"sql(
DROP TRIGGER message_is_deleted;
DROP TRIGGER attachment_is_deleted;
DROP TRIGGER folder_is_deleted;
)sql"};
static_assert(std::size(upgrades) == schema_version - 1);
constexpr std::int64_t with_recipients_together = 7;

namespace fs = std::filesystem;

std::string quoted(const fs::path& path) {
  return "'" + path.string() + "'";
}

mapi::Failure no_store(const fs::path& path, const char* why) {
  return {mapi::MAPI_E_CORRUPT_STORE, quoted(path) + " is no Postern store: " + why};
}

/// Until then a loss of power may take what was made in it, with all that is in that. A file system
/// that cannot do it is left alone, as SQLite does for the files that it makes.
void sync_directory(const fs::path& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return;
  ::fsync(descriptor);
  ::close(descriptor);
}

/// Nobody else has any business in those that are made for the store.
void make_directories(const fs::path& path) {
  std::error_code error;
  if (path.empty() || fs::is_directory(path, error)) return;
  make_directories(path.parent_path());
  if (::mkdir(path.c_str(), 0700) == 0) return sync_directory(path.parent_path());
  const int fault = errno;
  if (fault == EEXIST && fs::is_directory(path, error)) return;
  throw file_failure("the directory " + quoted(path) + " cannot be made",
                     fault == EEXIST ? ENOTDIR : fault);
}

/// SQLite would fall back to reading only, or fail much later: say it now and plainly.
void require_writable(const fs::path& path) {
  std::error_code error;
  if (fs::exists(path, error) && !fs::is_regular_file(path, error)) {
    throw no_store(path, "it is no regular file");
  }
  // Mail is private: no permissions for others, whatever the umask.
  const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0660);
  if (descriptor < 0) {
    throw file_failure("the store " + quoted(path) + " cannot be opened for writing", errno);
  }
  ::close(descriptor);
}

/// The write-ahead log is made beside the store.
void require_writable_directory(const fs::path& path) {
  if (::faccessat(AT_FDCWD, path.parent_path().c_str(), W_OK | X_OK, AT_EACCESS) != 0) {
    throw file_failure("the store " + quoted(path) + " needs a directory that can be written, " +
                           quoted(path.parent_path()),
                       errno);
  }
}

/// The version of the tables; 0 for a file without anything in it yet. Throws for a file that is no
/// store of ours.
std::int64_t version_of(SqliteConnection& connection) {
  // One statement, hence one snapshot: another opener may be making the tables meanwhile.
  auto row = connection.query(
      "SELECT application_id, user_version, (SELECT count(*) FROM sqlite_master)"
      " FROM pragma_application_id, pragma_user_version");
  if (!row.next()) throw no_store(connection.path(), "it is incomplete");
  const auto found_id = row.integer(0);
  const auto version = row.integer(1);
  const bool is_empty = row.integer(2) == 0;
  if (is_empty && found_id == 0 && version == 0) return 0;
  if (found_id != application_id) {
    throw no_store(connection.path(), "it is a database of another program");
  }
  if (version > schema_version) {
    throw mapi::Failure(mapi::MAPI_E_VERSION, "the store " + quoted(connection.path()) +
                                                  " was made by a newer Postern (its version is " +
                                                  std::to_string(version) + ", this one knows " +
                                                  std::to_string(schema_version) +
                                                  "); use that one");
  }
  if (version < 1 || is_empty) throw no_store(connection.path(), "it is incomplete");
  return version;
}

void make_tables(SqliteConnection& connection) {
  const auto uid = make_store_uid();
  connection.execute("BEGIN IMMEDIATE");
  connection.execute(tables);
  connection.run("INSERT INTO store (uid) VALUES (?)", std::span<const std::byte>(uid.bytes));
  insert_mailbox(connection, "");
  connection.execute(("PRAGMA application_id = " + std::to_string(application_id)).c_str());
  connection.execute(("PRAGMA user_version = " + std::to_string(schema_version)).c_str());
  connection.execute("COMMIT");
}

/// Encoded bags may follow each other (value_codec.h).
void join_recipients(SqliteConnection& connection) {
  std::int64_t message = 0;
  std::int64_t first = 0;
  std::vector<std::byte> together;
  const auto write = [&] {
    if (together.empty()) return;
    connection.run("INSERT INTO recipient (message_id, position, properties) VALUES (?, ?, ?)",
                   message, first, std::span<const std::byte>(together));
    together.clear();
  };
  auto row = connection.query(
      "SELECT message_id, position, properties FROM single_recipient ORDER BY message_id, "
      "position");
  while (row.next()) {
    constexpr auto count = static_cast<std::int64_t>(recipients_together);
    const auto start = row.integer(1) / count * count;
    if (row.integer(0) != message || start != first) write();
    message = row.integer(0);
    first = start;
    const auto octets = row.blob(2);
    together.insert(together.end(), octets.begin(), octets.end());
  }
  write();
}

/// All steps in one commit: a crash leaves the old version whole.
void upgrade_tables(SqliteConnection& connection, std::int64_t version) {
  connection.execute("BEGIN IMMEDIATE");
  for (; version < schema_version; ++version) {
    connection.execute(upgrades[static_cast<std::size_t>(version - 1)]);
    if (version + 1 == with_recipients_together) {
      join_recipients(connection);
      connection.execute("DROP TABLE single_recipient");
    }
  }
  connection.execute(("PRAGMA user_version = " + std::to_string(schema_version)).c_str());
  connection.execute("COMMIT");
}

/// Write-ahead logging is a mark of the file; file systems without shared memory refuse it.
void use_write_ahead_log(SqliteConnection& connection) {
  auto answer = connection.query("PRAGMA journal_mode = WAL");
  if (!answer.next() || answer.text(0) != "wal") {
    throw mapi::Failure(mapi::MAPI_E_NO_SUPPORT,
                        "the store " + quoted(connection.path()) +
                            " lies on a file system that cannot keep a write-ahead log; "
                            "use a local one");
  }
}

StoreUid read_uid(SqliteConnection& connection) {
  StoreUid uid;
  auto row = connection.query("SELECT uid FROM store");
  if (!row.next() || row.blob(0).size() != uid.bytes.size()) {
    throw no_store(connection.path(), "it has no uid");
  }
  std::ranges::copy(row.blob(0), uid.bytes.begin());
  return uid;
}

}  // namespace

std::filesystem::path make_store_file(const std::filesystem::path& path) {
  const auto absolute = fs::absolute(path);
  make_directories(absolute.parent_path());
  require_writable(absolute);
  std::error_code error;
  auto real = fs::canonical(absolute, error);
  if (error) {
    throw file_failure("the store " + quoted(absolute) + " cannot be found", error.value());
  }
  require_writable_directory(real);
  return real;
}

StoreUid open_store_file(const std::filesystem::path& path) {
  const auto connection = open_connection(path, SqliteConnection::Use::write);
  try {
    if (version_of(*connection) != schema_version) {
      LockFile lock(path);
      lock.lock(LockByte::opening, LockKind::exclusive);
      use_write_ahead_log(*connection);
      const auto version = version_of(*connection);
      if (version == 0) {
        make_tables(*connection);
      } else {
        upgrade_tables(*connection, version);
      }
    }
    return read_uid(*connection);
  } catch (...) {
    connection->roll_back();
    throw;
  }
}

}  // namespace postern::store
