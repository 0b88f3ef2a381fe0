// What only a store in a database has to stand: several spoolers, connections that break, writers
// at once, tables of other versions.
#include <future>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "store/engine/postgresql_engine.h"
#include "store/provider/store_provider.h"
#include "store/table/folder_table.h"
#include "tests/store/conformance/conformance_fixture.h"
#include "tests/store/postgresql/cutting_proxy.h"

namespace postern::store::test {
namespace {

using mapi::FileTime;

/// From version 3 back to 2: the server looks after what belongs to a message.
constexpr const char* to_version_2 = R"sql(
SET search_path = postern;
ALTER TABLE message ADD FOREIGN KEY (attachment_id) REFERENCES attachment (id) ON DELETE CASCADE;
ALTER TABLE message_body ADD FOREIGN KEY (message_id) REFERENCES message (id) ON DELETE CASCADE;
ALTER TABLE message_transcript
  ADD FOREIGN KEY (message_id) REFERENCES message (id) ON DELETE CASCADE;
ALTER TABLE recipient ADD FOREIGN KEY (message_id) REFERENCES message (id) ON DELETE CASCADE;
ALTER TABLE attachment ADD FOREIGN KEY (message_id) REFERENCES message (id) ON DELETE CASCADE;
ALTER TABLE outgoing_queue ADD FOREIGN KEY (message_id) REFERENCES message (id);
UPDATE store SET version = 2;
)sql";

/// And to 1: the small properties, the first recipients and the place in the queue have rows and
/// numbers of their own.
constexpr const char* to_version_1 = R"sql(
SET search_path = postern;
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
INSERT INTO message_properties SELECT id, message_class, subject, sender_name, display_to,
  display_cc, display_bcc, priority, time, properties, envelope_id, internet_message_id
  FROM message;
INSERT INTO recipient SELECT id, 0, recipients FROM message WHERE recipients <> '';
ALTER TABLE message DROP COLUMN message_class, DROP COLUMN subject, DROP COLUMN sender_name,
  DROP COLUMN display_to, DROP COLUMN display_cc, DROP COLUMN display_bcc, DROP COLUMN priority,
  DROP COLUMN time, DROP COLUMN envelope_id, DROP COLUMN internet_message_id,
  DROP COLUMN properties, DROP COLUMN recipients;
CREATE INDEX message_with_envelope_id ON message_properties (envelope_id)
  WHERE envelope_id IS NOT NULL;
CREATE INDEX message_with_internet_message_id ON message_properties (internet_message_id)
  WHERE internet_message_id IS NOT NULL;
CREATE SEQUENCE queue_number;
DROP INDEX sending_order;
DROP INDEX ready;
ALTER TABLE outgoing_queue DROP CONSTRAINT outgoing_queue_pkey;
ALTER TABLE outgoing_queue ADD UNIQUE (message_id);
ALTER TABLE outgoing_queue ADD COLUMN sequence BIGINT DEFAULT nextval('queue_number') PRIMARY KEY;
CREATE INDEX sending_order ON outgoing_queue (client_submit_time, sequence);
CREATE INDEX ready ON outgoing_queue (client_submit_time, sequence)
  WHERE due IS NULL AND claimed_by IS NULL;
UPDATE store SET version = 1;
)sql";

constexpr std::chrono::milliseconds short_grace{200};
constexpr std::chrono::seconds patience{10};

std::vector<StoreKind> postgresql_only() {
  auto kinds = store_kinds();
  std::erase_if(kinds, [](const StoreKind& kind) { return !kind.has_many_spoolers; });
  return kinds;
}

class PostgresqlStore : public AnyStoreTest, public ::testing::WithParamInterface<StoreKind> {
 protected:
  PostgresqlStore() : AnyStoreTest(GetParam()) {}

  /// As another process has it open.
  std::unique_ptr<mapi::MSProvider> open_again(std::string url = postgresql_url()) {
    return make_provider(std::make_unique<PostgresqlEngine>(PostgresqlLocation(std::move(url)),
                                                            patience, short_grace),
                         support);
  }
  static void end_all_connections() {
    in_postgresql(
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
        " WHERE application_name = 'postern'");
  }
  static int messages_named(const std::string& subject) {
    return std::stoi(
        in_postgresql("SELECT count(*) FROM postern.message WHERE subject = '" + subject + "'"));
  }
  static std::set<mapi::EntryId> claimed(mapi::MsgStore& spooler, std::size_t limit) {
    std::set<mapi::EntryId> entries;
    for (const auto& claim : spooler.claim(FileTime::now(), limit)) entries.insert(claim.entry);
    return entries;
  }
  /// Claims until there is something; nothing after ten seconds.
  static std::set<mapi::EntryId> eventually_claimed(mapi::MsgStore& spooler) {
    const auto end = std::chrono::steady_clock::now() + patience;
    std::set<mapi::EntryId> found;
    while (found.empty() && std::chrono::steady_clock::now() < end) {
      try {
        found = claimed(spooler, 10);
      } catch (const mapi::Failure& failure) {
        if (failure.code() != mapi::MAPI_E_NETWORK_ERROR) throw;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds{5});
    }
    return found;
  }
  /// Without any logon meanwhile.
  void make_it_old() {
    spooler.reset();
    client.reset();
    provider.reset();
    in_postgresql(to_version_2);
    in_postgresql(to_version_1);
  }
  static void give_to_stranger() {
    in_postgresql(
        "UPDATE postern.outgoing_queue SET claimed_by = 2000000000,"
        " claim = nextval('postern.claim_number')");
  }
};

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(PostgresqlStore);
INSTANTIATE_TEST_SUITE_P(Database, PostgresqlStore, ::testing::ValuesIn(postgresql_only()),
                         store_name);

TEST_P(PostgresqlStore, IsSharedBySpoolers) {
  std::set<mapi::EntryId> all;
  for (int i = 0; i < 20; ++i) all.insert(submit());
  const auto other_provider = open_again();
  const auto other = other_provider->spooler_logon();
  auto first = claimed(log_spooler_on(), 7);
  const auto second = claimed(*other, 20);
  EXPECT_EQ(first.size(), 7U);
  EXPECT_EQ(second.size(), 13U);
  first.insert(second.begin(), second.end());
  EXPECT_EQ(first, all);
  EXPECT_EQ(spooler->next_due(), std::nullopt);
}

TEST_P(PostgresqlStore, SpoolersAtOnceNeverClaimTheSame) {
  constexpr std::size_t count = 200;
  for (std::size_t i = 0; i < count; ++i) submit();
  const auto take_all = [&] {
    const auto opened = open_again();
    const auto session = opened->spooler_logon();
    std::vector<mapi::EntryId> taken;
    while (true) {
      const auto claims = session->claim(FileTime::now(), 3);
      if (claims.empty()) break;
      for (const auto& claim : claims) {
        taken.push_back(claim.entry);
        session->finished_msg(claim.entry);
      }
    }
    return taken;
  };
  std::vector<std::future<std::vector<mapi::EntryId>>> spoolers;
  for (int i = 0; i < 4; ++i) spoolers.push_back(std::async(std::launch::async, take_all));
  std::multiset<mapi::EntryId> taken;
  for (auto& one : spoolers) {
    for (const auto& entry : one.get()) taken.insert(entry);
  }
  EXPECT_EQ(taken.size(), count);
  EXPECT_EQ(std::set(taken.begin(), taken.end()).size(), count);
  EXPECT_TRUE(client->queue_is_empty());
}

TEST_P(PostgresqlStore, EverySpoolersLockIsSeen) {
  const auto other_provider = open_again();
  const auto other = other_provider->spooler_logon();
  const auto entry = submit();
  other->set_lock_state(entry, mapi::LockState::locked);
  EXPECT_EQ(client->queue_row(entry)->submit_flags & mapi::SUBMITFLAG_LOCKED,
            mapi::SUBMITFLAG_LOCKED);
  EXPECT_EQ(code_of([&] { client->abort_submit(entry); }), mapi::MAPI_E_UNABLE_TO_ABORT);
  EXPECT_EQ(code_of([&] { log_spooler_on().finished_msg(entry); }), mapi::MAPI_E_NO_ACCESS);
  other->set_lock_state(entry, mapi::LockState::unlocked);
  EXPECT_EQ(code_of([&] { client->abort_submit(entry); }), mapi::S_OK);
}

TEST_P(PostgresqlStore, ClaimsOfADeadSessionAreTakenOver) {
  const auto entry = submit();
  give_to_stranger();
  const auto opened = open_again();
  const auto session = opened->spooler_logon();
  EXPECT_TRUE(claimed(*session, 10).empty()) << "it may come back";
  EXPECT_EQ(eventually_claimed(*session), std::set{entry});
}

/// The spooler's own number is in the row, but the answer that told it so was lost.
TEST_P(PostgresqlStore, AClaimThatItsSpoolerDoesNotKnowOfIsDropped) {
  const auto other = submit();
  const auto entry = submit();
  const auto opened = open_again();
  const auto session = opened->spooler_logon();
  session->set_lock_state(other, mapi::LockState::locked);
  in_postgresql(
      "UPDATE postern.outgoing_queue SET claim = nextval('postern.claim_number'), claimed_by ="
      " (SELECT claimed_by FROM postern.outgoing_queue WHERE claimed_by IS NOT NULL)"
      " WHERE claimed_by IS NULL");
  EXPECT_EQ(eventually_claimed(*session), std::set{entry});
}

/// Nobody has taken it, but somebody could have: what this spooler is doing with it does not count.
TEST_P(PostgresqlStore, AClaimThatWasLostIsNotTheSameWhenItIsHadAgain) {
  const auto entry = submit_and_lock();
  const auto handle = spooler->open_entry(entry, mapi::Access::modify);
  handle->edit().set(mapi::PR_SUBJECT, "changed");
  in_postgresql("UPDATE postern.outgoing_queue SET claimed_by = NULL, claim = NULL");
  EXPECT_TRUE(claimed(*spooler, 10).empty()) << "this spooler has it in hand";
  EXPECT_EQ(code_of([&] { (void)spooler->open_entry(entry, mapi::Access::modify); }),
            mapi::MAPI_E_OBJECT_CHANGED)
      << "nothing is begun with a lock that was lost";
  EXPECT_EQ(code_of([&] { handle->save_changes(); }), mapi::MAPI_E_OBJECT_CHANGED);
  EXPECT_EQ(messages_named("changed"), 0);
}

TEST_P(PostgresqlStore, WhatNobodyAliveHasLockedCanBeCancelled) {
  const auto entry = submit();
  give_to_stranger();
  const auto opened = open_again();
  opened->logon()->abort_submit(entry);
  EXPECT_TRUE(client->queue_is_empty());
}

TEST_P(PostgresqlStore, WhatADeadSessionWasWritingIsSwept) {
  in_postgresql(
      "INSERT INTO postern.content (id, size, writer) VALUES (1000, 3, 2000000000);"
      "INSERT INTO postern.content_chunk (content_id, number, octets) VALUES (1000, 0, 'abc')");
  const auto entry = submit();
  give_to_stranger();
  const auto opened = open_again();
  const auto session = opened->spooler_logon();
  EXPECT_EQ(in_postgresql("SELECT count(*) FROM postern.content"), "1") << "it may come back";
  EXPECT_EQ(eventually_claimed(*session), std::set{entry});
  EXPECT_EQ(in_postgresql("SELECT count(*) FROM postern.content"), "0");
  EXPECT_EQ(in_postgresql("SELECT count(*) FROM postern.content_chunk"), "0");
}

TEST_P(PostgresqlStore, HoldsWithoutEndOfADeadSessionEnd) {
  const auto entry = submit_and_lock();
  spooler->hold(entry, std::nullopt);
  const auto opened = open_again();
  const auto session = opened->spooler_logon();
  EXPECT_TRUE(claimed(*session, 10).empty());
  in_postgresql("UPDATE postern.outgoing_queue SET held_by = 2000000000");
  EXPECT_EQ(eventually_claimed(*session), std::set{entry});
}

TEST_P(PostgresqlStore, HoldsWithoutEndAreNotEndedByAnotherLogon) {
  const auto entry = submit_and_lock();
  spooler->hold(entry, std::nullopt);
  const auto opened = open_again();
  const auto session = opened->spooler_logon();
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(claimed(*session, 10).empty());
    std::this_thread::sleep_for(short_grace);
  }
  spooler.reset();
  EXPECT_EQ(claimed(*session, 10), std::set{entry});
}

TEST_P(PostgresqlStore, NothingIsSavedOfWhatIsAnothersNow) {
  const auto entry = submit_and_lock();
  const auto handle = spooler->open_entry(entry, mapi::Access::modify);
  handle->edit().set(mapi::PR_SUBJECT, "changed");
  give_to_stranger();
  EXPECT_EQ(code_of([&] { handle->save_changes(); }), mapi::MAPI_E_OBJECT_CHANGED);
  EXPECT_EQ(code_of([&] { handle->save_changes(); }), mapi::MAPI_E_OBJECT_CHANGED);
  // From now on the logon knows that it has no lock.
  EXPECT_EQ(code_of([&] { spooler->save_and_finish(*handle); }), mapi::MAPI_E_NO_ACCESS);
  EXPECT_EQ(code_of([&] { spooler->finished_msg(entry); }), mapi::MAPI_E_NO_ACCESS);
  EXPECT_EQ(messages_named("changed") + messages_named("report"), 0);
  EXPECT_TRUE(client->queue_row(entry));
}

TEST_P(PostgresqlStore, NothingIsFinishedThatIsAnothersNow) {
  const auto entry = submit_and_lock();
  const auto handle = spooler->open_entry(entry, mapi::Access::modify);
  const std::vector<std::function<void()>> ends{
      [&] { spooler->save_and_finish(*handle); },
      [&] { spooler->finished_msg(entry); },
      [&] { spooler->create_report(*handle, letter("report")); },
      [&] { spooler->hold(entry, FileTime::now()); },
      [&] { spooler->hold(entry, std::nullopt); },
      [&] { spooler->abort_submit(entry); },
  };
  for (const auto& end : ends) {
    give_to_stranger();
    EXPECT_EQ(code_of(end), mapi::MAPI_E_OBJECT_CHANGED);
    EXPECT_TRUE(client->queue_row(entry));
    in_postgresql("UPDATE postern.outgoing_queue SET claimed_by = NULL, claim = NULL");
    spooler->set_lock_state(entry, mapi::LockState::locked);
  }
  EXPECT_EQ(messages_named("report"), 0);
}

TEST_P(PostgresqlStore, ConnectionsThatBreakAreMadeAnew) {
  const auto opened = open_again();
  const auto writer = opened->logon();
  const auto session = opened->spooler_logon();
  const auto first = submit();
  session->set_lock_state(first, mapi::LockState::locked);
  const auto handle = session->open_entry(first, mapi::Access::modify);
  for (int i = 0; i < 3; ++i) {
    end_all_connections();
    EXPECT_TRUE(writer->queue_row(first));
    handle->edit().set(mapi::PR_SUBJECT, "changed " + std::to_string(i));
    handle->save_changes();
    writer->submit(writer->folder(mapi::SpecialFolder::outbox), letter("second"));
  }
  EXPECT_EQ(messages_named("changed 2"), 1);
  EXPECT_EQ(messages_named("second"), 3);
  EXPECT_EQ(eventually_claimed(*session).size(), 3U) << "the session has its lock again";
  session->finished_msg(first);
  EXPECT_FALSE(writer->queue_row(first));
}

/// Wherever the answers to a submission end, it is made once.
TEST_P(PostgresqlStore, ALostAnswerNeitherLosesNorDoublesASubmission) {
  CuttingProxy proxy(directory.path(), in_postgresql("SHOW unix_socket_directories"));
  const auto url = "postgresql://postern@/postgres?host=" + directory.path().string();
  const auto opened = open_again(url);
  const auto writer = opened->logon();
  const auto folder = writer->folder(mapi::SpecialFolder::outbox);
  const auto warm_up = [&] {
    for (int i = 0; i < 3; ++i) writer->submit(folder, letter("warm"));
  };
  warm_up();
  const auto passed = proxy.passed();
  writer->submit(folder, letter("measured"));
  const auto octets = proxy.passed() - passed;
  int cuts = 0;
  for (std::size_t at = 0; at <= octets; at += 11) {
    warm_up();
    const auto subject = "cut at " + std::to_string(at);
    proxy.cut_after(at);
    writer->submit(folder, letter(subject));
    cuts += proxy.has_cut() ? 1 : 0;
    EXPECT_EQ(messages_named(subject), 1) << subject;
  }
  EXPECT_GT(cuts, 20);
}

TEST_P(PostgresqlStore, OtherProcessesAreToldOfWhatIsWritten) {
  const auto other_provider = open_again();
  const auto other = other_provider->logon();
  std::promise<void> told;
  std::once_flag once;
  mapi::StoreObserver observer;
  observer.outgoing_queue = [&](mapi::QueueEvent, const mapi::EntryId&) {
    std::call_once(once, [&] { told.set_value(); });
  };
  const auto subscription = other->advise(observer);
  const auto start = std::chrono::steady_clock::now();
  submit();
  ASSERT_EQ(told.get_future().wait_for(patience), std::future_status::ready);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds{1});
}

TEST_P(PostgresqlStore, TakesTextsThatAreNoText) {
  const std::string subject("a\0b\xFFz", 5);
  auto message = letter();
  message.set(mapi::PR_SUBJECT, subject);
  message.set(mapi::PR_INTERNET_MESSAGE_ID, std::string("<\xE9@x>"));
  const auto entry = client->create_message(inbox(), message)->entry_id();
  EXPECT_EQ(this->message(entry).get_or(mapi::PR_SUBJECT, ""), subject);
  EXPECT_EQ(client->find_messages(mapi::MsgStore::Correlator::message_id, "<\xE9@x>"),
            std::vector{entry});
  EXPECT_EQ(client->contents(inbox()).at(0).subject, "a\uFFFDb\uFFFDz");
}

/// Each handle has a property of its own: none is lost, however the saves come together.
TEST_P(PostgresqlStore, SavesAtOnceAreMerged) {
  const auto entry = create(inbox());
  const std::vector tags{mapi::PR_SUBJECT, mapi::PR_BODY, mapi::PR_SENDER_NAME,
                         mapi::PR_SENT_REPRESENTING_NAME};
  const auto write = [&](std::size_t number) {
    const auto opened = open_again();
    const auto session = opened->logon();
    for (int i = 1; i <= 10; ++i) {
      const auto handle = session->open_entry(entry, mapi::Access::modify);
      handle->edit().set(tags[number], std::to_string(i));
      handle->save_changes();
    }
  };
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < tags.size(); ++i) threads.emplace_back(write, i);
  for (auto& thread : threads) thread.join();
  const auto saved = message(entry);
  for (const auto& tag : tags) EXPECT_EQ(saved.get_or(tag, ""), "10");
}

/// The attachment's octets go with the last message that has them, also if two go at once.
TEST_P(PostgresqlStore, SharedContentGoesWithTheLastOfThem) {
  const auto other_provider = open_again();
  const auto other = other_provider->logon();
  for (int i = 0; i < 10; ++i) {
    auto with_attachment = letter();
    mapi::Attachment attachment;
    attachment.data = mapi::Content::from_text("shared octets");
    with_attachment.attachments.push_back(attachment);
    const auto one = client->create_message(inbox(), with_attachment)->entry_id();
    const auto two = client->create_message(inbox(), message(one))->entry_id();
    ASSERT_EQ(in_postgresql("SELECT count(*) FROM postern.content"), "1");
    auto deletion = std::async(std::launch::async, [&] { other->delete_messages({two}); });
    EXPECT_TRUE(client->delete_messages({one}).skipped.empty());
    deletion.get();
    EXPECT_EQ(in_postgresql("SELECT count(*) FROM postern.content"), "0");
    EXPECT_EQ(in_postgresql("SELECT count(*) FROM postern.content_chunk"), "0");
  }
}

TEST_P(PostgresqlStore, IsRefusedWithoutItsTables) {
  client.reset();
  provider.reset();
  in_postgresql("UPDATE postern.store SET version = 99");
  EXPECT_EQ(code_of([&] { open_again(); }), mapi::MAPI_E_VERSION);
  EXPECT_EQ(code_of([&] { migrate_postgresql_store(postgresql_url()); }), mapi::MAPI_E_VERSION);
  in_postgresql("SET client_min_messages = warning; DROP SCHEMA postern CASCADE");
  EXPECT_EQ(code_of([&] { open_again(); }), mapi::MAPI_E_NOT_FOUND);
  EXPECT_EQ(migrate_postgresql_store(postgresql_url()).before, 0);
  EXPECT_EQ(code_of([&] { open_again(); }), mapi::S_OK);
  const auto again = migrate_postgresql_store(postgresql_url());
  EXPECT_EQ(again.before, again.now);
}

TEST_P(PostgresqlStore, IsFoundAmongSeveralServers) {
  const std::string url = postgresql_url();
  const auto socket = url.substr(url.find("host=") + 5);
  for (const auto& hosts : {"/nonexistent," + socket, socket + ",127.0.0.1"}) {
    EXPECT_EQ(code_of([&] { open_again("postgresql://postern@/postgres?host=" + hosts); }),
              mapi::S_OK);
  }
  EXPECT_EQ(code_of([&] {
              (void)open_postgresql_store(
                  "postgresql://postern@/postgres?host=/nonexistent,/neither", support);
            }),
            mapi::MAPI_E_NETWORK_ERROR);
}

TEST_P(PostgresqlStore, SaysWhyItCannotBeOpened) {
  const auto refused = [&](const std::string& url) {
    return code_of([&] { (void)open_postgresql_store(url, support); });
  };
  const std::string url = postgresql_url();
  const auto server = url.substr(url.find('?'));
  EXPECT_EQ(refused("postgresql://postern@/postgres?host=/nonexistent"),
            mapi::MAPI_E_NETWORK_ERROR);
  EXPECT_EQ(refused("postgresql://[::bad"), mapi::MAPI_E_INVALID_PARAMETER);
  EXPECT_EQ(refused("postgresql://nobody@/postgres" + server), mapi::MAPI_E_LOGON_FAILED);
  EXPECT_EQ(refused("postgresql://postern@/none" + server), mapi::MAPI_E_NOT_FOUND);
  const auto sentence = sentence_of(
      [&] { (void)open_postgresql_store("postgresql://u:secret@/none" + server, support); });
  EXPECT_FALSE(sentence.empty());
  EXPECT_EQ(sentence.find("secret"), std::string::npos) << sentence;
}

TEST_P(PostgresqlStore, KeepsNothingOfAMessageThatIsDeleted) {
  const auto rows = [] { return std::stoi(in_postgresql(rows_of_messages("postern."))); };
  const auto entry = client->create_message(outbox(), letter_with_all_parts())->entry_id();
  EXPECT_EQ(rows(), 16);
  client->delete_messages({entry});
  EXPECT_EQ(rows(), 0);
}

TEST_P(PostgresqlStore, DeliversToAnAddressThatAnotherProcessHasJustGiven) {
  auto message = letter("Hello", 0);
  message.recipients.push_back(mapi::make_recipient(mapi::RecipientType::to, "ann@here.example"));
  client->submit(outbox(), message);
  EXPECT_TRUE(client->contents(inbox()).empty());
  open_again()->add_address({}, "ann@here.example");
  client->submit(outbox(), message);
  EXPECT_EQ(client->contents(inbox()).size(), 1U);
}

/// Such as that there is nothing in a queue which it has seen empty.
TEST_P(PostgresqlStore, ReadsByIndexesWhateverTheServerEstimates) {
  const auto number = [](const std::string& column) {
    return std::stoll(in_postgresql("SELECT sum(" + column +
                                    ") FROM pg_stat_user_tables WHERE schemaname = 'postern'"
                                    " AND relname IN ('message', 'outgoing_queue')"));
  };
  for (const char* table : {"message", "outgoing_queue", "message_body", "message_transcript",
                            "recipient", "attachment"}) {
    in_postgresql(std::string("VACUUM ANALYZE postern.") + table);
  }
  const auto scans_before = number("seq_scan");
  constexpr int count = 300;
  for (int i = 0; i < count; ++i) submit();
  log_spooler_on();
  for (int i = 0; i < count;) {
    for (const auto& claim : spooler->claim(FileTime::now(), 10)) {
      const auto handle = spooler->open_entry(claim.entry, mapi::Access::modify);
      handle->edit().set(mapi::PR_SUBJECT, "changed");
      handle->save_changes();
      spooler->save_and_finish(*handle);
      ++i;
    }
  }
  spooler.reset();
  client.reset();
  provider.reset();
  const auto end = std::chrono::steady_clock::now() + patience;  // they tell as they end
  while (in_postgresql(
             "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'postern'") != "0" &&
         std::chrono::steady_clock::now() < end) {
    std::this_thread::sleep_for(std::chrono::milliseconds{10});
  }
  EXPECT_EQ(number("seq_scan"), scans_before);
  EXPECT_GT(number("idx_scan"), count);
  EXPECT_LT(number("idx_tup_fetch"), 40 * count);
}

/// What was read as it was claimed does not hide that the claim was lost since.
TEST_P(PostgresqlStore, ReadsAnewWhatItMayHaveLost) {
  const auto entry = submit();
  const auto hasty = open_again();
  const auto logon = hasty->spooler_logon();
  ASSERT_EQ(claimed(*logon, 9), std::set{entry});
  give_to_stranger();
  std::this_thread::sleep_for(short_grace);
  EXPECT_EQ(code_of([&] { (void)logon->open_entry(entry, mapi::Access::modify); }),
            mapi::MAPI_E_OBJECT_CHANGED);
}

TEST_P(PostgresqlStore, OfTheFirstVersionKeepsItsMessagesAndQueue) {
  const auto wide = submit(letter("wide", 40));
  const auto queued = submit(letter("queued"));
  const auto received =
      client->create_message(client->folder(mapi::SpecialFolder::inbox), letter("received"))
          ->entry_id();
  const auto before = message(wide);
  make_it_old();
  EXPECT_EQ(code_of([&] { open_again(); }), mapi::MAPI_E_VERSION);
  EXPECT_EQ(migrate_postgresql_store(postgresql_url()).before, 1);
  provider = open_again();
  client = provider->logon();
  EXPECT_EQ(message(wide), before);
  EXPECT_EQ(client->contents(client->folder(mapi::SpecialFolder::inbox)).at(0).entry_id, received);
  EXPECT_EQ(client->outgoing_queue().at(0).entry_id, wide);
  EXPECT_EQ(client->outgoing_queue().at(1).subject, "queued");
  spooler = provider->spooler_logon();
  EXPECT_EQ(spooler->claim(FileTime::now(), 9).at(1).entry, queued);
  spooler->finished_msg(queued);
  EXPECT_EQ(client->outgoing_queue().size(), 1U);
}

/// Such as the claim of a message that is finished a moment later.
TEST_P(PostgresqlStore, WorkSeesWhatWasCommittedBeforeIt) {
  PostgresqlEngine engine(PostgresqlLocation(postgresql_url()), patience, short_grace);
  CommitGroup group(engine.make_executor(), [](const auto&) {});
  std::promise<void> has_begun;
  std::promise<void> may_end;
  bool sees_it = false;
  auto first = std::async(std::launch::async, [&] {
    group.commit([&](Transaction& transaction) {
      find_mailbox(transaction.connection, "new");
      has_begun.set_value();
      may_end.get_future().wait();
    });
  });
  has_begun.get_future().wait();
  in_postgresql("INSERT INTO postern.mailbox (id, name) VALUES (1000000, 'new')");
  auto second = std::async(std::launch::async, [&] {
    group.commit([&](Transaction& transaction) {
      sees_it = find_mailbox(transaction.connection, "new").has_value();
    });
  });
  EXPECT_EQ(second.wait_for(std::chrono::milliseconds{100}), std::future_status::timeout);
  may_end.set_value();
  first.get();
  second.get();
  EXPECT_TRUE(sees_it);
}

}  // namespace
}  // namespace postern::store::test
