// Acceptance scenarios about personal distribution lists (mapi-submission.md §17).
#include "tests/acceptance/mail_system.h"

namespace postern::acceptance {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::UnorderedElementsAre;

class Lists : public MailSystem {
 protected:
  static mapi::Recipient list(mapi::RecipientType type, const std::string& name) {
    mapi::Recipient row;
    row.set(mapi::PR_RECIPIENT_TYPE, static_cast<std::int32_t>(type));
    row.set(mapi::PR_ADDRTYPE, "MAPIPDL");
    row.set(mapi::PR_DISPLAY_NAME, name);
    mapi::Binary id;
    for (const char letter : name) id.push_back(static_cast<std::byte>(letter));
    row.set(mapi::PR_ENTRYID, id);
    row.set(mapi::PR_SEARCH_KEY, id);
    return row;
  }
  static mapi::Recipient person(const std::string& address, const std::string& name) {
    return mapi::make_recipient(mapi::RecipientType::to, address, name);
  }
  /// Friends has Bob, the list Berlin, and itself; Berlin has Carl, Bob again, and Friends.
  static std::optional<std::vector<mapi::Recipient>> members_of(const mapi::Recipient& row) {
    const auto name = row.get_or(mapi::PR_DISPLAY_NAME, "");
    const auto to = mapi::RecipientType::to;
    const auto bob = person("bob@b.example", "Bob");
    if (name == "Friends") return {{bob, list(to, "Berlin"), list(to, "Friends")}};
    if (name == "Berlin") {
      return {{person("carl@c.example", "Carl"), bob, list(to, "Friends")}};
    }
    return std::nullopt;
  }
  static mapi::Message letter_to_the_lists() {
    auto letter = letter_to({"ann@a.example"});
    letter.recipients.push_back(list(mapi::RecipientType::cc, "Friends"));
    letter.recipients.push_back(
        mapi::make_recipient(mapi::RecipientType::bcc, "carl@c.example", "Carl"));
    return letter;
  }
};
POSTERN_WITH_EVERY_STORE(Lists);

TEST_P(Lists, Scenario20_EachMemberOfNestedListsIsServedOnce) {
  resolver = members_of;
  const auto entry = submit(letter_to_the_lists());
  ScriptedTransport transport;
  send_all({&transport});
  EXPECT_THAT(transport.offered(), ElementsAre("ann@a.example", "bob@b.example", "carl@c.example"));
  EXPECT_EQ(transport.calls(), 1);
  const auto rows = message(entry).recipients;
  ASSERT_EQ(rows.size(), 3U);
  for (const std::size_t row : {1U, 2U}) {
    EXPECT_EQ(rows[row].get(mapi::PR_RECIPIENT_TYPE), 2) << "the list's: more public than Bcc";
    EXPECT_EQ(rows[row].get(mapi::PR_ORIGINAL_DISPLAY_NAME), "Friends")
        << "the one that the sender wrote";
    EXPECT_EQ(outcome(entry, row).verdict, Verdict::delivered);
  }
}

TEST_P(Lists, Scenario20_HeaderShowsTheMembersWhereTheListStood) {
  resolver = members_of;
  submit(letter_to_the_lists());
  send_all({&smtp()});
  EXPECT_THAT(served(), UnorderedElementsAre("ann@a.example", "bob@b.example", "carl@c.example"));
  for (const auto& caught : server.messages()) {
    const auto content = caught.content();
    EXPECT_THAT(content, HasSubstr("\r\nTo: ann@a.example\r\n"));
    EXPECT_THAT(content, HasSubstr("\r\nCc: Bob <bob@b.example>, Carl <carl@c.example>\r\n"));
    EXPECT_THAT(content, Not(HasSubstr("Friends")));
  }
}

TEST_P(Lists, Scenario20_UnknownListIsReportedAndTheOthersAreServed) {
  resolver = members_of;
  auto letter = letter_to({"ann@a.example"});
  letter.recipients.push_back(list(mapi::RecipientType::to, "Nobody knows"));
  submit(letter);
  ScriptedTransport transport;
  send_all({&transport});
  EXPECT_THAT(transport.offered(), ElementsAre("ann@a.example"));
  const auto reports = messages_in(mapi::SpecialFolder::inbox);
  ASSERT_EQ(reports.size(), 1U);
  EXPECT_EQ(reports[0].recipients.at(0).get(mapi::PR_NDR_STATUS_CODE), 510);
}

}  // namespace
}  // namespace postern::acceptance
