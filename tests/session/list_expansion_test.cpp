// Personal distribution lists among the recipients (mapi-submission.md §3.2, scenario 20).
#include "session/list_expansion.h"

#include <map>
#include <optional>
#include <span>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mapi/address.h"
#include "mapi/error.h"
#include "mapi/property_tags.h"
#include "session/store_support.h"

namespace postern::session {
namespace {

using mapi::make_recipient;
using mapi::RecipientType;
using testing::ElementsAre;

mapi::Binary entry_id(const std::string& name) {
  const auto octets = std::as_bytes(std::span(name));
  return {octets.begin(), octets.end()};
}

mapi::Recipient list(const std::string& name, RecipientType type = RecipientType::to) {
  mapi::Recipient row;
  row.set(mapi::PR_RECIPIENT_TYPE, static_cast<std::int32_t>(type));
  row.set(mapi::PR_ADDRTYPE, "MAPIPDL");
  row.set(mapi::PR_DISPLAY_NAME, name);
  row.set(mapi::PR_ENTRYID, entry_id("list " + name));
  row.set(mapi::PR_SEARCH_KEY, entry_id("key of " + name));
  return row;
}

mapi::Recipient person(const std::string& name, RecipientType type = RecipientType::to) {
  return make_recipient(type, name + "@example.com");
}

/// Lists by name.
class Lists {
 public:
  void set(const std::string& name, std::vector<mapi::Recipient> members) {
    members_[name] = std::move(members);
  }
  std::optional<std::vector<mapi::Recipient>> operator()(const mapi::Recipient& row) const {
    const auto found = members_.find(std::string(row.get_or(mapi::PR_DISPLAY_NAME, "")));
    if (found == members_.end()) return std::nullopt;
    return found->second;
  }

 private:
  std::map<std::string, std::vector<mapi::Recipient>> members_;
};

/// "1:ann" for a To row; a list by its name.
std::vector<std::string> names(const std::vector<mapi::Recipient>& rows) {
  std::vector<std::string> result;
  for (const auto& row : rows) {
    const auto address = row.get_or(mapi::PR_EMAIL_ADDRESS, row.get_or(mapi::PR_DISPLAY_NAME, ""));
    result.push_back(std::to_string(row.get_or(mapi::PR_RECIPIENT_TYPE, 0)) + ":" +
                     std::string(address.substr(0, address.find('@'))));
  }
  return result;
}

std::vector<std::string> submitted(std::vector<mapi::Recipient> rows, const Lists& lists) {
  mapi::Message message;
  message.recipients = std::move(rows);
  DefaultStoreSupport({.resolver = lists}).expand_recips(message);
  return names(message.recipients);
}

TEST(ExpandLists, MembersTakeTheListsPlaceAndType) {
  Lists lists;
  lists.set("friends", {person("bob", RecipientType::to), list("berlin")});
  lists.set("berlin", {person("carl")});
  EXPECT_THAT(submitted({person("ann"), list("friends", RecipientType::cc), person("dora")}, lists),
              ElementsAre("1:ann", "2:bob", "2:carl", "1:dora"));
}

TEST(ExpandLists, AMemberTellsWhichListTheSenderWrote) {
  Lists lists;
  lists.set("friends", {list("berlin")});
  lists.set("berlin", {person("carl")});
  const auto rows = expand_lists({list("friends")}, lists);
  ASSERT_THAT(names(rows), ElementsAre("1:carl"));
  EXPECT_EQ(rows[0].get(mapi::PR_ORIGINAL_DISPLAY_NAME), "friends");
  EXPECT_EQ(*rows[0].get(mapi::PR_ORIGINAL_ENTRYID), entry_id("list friends"));
  EXPECT_EQ(*rows[0].get(mapi::PR_ORIGINAL_SEARCH_KEY), entry_id("key of friends"));
}

TEST(ExpandLists, ReportRequestsAreTheListsUnlessTheMemberHasItsOwn) {
  auto outspoken = person("bob");
  outspoken.set(mapi::PR_ORIGINATOR_NON_DELIVERY_REPORT_REQUESTED, true);
  auto berlin = list("berlin");
  berlin.set(mapi::PR_ORIGINATOR_DELIVERY_REPORT_REQUESTED, false);
  Lists lists;
  lists.set("friends", {outspoken, berlin});
  lists.set("berlin", {person("carl")});
  auto friends = list("friends");
  friends.set(mapi::PR_ORIGINATOR_DELIVERY_REPORT_REQUESTED, true);
  friends.set(mapi::PR_ORIGINATOR_NON_DELIVERY_REPORT_REQUESTED, false);
  const auto rows = expand_lists({friends}, lists);
  ASSERT_THAT(names(rows), ElementsAre("1:bob", "1:carl"));
  EXPECT_EQ(rows[0].get(mapi::PR_ORIGINATOR_DELIVERY_REPORT_REQUESTED), true);
  EXPECT_EQ(rows[0].get(mapi::PR_ORIGINATOR_NON_DELIVERY_REPORT_REQUESTED), true);
  EXPECT_EQ(rows[1].get(mapi::PR_ORIGINATOR_DELIVERY_REPORT_REQUESTED), false);
  EXPECT_EQ(rows[1].get(mapi::PR_ORIGINATOR_NON_DELIVERY_REPORT_REQUESTED), false);
}

TEST(ExpandLists, CyclesAndListsMetAgainAddNothing) {
  Lists lists;
  lists.set("a", {person("ann"), list("b"), list("a")});
  lists.set("b", {person("bob"), list("a")});
  EXPECT_THAT(submitted({list("a"), list("b")}, lists), ElementsAre("1:ann", "1:bob"));
}

TEST(ExpandLists, OfDuplicatesTheMostPublicStays) {
  Lists lists;
  lists.set("a", {person("ann"), person("bob"), person("bob")});
  EXPECT_THAT(submitted({list("a", RecipientType::bcc), person("bob", RecipientType::cc),
                         list("a", RecipientType::to)},
                        lists),
              ElementsAre("1:ann", "1:bob"));
}

TEST(ExpandLists, AResendHasTheMembersTwice) {
  Lists lists;
  lists.set("a", {person("ann")});
  auto shown = list("a");
  shown.set(mapi::PR_RESPONSIBILITY, true);
  auto envelope = list("a", RecipientType::p1);
  envelope.set(mapi::PR_RESPONSIBILITY, false);
  mapi::Message message;
  message.recipients = {shown, envelope};
  DefaultStoreSupport({.resolver = lists}).expand_recips(message);
  ASSERT_THAT(names(message.recipients), ElementsAre("1:ann", "268435456:ann"));
  EXPECT_EQ(message.recipients[0].get(mapi::PR_RESPONSIBILITY), true);
  EXPECT_EQ(message.recipients[1].get(mapi::PR_RESPONSIBILITY), false);
}

TEST(ExpandLists, AnUnknownOrEmptyListStays) {
  Lists lists;
  lists.set("empty", {});
  lists.set("itself", {list("itself")});
  lists.set("outer", {person("ann"), list("unknown within")});
  EXPECT_THAT(submitted({list("empty"), list("unknown"), list("itself"), list("outer")}, lists),
              ElementsAre("1:empty", "1:unknown", "1:itself", "1:ann", "1:unknown within"));
  EXPECT_THAT(names(expand_lists({list("unknown")}, {})), ElementsAre("1:unknown"));
}

Lists chain(int length) {
  Lists lists;
  for (int i = 1; i < length; ++i) {
    lists.set("level " + std::to_string(i), {list("level " + std::to_string(i + 1))});
  }
  lists.set("level " + std::to_string(length), {person("ann")});
  return lists;
}

mapi::Code code_of(std::vector<mapi::Recipient> rows, const RecipientResolver& resolver,
                   const ExpansionBounds& bounds) {
  try {
    expand_lists(std::move(rows), resolver, bounds);
  } catch (const mapi::Failure& failure) {
    EXPECT_STRNE(failure.what(), "");
    return failure.code();
  }
  return mapi::S_OK;
}

TEST(ExpandLists, NestingHasABound) {
  const ExpansionBounds bounds{.depth = 3};
  EXPECT_EQ(code_of({list("level 1")}, chain(3), bounds), mapi::S_OK);
  EXPECT_EQ(code_of({list("level 1")}, chain(4), bounds), mapi::MAPI_E_TOO_COMPLEX);
}

TEST(ExpandLists, EachListIsExpandedOnceHoweverManyWaysLeadToIt) {
  Lists lists;  // 2^30 ways from the first to the last
  constexpr int levels = 30;
  for (int i = 1; i < levels; ++i) {
    const auto next = "level " + std::to_string(i + 1);
    lists.set("level " + std::to_string(i), {list(next), list(next)});
  }
  lists.set("level " + std::to_string(levels), {person("ann")});
  EXPECT_THAT(submitted({list("level 1")}, lists), ElementsAre("1:ann"));
}

TEST(ExpandLists, TheNumberOfRecipientsHasABound) {
  const ExpansionBounds bounds{.recipients = 3};
  Lists lists;
  lists.set("all", std::vector<mapi::Recipient>(3));
  EXPECT_EQ(code_of({list("all")}, lists, bounds), mapi::S_OK);
  EXPECT_EQ(code_of({list("all"), person("ann")}, lists, bounds), mapi::MAPI_E_TOO_COMPLEX);
}

}  // namespace
}  // namespace postern::session
