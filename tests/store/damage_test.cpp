// Messages whose data is damaged in the file: they can be taken out of the queue, finished and
// deleted, and their neighbours do not suffer.
#include <SQLiteCpp/Database.h>

#include "store/display_id.h"
#include "tests/store/store_fixture.h"

namespace postern::store::test {
namespace {

using mapi::EntryId;
using mapi::LockState;

/// What is damaged, as SQL on the message ?1.
struct Damage {
  const char* name;
  const char* sql;
};
constexpr std::array damages{
    Damage{"body", "UPDATE message_body SET properties = x'01FF' WHERE message_id = "},
    Damage{"properties", "UPDATE message SET properties = x'01FF' WHERE id = "},
    Damage{"recipients", "UPDATE message SET recipients = x'01FF' WHERE id = "},
    Damage{"transcript",
           "INSERT INTO message_transcript SELECT id, x'01FF' FROM message WHERE id = "},
};

class Damaged : public StoreTest, public ::testing::WithParamInterface<Damage> {
 protected:
  Damaged() {
    support.on_sent = [](const mapi::Message& sent) {
      return sent.get(mapi::PR_SENTMAIL_ENTRYID) != nullptr ? mapi::StoreSupport::SentMail::move
                                                            : mapi::StoreSupport::SentMail::keep;
    };
    auto big = letter("damaged");
    big.set(mapi::PR_BODY, std::string(5'000, 'x'));
    big.set(mapi::PR_SENTMAIL_ENTRYID, sent_items().bytes);
    before = client->submit(outbox(), letter("before"));
    damaged = client->submit(outbox(), big);
    after = client->submit(outbox(), letter("after"));
    SQLite::Database(path().string(), SQLite::OPEN_READWRITE, 1'000)
        .exec(GetParam().sql + display_id(damaged));
  }
  [[nodiscard]] EntryId sent_items() const {
    return client->folder(mapi::SpecialFolder::sent_items);
  }
  [[nodiscard]] std::vector<EntryId> entries_in(const EntryId& folder) const {
    std::vector<EntryId> entries;
    for (const auto& row : client->contents(folder)) entries.push_back(row.entry_id);
    return entries;
  }
  /// The file says what no message can be asked.
  [[nodiscard]] std::int64_t message_flags() const {
    return SQLite::Database(path().string(), SQLite::OPEN_READONLY, 1'000)
        .execAndGet("SELECT message_flags FROM message WHERE id = " + display_id(damaged))
        .getInt64();
  }

  EntryId before;
  EntryId damaged;
  EntryId after;
};

INSTANTIATE_TEST_SUITE_P(InEachPart, Damaged, ::testing::ValuesIn(damages),
                         [](const auto& of) { return std::string(of.param.name); });

TEST_P(Damaged, OnesHideNoneOfTheirNeighbours) {
  const std::vector all{before, damaged, after};
  EXPECT_EQ(entries_in(outbox()), all);
  std::vector<EntryId> queued;
  for (const auto& row : client->outgoing_queue()) queued.push_back(row.entry_id);
  EXPECT_EQ(queued, all);
  log_spooler_on();
  std::vector<EntryId> claimed;
  for (const auto& claim : spooler->claim(mapi::FileTime::now(), 9)) {
    claimed.push_back(claim.entry);
  }
  EXPECT_EQ(claimed, all);
}

TEST_P(Damaged, OnesLeaveTheQueueAndAreDeleted) {
  client->abort_submit(damaged);
  EXPECT_FALSE(client->queue_row(damaged));
  EXPECT_EQ(message_flags(), mapi::MSGFLAG_UNSENT);
  EXPECT_EQ(client->delete_messages({damaged}).code(), mapi::S_OK);
  EXPECT_EQ(entries_in(outbox()), (std::vector{before, after}));
}

TEST_P(Damaged, OnesAreFinishedAsFarAsTheySayHow) {
  log_spooler_on();
  spooler->set_lock_state(damaged, LockState::locked);
  spooler->finished_msg(damaged);
  EXPECT_FALSE(client->queue_row(damaged));
  EXPECT_EQ(message_flags(), 0);
  const bool says_where = std::string(GetParam().name) != "properties";
  EXPECT_EQ(entries_in(says_where ? sent_items() : outbox()).size(), says_where ? 1U : 3U);
}

TEST_P(Damaged, OnesAreHeld) {
  log_spooler_on();
  spooler->set_lock_state(damaged, LockState::locked);
  spooler->hold(damaged, mapi::FileTime::now() + std::chrono::hours{1});
  EXPECT_EQ(spooler->claim(mapi::FileTime::now(), 9).size(), 2U);
}

TEST_P(Damaged, OnesAreMovedAndKeepWhatIsLeft) {
  client->abort_submit(damaged);
  EXPECT_EQ(client->move_messages({damaged}, sent_items()).code(), mapi::S_OK);
  EXPECT_EQ(entries_in(sent_items()), std::vector{damaged});
  EXPECT_EQ(client->contents(sent_items()).at(0).subject, "damaged");
  EXPECT_EQ(client->copy_messages({damaged}, outbox()).skipped.at(0).why,
            mapi::MAPI_E_CORRUPT_STORE);
}

}  // namespace
}  // namespace postern::store::test
