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

/// What `prepare` makes of a number of recipients is worked on. Four times the recipients cost four
/// times the steps, and some more since a search among more of them is deeper. If each were looked
/// at for each, it would be sixteen times the steps.
template <class Prepare, class Work>
void expect_a_cost_of_each(Prepare prepare, Work work) {
  constexpr std::size_t few = 500;
  auto of_few = prepare(few);
  auto of_many = prepare(4 * few);
  const auto steps_of_few = steps_of([&] { work(of_few); });
  const auto steps_of_many = steps_of([&] { work(of_many); });
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

struct Reported {
  Message message;
  std::vector<Recipient> rows;
};

/// What a transport reports of all rows of a message, without the properties that it may not give.
void expect_reports_are_merged(const std::function<void(Recipient&)>& leave_out) {
  const auto prepare = [&leave_out](std::size_t count) {
    Reported reported;
    add_rows(reported.message, RecipientType::to, count);
    for (const auto& row : reported.message.recipients) {
      leave_out(reported.rows.emplace_back(failed(row)));
    }
    return reported;
  };
  expect_a_cost_of_each(prepare, [](Reported& reported) {
    EXPECT_TRUE(merge_reported_rows(reported.message, reported.rows));
    EXPECT_EQ(reported.message.recipients.back().get(mapi::PR_NDR_STATUS_CODE), 511);
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

/// Shown to so many, and addressed to each of them.
Message resent_to(std::size_t count) {
  Message message;
  add_rows(message, RecipientType::cc, count);
  add_rows(message, RecipientType::p1, count);
  return message;
}

TEST(PrepareSubmit, ManyRecipientsAreNoTrouble) {
  expect_a_cost_of_each(resent_to, [](Message& message) {
    prepare_resend(message);
    EXPECT_EQ(message.recipients.front().get(mapi::PR_RESPONSIBILITY), true);
    EXPECT_EQ(message.recipients.back().get(mapi::PR_RESPONSIBILITY), false);
  });
}

TEST(ReportOfAResend, ManyRecipientsAreNoTrouble) {
  expect_a_cost_of_each(resent_to, [](Message& message) {
    std::vector<std::size_t> rows;
    for (std::size_t i = message.recipients.size() / 2; i < message.recipients.size(); ++i) {
      message.recipients[i] = failed(message.recipients[i]);
      rows.push_back(i);
    }
    const auto report = make_report(ReportKind::non_delivery, message, rows, {});
    ASSERT_EQ(report.recipients.size(), rows.size());
    EXPECT_EQ(report.recipients.back().get(mapi::PR_RECIPIENT_TYPE),
              static_cast<std::int32_t>(RecipientType::cc));
  });
}

TEST(ExpandLists, ManyMembersAreNoTrouble) {
  const auto members_of_list = [](std::size_t count) {
    std::vector<Recipient> members(count);
    for (std::size_t i = 0; i < count; ++i) members[i].set(mapi::PR_EMAIL_ADDRESS, address(i));
    return members;
  };
  expect_a_cost_of_each(members_of_list, [](const std::vector<Recipient>& members) {
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
    EXPECT_EQ(message.recipients.size(), members.size());
  });
}

}  // namespace
}  // namespace postern::session::test
