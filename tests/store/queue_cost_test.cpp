// What a look at the queue costs, counted in steps of SQLite's virtual machine.
#include <cstdint>

#include <SQLiteCpp/Database.h>
#include <sqlite3.h>

#include "tests/store/store_fixture.h"

namespace postern::store::test {
namespace {

std::int64_t steps = 0;

int count_step(void*) {
  ++steps;
  return 0;
}

int count_steps_of(sqlite3* connection, char**, const sqlite3_api_routines*) {
  sqlite3_progress_handler(connection, 1, count_step, nullptr);
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

}  // namespace
}  // namespace postern::store::test
