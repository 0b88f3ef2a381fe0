// What looks at the queue and at folders cost, counted in steps of SQLite's virtual machine and in
// pages that are read of the file.
#include <algorithm>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include <SQLiteCpp/Database.h>
#include <sqlite3.h>

#include "tests/store/store_fixture.h"

namespace postern::store::test {
namespace {

std::int64_t steps = 0;
sqlite3* last_used = nullptr;  ///< the connection that has made the last step

int count_step(void* connection) {
  ++steps;
  last_used = static_cast<sqlite3*>(connection);
  return 0;
}

int count_steps_of(sqlite3* connection, char**, const sqlite3_api_routines*) {
  sqlite3_progress_handler(connection, 1, count_step, connection);
  return SQLITE_OK;
}

/// Counts the steps of every connection that is opened while it lives.
class StepCounter {
 public:
  StepCounter() { sqlite3_auto_extension(hook); }
  StepCounter(const StepCounter&) = delete;
  StepCounter& operator=(const StepCounter&) = delete;
  ~StepCounter() { sqlite3_cancel_auto_extension(hook); }

 private:
  // SQLite's type for it says nothing of the parameters.
  void (*hook)() = reinterpret_cast<void (*)()>(count_steps_of);
};

class QueueCost : public StoreTest {
 protected:
  /// So many messages that wait for their next attempt, beside one that is ready.
  void hold_messages(int count) {
    const auto later = std::to_string((mapi::FileTime::now() + std::chrono::hours{1}).ticks);
    SQLite::Database(path().string(), SQLite::OPEN_READWRITE, 1'000)
        .exec("WITH RECURSIVE row(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM row LIMIT " +
              std::to_string(count) +
              ") INSERT INTO outgoing_queue (message_id, client_submit_time, submit_flags,"
              " next_attempt, due) SELECT 1000000 + i, i, 0, " +
              later + ", " + later + " FROM row");
  }
  /// So many messages that are ready, before all that are submitted. Returns the counter of what
  /// is done from now on, when the spooler has locked them.
  std::unique_ptr<StepCounter> lock_messages(int count) {
    SQLite::Database(path().string(), SQLite::OPEN_READWRITE, 1'000)
        .exec("WITH RECURSIVE row(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM row LIMIT " +
              std::to_string(count) +
              ") INSERT INTO outgoing_queue (message_id, client_submit_time, submit_flags)"
              " SELECT 1000000 + i, i, 0 FROM row");
    auto counter = std::make_unique<StepCounter>();
    reopen();
    log_spooler_on();
    const auto all = static_cast<std::size_t>(count);
    EXPECT_EQ(spooler->claim(mapi::FileTime::now(), all).size(), all);
    return counter;
  }
  /// Of the cheapest of three claims that find one message, and of asking when to look next.
  std::int64_t steps_of_a_look_behind() {
    std::int64_t fewest = std::numeric_limits<std::int64_t>::max();
    for (int i = 0; i < 3; ++i) {
      client->submit(outbox(), letter());
      steps = 0;
      EXPECT_EQ(spooler->claim(mapi::FileTime::now(), 20).size(), 1U);
      EXPECT_TRUE(spooler->claim(mapi::FileTime::now(), 20).empty());
      (void)spooler->next_due();
      fewest = std::min(fewest, std::int64_t{steps});
    }
    return fewest;
  }
  /// Of a claim, and of asking when to look next.
  std::int64_t steps_of_a_look() {
    const StepCounter counter;
    reopen();
    client->submit(outbox(), letter());
    log_spooler_on();
    steps = 0;
    EXPECT_EQ(spooler->claim(mapi::FileTime::now(), 100).size(), 1U);
    EXPECT_TRUE(spooler->next_due());
    return steps;
  }
  /// Of tables that show ten messages to so many recipients each. One thread reads, so that all
  /// reads are of one connection.
  int pages_of_the_tables(int recipients) {
    std::vector<mapi::EntryId> entries;
    for (int i = 0; i < 10; ++i) {
      entries.push_back(client->submit(outbox(), letter("wide", recipients)));
    }
    int pages = 0;
    {
      const StepCounter counter;
      reopen();
      EXPECT_EQ(client->outgoing_queue().size(), entries.size());
      EXPECT_EQ(client->contents(outbox()).size(), entries.size());
      int unused = 0;
      EXPECT_EQ(sqlite3_db_status(last_used, SQLITE_DBSTATUS_CACHE_MISS, &pages, &unused, 0),
                SQLITE_OK);
    }
    for (const auto& entry : entries) client->abort_submit(entry);
    EXPECT_EQ(client->delete_messages(entries).done, entries);
    return pages;
  }
};

TEST_F(QueueCost, IsTheSameHoweverManyMessagesAreHeld) {
  hold_messages(20);
  const auto few = steps_of_a_look();
  EXPECT_GT(few, 0);
  reopen();
  SQLite::Database(path().string(), SQLite::OPEN_READWRITE, 1'000)
      .exec("DELETE FROM outgoing_queue");
  hold_messages(20'000);
  EXPECT_LE(steps_of_a_look(), few * 2);
}

TEST_F(QueueCost, IsTheSameHoweverManyMessagesAreLocked) {
  std::int64_t few = 0;
  {
    const auto counter = lock_messages(20);
    few = steps_of_a_look_behind();
    EXPECT_GT(few, 0);
  }
  reopen();
  SQLite::Database(path().string(), SQLite::OPEN_READWRITE, 1'000)
      .exec("DELETE FROM outgoing_queue");
  const auto counter = lock_messages(20'000);
  EXPECT_LE(steps_of_a_look_behind(), few * 2);
}

TEST_F(QueueCost, AllOfALongQueueIsTriedAgain) {
  constexpr int count = 25'000;
  hold_messages(count);
  SQLite::Database file(path().string(), SQLite::OPEN_READWRITE, 1'000);
  client->retry_now();
  EXPECT_EQ(file.execAndGet("SELECT count(*) FROM outgoing_queue WHERE due IS NULL"
                            " AND next_attempt IS NULL")
                .getInt(),
            count);
}

TEST_F(QueueCost, WhatIsSubmittedWhileTheClockIsBackComesLast) {
  const auto old = client->create_message(outbox(), letter("old"))->entry_id();
  const auto first = client->submit(outbox(), letter("first"));
  SQLite::Database(path().string(), SQLite::OPEN_READWRITE, 1'000)
      .exec("UPDATE outgoing_queue SET client_submit_time = client_submit_time + 36000000000");
  const auto second = client->submit(outbox(), letter("second"));
  client->open_entry(old, mapi::Access::modify)->submit_message();
  std::vector<mapi::EntryId> queued;
  for (const auto& row : client->outgoing_queue()) queued.push_back(row.entry_id);
  EXPECT_EQ(queued, (std::vector{first, second, old}));
}

TEST_F(QueueCost, TablesReadNoListsOfRecipients) {
  const auto few = pages_of_the_tables(3);
  EXPECT_GT(few, 0);
  // The row of a message has the first recipients in it, which are a page at most.
  EXPECT_LE(pages_of_the_tables(1'000), few + 10) << "names of a message fill five pages and more";
}

}  // namespace
}  // namespace postern::store::test
