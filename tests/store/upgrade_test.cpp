// Stores that earlier versions have made.
#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

#include "store/display_id.h"
#include "store/engine/sqlite_schema.h"
#include "store/table/value_codec.h"
#include "tests/store/store_fixture.h"

namespace postern::store::test {
namespace {

using mapi::EntryId;
using mapi::SpecialFolder;

/// From version 10 back to 9: triggers delete what belongs to what is deleted.
constexpr const char* to_version_9 = R"sql(
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
PRAGMA user_version = 9;
)sql";

/// And to 8: the small properties, the first recipients and the place in the queue have rows and
/// numbers of their own.
constexpr const char* to_version_8 = R"sql(
DROP TRIGGER message_is_deleted;
DROP TRIGGER attachment_is_deleted;
DROP TRIGGER folder_is_deleted;
CREATE TABLE message_properties (
  message_id INTEGER PRIMARY KEY REFERENCES message (id) ON DELETE CASCADE,
  message_class TEXT NOT NULL,
  subject TEXT NOT NULL,
  sender_name TEXT NOT NULL,
  display_to TEXT NOT NULL,
  display_cc TEXT NOT NULL,
  display_bcc TEXT NOT NULL,
  priority INTEGER NOT NULL,
  time INTEGER,
  properties BLOB NOT NULL,
  envelope_id TEXT,
  internet_message_id TEXT
);
INSERT INTO message_properties SELECT id, message_class, subject, sender_name, display_to,
  display_cc, display_bcc, priority, time, properties, envelope_id, internet_message_id
  FROM message;
INSERT INTO recipient SELECT id, 0, recipients FROM message WHERE recipients <> x'';
DROP INDEX message_with_envelope_id;
DROP INDEX message_with_internet_message_id;
ALTER TABLE message DROP COLUMN message_class;
ALTER TABLE message DROP COLUMN subject;
ALTER TABLE message DROP COLUMN sender_name;
ALTER TABLE message DROP COLUMN display_to;
ALTER TABLE message DROP COLUMN display_cc;
ALTER TABLE message DROP COLUMN display_bcc;
ALTER TABLE message DROP COLUMN priority;
ALTER TABLE message DROP COLUMN time;
ALTER TABLE message DROP COLUMN envelope_id;
ALTER TABLE message DROP COLUMN internet_message_id;
ALTER TABLE message DROP COLUMN properties;
ALTER TABLE message DROP COLUMN recipients;
CREATE INDEX message_with_envelope_id ON message_properties (envelope_id)
  WHERE envelope_id IS NOT NULL;
CREATE INDEX message_with_internet_message_id ON message_properties (internet_message_id)
  WHERE internet_message_id IS NOT NULL;
ALTER TABLE outgoing_queue RENAME TO new_queue;
CREATE TABLE outgoing_queue (
  sequence INTEGER PRIMARY KEY AUTOINCREMENT,
  message_id INTEGER NOT NULL UNIQUE REFERENCES message (id),
  client_submit_time INTEGER NOT NULL,
  submit_flags INTEGER NOT NULL,
  deferred_send_time INTEGER,
  next_attempt INTEGER,
  due INTEGER
);
INSERT INTO outgoing_queue (message_id, client_submit_time, submit_flags, deferred_send_time,
  next_attempt, due) SELECT message_id, client_submit_time, submit_flags, deferred_send_time,
  next_attempt, due FROM new_queue;
DROP TABLE new_queue;
CREATE INDEX sending_order ON outgoing_queue (client_submit_time, sequence);
CREATE INDEX ready ON outgoing_queue (client_submit_time, sequence) WHERE due IS NULL;
CREATE INDEX held ON outgoing_queue (due) WHERE due IS NOT NULL;
PRAGMA user_version = 8;
)sql";

/// And to 7: a trigger removes content with its last attachment, and each
/// submission writes a counter.
constexpr const char* to_version_7 = R"sql(
ALTER TABLE store ADD COLUMN last_submit_time INTEGER NOT NULL DEFAULT 0;
CREATE TRIGGER content_lost_its_owner AFTER DELETE ON attachment
WHEN old.content_id IS NOT NULL
  AND NOT EXISTS (SELECT 1 FROM attachment WHERE content_id = old.content_id)
BEGIN
  DELETE FROM content_chunk WHERE content_id = old.content_id
    AND (SELECT size FROM content WHERE id = old.content_id) <= 1048576;
  DELETE FROM content WHERE id = old.content_id AND size <= 1048576;
  UPDATE content SET writer = 0 WHERE id = old.content_id;
END;
PRAGMA user_version = 7;
)sql";

/// And to 6: each recipient has a row of its own, which those of a message with one
/// have anyway.
constexpr const char* to_version_6 = "PRAGMA user_version = 6";

/// And to 5: mailboxes have no addresses.
constexpr const char* to_version_5 = R"sql(
DROP TABLE mailbox_address;
PRAGMA user_version = 5;
)sql";

/// And to 4: messages are not found by what late reports name.
constexpr const char* to_version_4 = R"sql(
DROP INDEX message_with_envelope_id;
DROP INDEX message_with_internet_message_id;
ALTER TABLE message_properties DROP COLUMN envelope_id;
ALTER TABLE message_properties DROP COLUMN internet_message_id;
PRAGMA user_version = 4;
)sql";

/// And to 3: what is held without end has the last value of `due`.
constexpr const char* to_version_3 = R"sql(
UPDATE outgoing_queue SET due = 9223372036854775807 WHERE due > 9223372036854775804;
UPDATE outgoing_queue SET deferred_send_time = 9223372036854775807
  WHERE deferred_send_time > 9223372036854775804;
PRAGMA user_version = 3;
)sql";

/// And to 2: three folders by number, transcripts among the other properties.
constexpr const char* to_version_2 = R"sql(
DROP TABLE receive_folder;
DROP TABLE mailbox;
DROP TABLE folder;
DROP TABLE message_transcript;
CREATE TABLE folder (id INTEGER PRIMARY KEY AUTOINCREMENT);
INSERT INTO folder (id) VALUES (1), (2), (3);
PRAGMA user_version = 2;
)sql";

/// And to 1: the queue has no times by which messages are taken.
constexpr const char* to_version_1 = R"sql(
DROP INDEX ready;
DROP INDEX held;
ALTER TABLE outgoing_queue DROP COLUMN due;
PRAGMA user_version = 1;
)sql";

class Upgrade : public StoreTest, public ::testing::WithParamInterface<int> {
 protected:
  void make_it_old() {
    spooler.reset();
    client.reset();
    provider.reset();
    SQLite::Database file(path().string(), SQLite::OPEN_READWRITE, 1'000);
    ASSERT_EQ(file.execAndGet("SELECT group_concat(id) FROM folder WHERE special < 4").getString(),
              "1,2,3")
        << "the special folders have had these numbers always";
    file.exec(to_version_9);
    if (GetParam() == 9) return;
    file.exec(to_version_8);
    if (GetParam() == 8) return;
    file.exec(to_version_7);
    if (GetParam() == 7) return;
    put_recipients_apart(file);
    file.exec(to_version_6);
    if (GetParam() == 6) return;
    file.exec(to_version_5);
    if (GetParam() == 5) return;
    file.exec(to_version_4);
    if (GetParam() == 4) return;
    file.exec(to_version_3);
    if (GetParam() == 3) return;
    put_transcripts_back(file);
    file.exec(to_version_2);
    if (GetParam() == 1) file.exec(to_version_1);
  }
  /// The first message gets the recipients of those behind it that have no other.
  void put_recipients_apart(SQLite::Database& file) const {
    if (!gather_recipients) return;
    file.exec("UPDATE recipient SET position = message_id - 1, message_id = 1");
  }
  bool gather_recipients = false;

  static void put_transcripts_back(SQLite::Database& file) {
    SQLite::Statement rows(file,
                           "SELECT t.message_id, t.properties, b.properties"
                           " FROM message_transcript t JOIN message_body b USING (message_id)");
    while (rows.executeStep()) {
      mapi::PropertyBag bag;
      for (const int column : {1, 2}) {
        const auto value = rows.getColumn(column);
        decode_into(bag, {static_cast<const std::byte*>(value.getBlob()),
                          static_cast<std::size_t>(value.getBytes())});
      }
      const auto octets = encode(bag);
      SQLite::Statement update(file, "UPDATE message_body SET properties = ? WHERE message_id = ?");
      update.bind(1, octets.data(), static_cast<int>(octets.size()));
      update.bind(2, rows.getColumn(0).getInt64());
      update.exec();
    }
  }
};

INSTANTIATE_TEST_SUITE_P(FromVersion, Upgrade, ::testing::Values(1, 2, 3, 4, 5, 6, 7, 8, 9));

class UpgradeOfRecipients : public Upgrade {};
INSTANTIATE_TEST_SUITE_P(FromVersion, UpgradeOfRecipients, ::testing::Values(1, 2, 3, 4, 5, 6));

class UpgradeOfIdentifiers : public Upgrade {};
INSTANTIATE_TEST_SUITE_P(FromVersion, UpgradeOfIdentifiers, ::testing::Values(1, 2, 3, 4));

class UpgradeOfHolds : public Upgrade {};
INSTANTIATE_TEST_SUITE_P(FromVersion, UpgradeOfHolds, ::testing::Values(1, 2, 3));

class UpgradeOfTexts : public Upgrade {};
INSTANTIATE_TEST_SUITE_P(FromVersion, UpgradeOfTexts, ::testing::Values(1, 2));

TEST_P(Upgrade, KeepsMessagesWhereTheyWere) {
  const auto queued = client->submit(outbox(), letter("queued"));
  const auto received =
      client->create_message(client->folder(SpecialFolder::inbox), letter("received"))->entry_id();
  const auto folders = std::vector{outbox(), client->folder(SpecialFolder::inbox),
                                   client->folder(SpecialFolder::sent_items)};
  make_it_old();
  reopen();
  EXPECT_EQ((std::vector{outbox(), client->folder(SpecialFolder::inbox),
                         client->folder(SpecialFolder::sent_items)}),
            folders);
  EXPECT_EQ(client->contents(outbox()).at(0).entry_id, queued);
  EXPECT_EQ(client->contents(client->folder(SpecialFolder::inbox)).at(0).entry_id, received);
  EXPECT_EQ(message(queued).get(mapi::PR_BODY), "Dear all, queued");
  log_spooler_on();
  EXPECT_EQ(spooler->claim(mapi::FileTime::now(), 9).at(0).entry, queued);
}

TEST_P(Upgrade, GivesFoldersAndMailboxes) {
  make_it_old();
  reopen();
  provider->add_address({}, "ann@here.example");
  EXPECT_EQ(provider->addresses().size(), 1U);
  const auto root = client->folder(SpecialFolder::ipm_subtree);
  EXPECT_EQ(client->folders(root).size(), 3U);
  EXPECT_EQ(client->folders(root).at(0).name, "Inbox");
  EXPECT_EQ(client->receive_folder("IPM.Note"), client->folder(SpecialFolder::inbox));
  provider->create_mailbox({"sales"});
  const auto made = client->create_folder(root, "made");
  reopen();
  EXPECT_EQ(provider->mailboxes().size(), 2U);
  EXPECT_EQ(client->folders(root).size(), 4U);
  EXPECT_TRUE(client->contents(made).empty());
}

TEST_P(Upgrade, TranscriptsFromBeforeAreReplaced) {
  auto big = letter();
  big.set(mapi::PR_HTML, mapi::Binary(10'000));
  const auto entry = client->submit(outbox(), big);
  log_spooler_on();
  {
    const auto handle = spooler->open_entry(entry, mapi::Access::modify);
    handle->edit().set(mapi::PR_POSTERN_TRANSCRIPT, std::string(3'000, 'o'));
    handle->save_changes();
  }
  make_it_old();
  reopen();
  EXPECT_EQ(message(entry).get(mapi::PR_POSTERN_TRANSCRIPT), std::string(3'000, 'o'));
  log_spooler_on();
  const auto handle = spooler->open_entry(entry, mapi::Access::modify);
  handle->edit().erase(mapi::PR_POSTERN_TRANSCRIPT);
  handle->save_changes();
  EXPECT_FALSE(message(entry).get(mapi::PR_POSTERN_TRANSCRIPT)) << "the old one is gone for good";
  EXPECT_EQ(message(entry).get(mapi::PR_HTML)->size(), 10'000U);
}

TEST_P(UpgradeOfRecipients, AreInTheirOrderAndCanBeSaved) {
  constexpr int count = 2 * static_cast<int>(recipients_together) + 3;
  std::vector<mapi::Recipient> recipients;
  EntryId first;
  for (int i = 0; i < count; ++i) {
    auto one = letter();
    one.recipients[0].set(mapi::PR_DISPLAY_NAME, std::to_string(i));
    one.recipients[0].set(mapi::PR_ROWID, i);
    const auto entry = client->create_message(outbox(), std::move(one))->entry_id();
    if (i == 0) first = entry;
    recipients.push_back(message(entry).recipients.at(0));
  }
  gather_recipients = true;
  make_it_old();
  reopen();
  EXPECT_EQ(message(first).recipients, recipients);
  {
    const auto handle = client->open_entry(first, mapi::Access::modify);
    handle->edit().recipients.at(recipients_together).set(mapi::PR_DISPLAY_NAME, "changed");
    handle->edit().recipients.pop_back();
    handle->save_changes();
  }
  recipients.at(recipients_together).set(mapi::PR_DISPLAY_NAME, "changed");
  recipients.pop_back();
  EXPECT_EQ(message(first).recipients, recipients);
}

TEST_P(UpgradeOfHolds, PutsNothingOnHoldThatATransportKeptOrItsSenderDeferred) {
  const auto kept = client->submit(outbox(), letter());
  auto deferred = letter();
  deferred.set(mapi::PR_DEFERRED_SEND_TIME, mapi::FileTime{~std::uint64_t{0} >> 1});
  const auto distant = client->submit(outbox(), std::move(deferred));
  log_spooler_on();
  spooler->set_lock_state(kept, mapi::LockState::locked);
  spooler->hold(kept, std::nullopt);
  make_it_old();
  reopen();
  for (const auto& entry : {kept, distant}) {
    EXPECT_FALSE(client->queue_row(entry)->on_hold);
    EXPECT_FALSE(client->queue_row(entry)->held_without_end);
  }
  log_spooler_on();
  const auto claims = spooler->claim(mapi::FileTime::now(), 9);
  ASSERT_EQ(claims.size(), 1U);
  EXPECT_EQ(claims[0].entry, kept);
}

TEST_P(UpgradeOfIdentifiers, FindsMessagesOnceTheyAreSaved) {
  auto received = letter();
  received.set(mapi::PR_INTERNET_MESSAGE_ID, "<1@example.com>");
  const auto make = [&] {
    return client->create_message(client->folder(SpecialFolder::inbox), received)->entry_id();
  };
  const auto old = make();
  make_it_old();
  reopen();
  const auto made = make();
  const auto find = [&] {
    return client->find_messages(mapi::MsgStore::Correlator::message_id, "<1@example.com>");
  };
  EXPECT_EQ(find(), std::vector{made});
  const auto handle = client->open_entry(old, mapi::Access::modify);
  handle->edit().set(mapi::PR_SUBJECT, "saved again");
  handle->save_changes();
  EXPECT_EQ(find(), (std::vector{made, old}));
}

TEST_P(UpgradeOfTexts, CutsTheTextsOfTables) {
  auto wide = letter("wide", 100);
  const auto entry = client->submit(outbox(), wide);
  {
    SQLite::Database file(path().string(), SQLite::OPEN_READWRITE, 1'000);
    file.exec("UPDATE message SET display_to = display_to || display_to || display_to");
  }
  make_it_old();
  reopen();
  EXPECT_LE(client->queue_row(entry)->display_to.size(), mapi::longest_table_text);
  EXPECT_EQ(message(entry).get(mapi::PR_DISPLAY_TO)->substr(0, 11), "Recipient 0");
}

}  // namespace
}  // namespace postern::store::test
