// Which due messages are taken, and what a failure in between leaves.
#include "store/engine/claims.h"

#include "tests/store/store_fixture.h"

namespace postern::store::test {
namespace {

std::vector<DueRow> rows(std::vector<MessageId> ids) {
  std::vector<DueRow> made;
  for (const auto id : ids) made.push_back({.message = id});
  return made;
}

std::vector<MessageId> first_ids(const std::vector<DueRow>& found, std::size_t count) {
  std::vector<MessageId> ids;
  for (const auto& row : found) {
    if (ids.size() < count) ids.push_back(row.message);
  }
  return ids;
}

std::optional<DueRow> claim_of(const DueRow& row) {
  return row;
}

TEST(Claims, ComeFromBothKindsInHalves) {
  const auto ready = rows({1, 2, 3, 4});
  const auto overdue = rows({11, 12, 13, 14});
  EXPECT_EQ(first_ids(claimable(ready, overdue, 4), 4), (std::vector<MessageId>{11, 12, 1, 2}));
  EXPECT_EQ(first_ids(claimable(rows({1}), overdue, 4), 4),
            (std::vector<MessageId>{11, 12, 13, 1}));
  EXPECT_EQ(first_ids(claimable(ready, rows({11}), 4), 4), (std::vector<MessageId>{11, 1, 2, 3}));
  EXPECT_EQ(first_ids(claimable({}, overdue, 9), 9), (std::vector<MessageId>{11, 12, 13, 14}));
}

TEST(Claims, EndAtTheLimitAndPassOverWhatIsTaken) {
  std::vector<MessageId> asked;
  const auto claims = take_claims(rows({1, 2, 3, 4}), 2, [&](const DueRow& row) {
    asked.push_back(row.message);
    return row.message == 1 ? std::nullopt : claim_of(row);
  });
  EXPECT_EQ(claims.size(), 2U);
  EXPECT_EQ(asked, (std::vector<MessageId>{1, 2, 3}));
}

TEST(Claims, ThatAreLockedAreNotLostToALaterFailure) {
  const auto full_from = [](MessageId full) {
    return [full](const DueRow& row) {
      if (row.message >= full) throw mapi::Failure(mapi::MAPI_E_NOT_ENOUGH_DISK, "full");
      return claim_of(row);
    };
  };
  const auto claims = take_claims(rows({1, 2, 3}), 9, full_from(3));
  ASSERT_EQ(claims.size(), 2U);
  EXPECT_EQ(claims[1].message, 2);
  EXPECT_EQ(code_of([&] {
              take_claims(rows({3, 4}), 9, full_from(3));
            }),
            mapi::MAPI_E_NOT_ENOUGH_DISK);
}

}  // namespace
}  // namespace postern::store::test
