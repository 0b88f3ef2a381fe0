// Work of several callers in one commit, some of which fails.
#include "store/database/commit_group.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <SQLiteCpp/Database.h>

#include "store/sqlite/batch_executor.h"
#include "tests/store/store_fixture.h"

namespace postern::store::test {
namespace {

class CommittedTogether : public StoreTest {
 protected:
  /// Makes a mailbox with that name, and tells of it.
  Work mailbox(const std::string& name) {
    return [this, name](Transaction& transaction) {
      ++runs;
      transaction.connection.run("INSERT INTO mailbox (name) VALUES (?)", name);
      transaction.tell(mapi::QueueEvent::row_added, {});
    };
  }
  [[nodiscard]] std::string mailboxes() const {
    return SQLite::Database(path().string(), SQLite::OPEN_READONLY, 1'000)
        .execAndGet("SELECT group_concat(name, '') FROM (SELECT name FROM mailbox ORDER BY name)")
        .getString();
  }

  int runs = 0;
  std::size_t told = 0;
  CommitGroup group{std::make_unique<SqliteBatchExecutor>(path()),
                    [this](const std::vector<StoreChange>& changes) { told += changes.size(); }};
};

TEST_F(CommittedTogether, IsWhatSucceeds) {
  const std::array<Work, 2> works{mailbox("a"), mailbox("b")};
  for (const auto& failure : group.commit_all(works)) EXPECT_FALSE(failure);
  EXPECT_EQ(mailboxes(), "ab");
  EXPECT_EQ(told, 2U);
  EXPECT_EQ(runs, 2);
}

TEST_F(CommittedTogether, IsWhatSucceedsBesideWorkThatFails) {
  const Work fails_late = [this](Transaction& transaction) {
    mailbox("lost")(transaction);
    throw std::runtime_error("it fails");
  };
  const std::array<Work, 4> works{mailbox("a"), fails_late, mailbox("a"), mailbox("b")};
  const auto failures = group.commit_all(works);
  EXPECT_FALSE(failures.at(0));
  EXPECT_TRUE(failures.at(1));
  EXPECT_TRUE(failures.at(2)) << "a name that is taken";
  EXPECT_FALSE(failures.at(3));
  EXPECT_EQ(mailboxes(), "ab");
  EXPECT_EQ(told, 2U) << "once of each, though some was carried out twice";
}

/// Its work goes through in no time, so that there is always more of it.
class NothingToWaitFor : public BatchExecutor {
 public:
  void execute(Batch& batch) noexcept override {
    while (batch.next() != nullptr) std::this_thread::yield();
  }
  std::int64_t foreign_version() override { return 0; }
};

TEST(CommitGroup, KeepsNobodyForTheWorkOfOthers) {
  CommitGroup busy(std::make_unique<NothingToWaitFor>(), [](const auto&) {});
  const Work nothing = [](Transaction&) {};
  std::atomic<bool> is_over = false;
  std::array<std::atomic<int>, 4> committed{};
  std::vector<std::jthread> callers;
  for (auto& count : committed) {
    callers.emplace_back([&] {
      for (; !is_over; ++count) busy.commit(nothing);
    });
  }
  const auto have_all = [&](int times) {
    return std::ranges::all_of(committed, [&](const auto& count) { return count >= times; });
  };
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds{20};
  while (!have_all(10) && std::chrono::steady_clock::now() < end) {
    std::this_thread::sleep_for(std::chrono::milliseconds{1});
  }
  EXPECT_TRUE(have_all(10));
  is_over = true;
}

}  // namespace
}  // namespace postern::store::test
