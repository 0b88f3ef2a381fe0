#include "store/engine/postgresql_schema.h"

#include <algorithm>
#include <array>
#include <span>
#include <string>
#include <string_view>

#include "store/table/folder_table.h"

namespace postern::store {
namespace {

/// What makes the tables of each version out of those before it. They are SQLite's
/// (sqlite_schema.cpp) with the differences that several spoolers and machines make: rows take
/// their numbers from sequences, and the queue says whose a message is. Attachments are not
/// compressed: most of them are already.
constexpr std::array<std::string_view, 3> versions{
    R"sql(
CREATE SEQUENCE mailbox_number;
CREATE SEQUENCE folder_number;
CREATE SEQUENCE message_number;
CREATE SEQUENCE content_number;
CREATE SEQUENCE attachment_number;
CREATE SEQUENCE queue_number;
CREATE SEQUENCE claim_number;
CREATE SEQUENCE session_number MAXVALUE 2147483647 CYCLE;
CREATE TABLE store (
  uid BYTEA NOT NULL,
  version BIGINT NOT NULL
);
CREATE TABLE commit_mark (
  writer BIGINT PRIMARY KEY,
  number BIGINT NOT NULL,
  used TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT now()
);
CREATE TABLE mailbox (
  id BIGINT PRIMARY KEY,
  name TEXT COLLATE "C" NOT NULL UNIQUE
);
CREATE TABLE mailbox_address (
  address TEXT COLLATE "C" PRIMARY KEY,
  mailbox_id BIGINT NOT NULL REFERENCES mailbox (id)
);
CREATE TABLE folder (
  id BIGINT PRIMARY KEY,
  mailbox_id BIGINT REFERENCES mailbox (id),
  parent_id BIGINT REFERENCES folder (id),
  special BIGINT,
  name TEXT COLLATE "C" NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX special_folder ON folder (mailbox_id, special) WHERE special IS NOT NULL;
CREATE UNIQUE INDEX folder_in_folder ON folder (parent_id, name) WHERE parent_id IS NOT NULL;
CREATE TABLE receive_folder (
  mailbox_id BIGINT NOT NULL REFERENCES mailbox (id),
  message_class TEXT COLLATE "C" NOT NULL,
  folder_id BIGINT NOT NULL REFERENCES folder (id) ON DELETE CASCADE,
  PRIMARY KEY (mailbox_id, message_class)
);
CREATE INDEX received_in_folder ON receive_folder (folder_id);
CREATE TABLE message (
  id BIGINT PRIMARY KEY,
  folder_id BIGINT REFERENCES folder (id),
  attachment_id BIGINT,
  change_number BIGINT NOT NULL DEFAULT 1,
  message_flags BIGINT NOT NULL,
  size BIGINT NOT NULL
);
CREATE INDEX message_in_folder ON message (folder_id, id) WHERE folder_id IS NOT NULL;
CREATE INDEX message_in_attachment ON message (attachment_id) WHERE attachment_id IS NOT NULL;
CREATE TABLE message_properties (
  message_id BIGINT PRIMARY KEY REFERENCES message (id) ON DELETE CASCADE,
  message_class TEXT NOT NULL,
  subject TEXT NOT NULL,
  sender_name TEXT NOT NULL,
  display_to TEXT NOT NULL,
  display_cc TEXT NOT NULL,
  display_bcc TEXT NOT NULL,
  priority BIGINT NOT NULL,
  time BIGINT,
  properties BYTEA NOT NULL,
  envelope_id TEXT COLLATE "C",
  internet_message_id TEXT COLLATE "C"
);
CREATE INDEX message_with_envelope_id ON message_properties (envelope_id)
  WHERE envelope_id IS NOT NULL;
CREATE INDEX message_with_internet_message_id ON message_properties (internet_message_id)
  WHERE internet_message_id IS NOT NULL;
CREATE TABLE message_body (
  message_id BIGINT PRIMARY KEY REFERENCES message (id) ON DELETE CASCADE,
  properties BYTEA NOT NULL
);
CREATE TABLE message_transcript (
  message_id BIGINT PRIMARY KEY REFERENCES message (id) ON DELETE CASCADE,
  properties BYTEA NOT NULL
);
CREATE TABLE recipient (
  message_id BIGINT NOT NULL REFERENCES message (id) ON DELETE CASCADE,
  position BIGINT NOT NULL,
  properties BYTEA NOT NULL,
  PRIMARY KEY (message_id, position)
);
CREATE TABLE content (
  id BIGINT PRIMARY KEY,
  size BIGINT NOT NULL,
  writer BIGINT
);
CREATE INDEX content_without_owner ON content (writer) WHERE writer IS NOT NULL;
CREATE TABLE content_chunk (
  content_id BIGINT NOT NULL,
  number BIGINT NOT NULL,
  octets BYTEA NOT NULL,
  PRIMARY KEY (content_id, number)
);
ALTER TABLE content_chunk ALTER COLUMN octets SET STORAGE EXTERNAL;
CREATE TABLE attachment (
  id BIGINT PRIMARY KEY,
  message_id BIGINT NOT NULL REFERENCES message (id) ON DELETE CASCADE,
  position BIGINT NOT NULL,
  content_id BIGINT,
  properties BYTEA NOT NULL
);
ALTER TABLE message ADD FOREIGN KEY (attachment_id) REFERENCES attachment (id) ON DELETE CASCADE;
CREATE INDEX attachment_of_message ON attachment (message_id, position);
CREATE INDEX attachment_with_content ON attachment (content_id) WHERE content_id IS NOT NULL;
CREATE TABLE outgoing_queue (
  sequence BIGINT PRIMARY KEY DEFAULT nextval('queue_number'),
  message_id BIGINT NOT NULL UNIQUE REFERENCES message (id),
  client_submit_time BIGINT NOT NULL,
  submit_flags BIGINT NOT NULL,
  deferred_send_time BIGINT,
  next_attempt BIGINT,
  due BIGINT,
  claimed_by BIGINT,
  claim BIGINT,
  held_by BIGINT
);
CREATE INDEX sending_order ON outgoing_queue (client_submit_time, sequence);
CREATE INDEX ready ON outgoing_queue (client_submit_time, sequence)
  WHERE due IS NULL AND claimed_by IS NULL;
CREATE INDEX held ON outgoing_queue (due) WHERE due IS NOT NULL AND claimed_by IS NULL;
CREATE INDEX claims ON outgoing_queue (claimed_by) WHERE claimed_by IS NOT NULL;
CREATE INDEX holds ON outgoing_queue (held_by) WHERE held_by IS NOT NULL;
)sql",
    // 2: what most messages have lies in one row, and a queued message has one number.
    R"sql(
ALTER TABLE message
  ADD COLUMN message_class TEXT NOT NULL DEFAULT '',
  ADD COLUMN subject TEXT NOT NULL DEFAULT '',
  ADD COLUMN sender_name TEXT NOT NULL DEFAULT '',
  ADD COLUMN display_to TEXT NOT NULL DEFAULT '',
  ADD COLUMN display_cc TEXT NOT NULL DEFAULT '',
  ADD COLUMN display_bcc TEXT NOT NULL DEFAULT '',
  ADD COLUMN priority BIGINT NOT NULL DEFAULT 0,
  ADD COLUMN time BIGINT,
  ADD COLUMN envelope_id TEXT COLLATE "C",
  ADD COLUMN internet_message_id TEXT COLLATE "C",
  ADD COLUMN properties BYTEA NOT NULL DEFAULT '',
  ADD COLUMN recipients BYTEA NOT NULL DEFAULT '';
UPDATE message m SET message_class = p.message_class, subject = p.subject,
  sender_name = p.sender_name, display_to = p.display_to, display_cc = p.display_cc,
  display_bcc = p.display_bcc, priority = p.priority, time = p.time, envelope_id = p.envelope_id,
  internet_message_id = p.internet_message_id, properties = p.properties,
  recipients = coalesce((SELECT r.properties FROM recipient r
    WHERE r.message_id = p.message_id AND r.position = 0), '')
  FROM message_properties p WHERE p.message_id = m.id;
DELETE FROM recipient WHERE position = 0;
DROP TABLE message_properties;
CREATE INDEX message_with_envelope_id ON message (envelope_id) WHERE envelope_id IS NOT NULL;
CREATE INDEX message_with_internet_message_id ON message (internet_message_id)
  WHERE internet_message_id IS NOT NULL;
ALTER TABLE outgoing_queue DROP COLUMN sequence;
DROP SEQUENCE queue_number;
ALTER TABLE outgoing_queue DROP CONSTRAINT outgoing_queue_message_id_key;
ALTER TABLE outgoing_queue ADD PRIMARY KEY (message_id);
CREATE INDEX sending_order ON outgoing_queue (client_submit_time, message_id);
CREATE INDEX ready ON outgoing_queue (client_submit_time, message_id)
  WHERE due IS NULL AND claimed_by IS NULL;
)sql",
    // 3: what belongs to a message is made and deleted in commits that write the message's own row,
    // so that of two which are in each other's way one is repeated. To have the references between
    // them looked at as well took as long as seven statements for each message.
    R"sql(
ALTER TABLE message DROP CONSTRAINT message_attachment_id_fkey;
ALTER TABLE message_body DROP CONSTRAINT message_body_message_id_fkey;
ALTER TABLE message_transcript DROP CONSTRAINT message_transcript_message_id_fkey;
ALTER TABLE recipient DROP CONSTRAINT recipient_message_id_fkey;
ALTER TABLE attachment DROP CONSTRAINT attachment_message_id_fkey;
ALTER TABLE outgoing_queue DROP CONSTRAINT outgoing_queue_message_id_fkey;
)sql"};

constexpr auto newest = static_cast<std::int64_t>(versions.size());

/// 0 if there are no tables.
std::int64_t version_of(Connection& connection) {
  auto table = connection.query(
      "SELECT 1 FROM information_schema.tables WHERE table_schema = 'postern'"
      " AND table_name = 'store'");
  if (!table.next()) return 0;
  auto row = connection.query("SELECT version FROM store");
  return row.next() ? row.integer(0) : 0;
}

mapi::Failure too_new(const Connection& connection, std::int64_t version) {
  return {mapi::MAPI_E_VERSION, "the store " + connection.name() +
                                    " was made by a newer Postern (its version is " +
                                    std::to_string(version) + ", this one knows " +
                                    std::to_string(newest) + "); use that one"};
}

}  // namespace

StoreUid require_postgresql_schema(Connection& connection) {
  const auto version = version_of(connection);
  if (version > newest) throw too_new(connection, version);
  if (version == 0) {
    throw mapi::Failure(mapi::MAPI_E_NOT_FOUND,
                        "the store " + connection.name() +
                            " has no tables yet; make them with 'postern store migrate'");
  }
  if (version < newest) {
    throw mapi::Failure(mapi::MAPI_E_VERSION,
                        "the store " + connection.name() + " has tables of version " +
                            std::to_string(version) + ", and this Postern needs version " +
                            std::to_string(newest) +
                            "; stop the older ones and run 'postern store migrate'");
  }
  StoreUid uid;
  auto row = connection.query("SELECT uid FROM store");
  if (!row.next() || row.blob(0).size() != uid.bytes.size()) {
    throw mapi::Failure(mapi::MAPI_E_CORRUPT_STORE,
                        "the store " + connection.name() + " has no uid");
  }
  std::ranges::copy(row.blob(0), uid.bytes.begin());
  return uid;
}

SchemaVersions migrate_postgresql_schema(PostgresqlConnection& connection) {
  connection.begin_alone();
  connection.execute(
      "SET LOCAL enable_seqscan = on; SET LOCAL enable_hashjoin = on;"
      " SET LOCAL enable_mergejoin = on");  // it is about all rows (connect.cpp)
  const auto before = version_of(connection);
  if (before > newest) {
    connection.roll_back();
    throw too_new(connection, before);
  }
  if (before == 0) connection.execute("CREATE SCHEMA IF NOT EXISTS postern");
  for (auto version = before; version < newest; ++version) {
    connection.execute(versions.at(static_cast<std::size_t>(version)));
  }
  if (before == 0) {
    const auto uid = make_store_uid();
    connection.run("INSERT INTO store (uid, version) VALUES (?, ?)",
                   std::span<const std::byte>(uid.bytes), newest);
    insert_mailbox(connection, "");
  } else {
    connection.run("UPDATE store SET version = ?", newest);
  }
  connection.commit();
  return {before, newest};
}

}  // namespace postern::store
