// What of a submission only a store that lasts can show.
#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

#include "tests/store/store_fixture.h"

namespace postern::store::test {
namespace {

using mapi::Access;
using mapi::EntryId;
using mapi::LockState;
using mapi::Message;

class DurableSubmission : public StoreTest {
 protected:
  EntryId submit_and_lock() {
    const auto entry = client->submit(outbox(), letter());
    if (!spooler) log_spooler_on();
    spooler->set_lock_state(entry, LockState::locked);
    return entry;
  }
};

TEST_F(DurableSubmission, SavingWhatIsSavedAlreadyCostsNoCommit) {
  const auto entry = submit_and_lock();
  const auto handle = spooler->open_entry(entry, Access::modify);
  const SQLite::Database other(path().string());
  auto committed = [&other, version = std::int64_t{0}]() mutable {
    SQLite::Statement query(other, "PRAGMA data_version");  // changes with others' commits
    query.executeStep();
    const auto before = std::exchange(version, query.getColumn(0).getInt64());
    return before != version;
  };
  committed();
  handle->save_changes();
  EXPECT_FALSE(committed());
  handle->edit().set(mapi::PR_POSTERN_RETRIES, 1);
  handle->save_changes();
  EXPECT_TRUE(committed());
  handle->edit().set(mapi::PR_POSTERN_RETRIES, 1);
  handle->save_changes();
  EXPECT_FALSE(committed());
}

TEST_F(DurableSubmission, ReportThatCannotBeKeptLeavesNoMark) {
  const auto entry = submit_and_lock();
  const auto handle = spooler->open_entry(entry, Access::modify);
  handle->edit().recipients[0].set(mapi::PR_POSTERN_REPORTED, true);
  auto too_deep = letter("Undeliverable");
  for (int level = 0; level < 100; ++level) {
    Message outer;
    outer.attachments.push_back(mapi::make_attachment(std::move(too_deep)));
    too_deep = std::move(outer);
  }
  EXPECT_EQ(code_of([&] { spooler->create_report(*handle, too_deep); }), mapi::MAPI_E_TOO_COMPLEX);
  const auto stored = spooler->open_entry(entry, Access::read_only)->message();
  EXPECT_FALSE(stored.recipients[0].get(mapi::PR_POSTERN_REPORTED));
}

TEST_F(DurableSubmission, StaysOnHold) {
  const auto entry = client->submit(outbox(), letter());
  client->set_on_hold(entry, true);
  reopen();
  log_spooler_on();
  EXPECT_TRUE(client->queue_row(entry)->on_hold);
  EXPECT_TRUE(spooler->claim(mapi::FileTime::now(), 10).empty());
}

TEST_F(DurableSubmission, SurvivesClosingWithoutItsLock) {
  support.on_expand = [](Message&) {
    return mapi::StoreSupport::ExpandResult{.needs_preprocessing = true};
  };
  const auto entry = submit_and_lock();
  EXPECT_EQ(client->queue_row(entry)->submit_flags & mapi::SUBMITFLAG_LOCKED, 1);
  reopen();
  EXPECT_EQ(client->queue_row(entry)->submit_flags, mapi::SUBMITFLAG_PREPROCESS);
  EXPECT_EQ(message(entry).get(mapi::PR_SUBMIT_FLAGS), mapi::SUBMITFLAG_PREPROCESS);
}

}  // namespace
}  // namespace postern::store::test
