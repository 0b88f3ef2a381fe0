// What is done with many recipients costs the same for each, however many there are. The cost is
// counted in steps (steps.h).
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "mapi/address.h"
#include "mapi/property_tags.h"
#include "mapi/recipient_outcome.h"
#include "session/report.h"
#include "session/reported_rows.h"
#include "session/resend.h"
#include "session/store_support.h"
#include "tests/session/cost/steps.h"

namespace postern::session::test {
namespace {

using mapi::Message;
using mapi::Recipient;
using mapi::RecipientType;

/// Four times the recipients cost four times the steps, and some more since a search among more of
/// them is deeper. If each were looked at for each, it would be sixteen times the steps.
void expect_a_cost_of_each(const std::function<void(std::size_t count)>& work) {
  constexpr std::size_t few = 500;
  const auto steps_of_few = steps_of([&work] { work(few); });
  const auto steps_of_many = steps_of([&work] { work(4 * few); });
  EXPECT_GT(steps_of_few, few) << "the code counts its steps";
  EXPECT_LT(steps_of_many, 6 * steps_of_few);
}

std::string address(std::size_t number) {
  return "user" + std::to_string(number) + "@example.com";
}

/// To so many, each of whom has a row of the type, with its id.
void add_rows(Message& message, RecipientType type, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    auto& row = message.recipients.emplace_back(mapi::make_recipient(type, address(i)));
    row.set(mapi::PR_ROWID, static_cast<std::int32_t>(message.recipients.size()));
  }
}

Recipient failed(Recipient row) {
  row.set(mapi::PR_NDR_STATUS_CODE, 511);
  row.set(mapi::PR_REPORT_TIME, mapi::FileTime{1});
  return row;
}

/// What a transport reports of all rows of a message, without the properties that it may not give.
void expect_reports_are_merged(const std::function<void(Recipient&)>& leave_out) {
  expect_a_cost_of_each([&leave_out](std::size_t count) {
    Message message;
    add_rows(message, RecipientType::to, count);
    std::vector<Recipient> reported;
    for (const auto& row : message.recipients) leave_out(reported.emplace_back(failed(row)));
    EXPECT_TRUE(merge_reported_rows(message, reported));
    EXPECT_EQ(message.recipients.back().get(mapi::PR_NDR_STATUS_CODE), 511);
  });
}

TEST(ReportedRows, ManyAreMergedWithoutLookingAtEachForEach) {
  expect_reports_are_merged([](Recipient&) {});
  expect_reports_are_merged([](Recipient& row) { row.erase(mapi::PR_ROWID); });
  expect_reports_are_merged([](Recipient& row) {
    row.erase(mapi::PR_ROWID);
    row.erase(mapi::PR_SEARCH_KEY);
  });
}

TEST(PrepareSubmit, ManyRecipientsAreNoTrouble) {
  expect_a_cost_of_each([](std::size_t count) {
    Message message;
    add_rows(message, RecipientType::to, count);
    add_rows(message, RecipientType::p1, count);
    prepare_resend(message);
    EXPECT_EQ(message.recipients.front().get(mapi::PR_RESPONSIBILITY), true);
    EXPECT_EQ(message.recipients.back().get(mapi::PR_RESPONSIBILITY), false);
  });
}

TEST(ReportOfAResend, ManyRecipientsAreNoTrouble) {
  expect_a_cost_of_each([](std::size_t count) {
    Message message;
    add_rows(message, RecipientType::cc, count);
    add_rows(message, RecipientType::p1, count);
    std::vector<std::size_t> rows;
    for (std::size_t i = count; i < 2 * count; ++i) {
      message.recipients[i] = failed(message.recipients[i]);
      rows.push_back(i);
    }
    const auto report = make_report(ReportKind::non_delivery, message, rows, {});
    ASSERT_EQ(report.recipients.size(), count);
    EXPECT_EQ(report.recipients.back().get(mapi::PR_RECIPIENT_TYPE),
              static_cast<std::int32_t>(RecipientType::cc));
  });
}

TEST(ExpandLists, ManyMembersAreNoTrouble) {
  expect_a_cost_of_each([](std::size_t count) {
    std::vector<Recipient> members(count);
    for (std::size_t i = 0; i < count; ++i) {
      members[i].set(mapi::PR_EMAIL_ADDRESS, address(i));
    }
    Recipient list;
    list.set(mapi::PR_ADDRTYPE, std::string(mapi::MAPIPDL));
    list.set(mapi::PR_DISPLAY_NAME, "all");
    Message message;
    message.recipients = {list};
    const auto resolver = [&members](const Recipient& row) {
      const bool is_list = row.get_or(mapi::PR_ADDRTYPE, "") == mapi::MAPIPDL;
      return is_list ? std::optional(members) : std::nullopt;
    };
    DefaultStoreSupport({.resolver = resolver}).expand_recips(message);
    EXPECT_EQ(message.recipients.size(), count);
  });
}

}  // namespace
}  // namespace postern::session::test
