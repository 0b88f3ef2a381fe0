// Rows that are not lists are made such that a transport can read them (mapi-submission.md §11).
#include "session/recipient_resolution.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mapi/address.h"
#include "mapi/property_tags.h"
#include "session/store_support.h"

namespace postern::session {
namespace {

mapi::Recipient given(const std::string& type, const std::string& address,
                      const std::string& name = {}) {
  mapi::Recipient recipient;
  if (!type.empty()) recipient.set(mapi::PR_ADDRTYPE, type);
  if (!address.empty()) recipient.set(mapi::PR_EMAIL_ADDRESS, address);
  if (!name.empty()) recipient.set(mapi::PR_DISPLAY_NAME, name);
  return recipient;
}

mapi::Recipient with_one_off(mapi::Recipient recipient, const mapi::Address& address) {
  recipient.set(mapi::PR_ENTRYID, mapi::make_one_off(address).bytes);
  return recipient;
}

/// "name|TYPE:address", with what entry id and search key say beside it if they do not agree.
std::string resolved(mapi::Recipient recipient,
                     const std::vector<std::string>& directory_types = {"EX"}) {
  resolve_recipient(recipient, directory_types);
  const mapi::Address address{std::string(recipient.get_or(mapi::PR_DISPLAY_NAME, "")),
                              std::string(recipient.get_or(mapi::PR_ADDRTYPE, "")),
                              std::string(recipient.get_or(mapi::PR_EMAIL_ADDRESS, ""))};
  auto text = address.display_name + "|" + address.type + ":" + address.address;
  const auto* key = recipient.get(mapi::PR_SEARCH_KEY);
  if (key == nullptr || *key != mapi::make_search_key(address)) text += " without its search key";
  if (recipient.get(mapi::PR_ENTRYID) == nullptr) text += " without an entry id";
  return text;
}

TEST(ResolveRecipient, OneOffFillsInWhatIsMissing) {
  const mapi::Address ann{"Ann", "SMTP", "ann@example.com"};
  for (const auto& each :
       {given("", ""), given("SMTP", ""), given("", "ann@example.com"), given("UNKNOWN", "")}) {
    EXPECT_EQ(resolved(with_one_off(each, ann)), "Ann|SMTP:ann@example.com");
  }
  EXPECT_EQ(resolved(with_one_off(given("", ""), {"Fax", "FAX", "1234"})), "Fax|FAX:1234");
}

TEST(ResolveRecipient, HalfAnAddressIsNotCompletedWithSomebodyElses) {
  const auto resolved_row = resolved(with_one_off(given("FAX", ""), {"Ann", "X400", "c=de"}));
  EXPECT_EQ(resolved_row, "|FAX: without its search key");
}

TEST(ResolveRecipient, TextsAreAddresses) {
  EXPECT_EQ(resolved(given("", "", "ann@example.com")), "ann@example.com|SMTP:ann@example.com");
  EXPECT_EQ(resolved(given("", "ann@example.com", "Ann")), "Ann|SMTP:ann@example.com");
  EXPECT_EQ(resolved(given("", "", "Ann[FAX:1234]")), "Ann|FAX:1234");
  EXPECT_EQ(resolved(given("UNKNOWN", "ann@example.com")), "ann@example.com|SMTP:ann@example.com");
}

TEST(ResolveRecipient, WhatNamesNobodyStaysAsItIs) {
  for (const auto& each : {given("", "", "Ann"), given("", "ann", "ann@example.com"),
                           given("SMTP", ""), given("", "@example.com"), mapi::Recipient{}}) {
    auto recipient = each;
    EXPECT_EQ(resolve_recipient(recipient, {}), "");
    EXPECT_EQ(recipient, each);
  }
}

TEST(ResolveRecipient, ADirectoryEntryWithAnSmtpAddressBecomesAnSmtpRow) {
  auto exchange = given("EX", "/o=Org/cn=ann", "Ann");
  exchange.set(mapi::PR_ENTRYID, mapi::Binary(40));
  EXPECT_EQ(resolved(exchange), "Ann|EX:/o=Org/cn=ann");
  exchange.set(mapi::PR_SMTP_ADDRESS, "ann@example.com");
  EXPECT_EQ(resolved(exchange), "Ann|SMTP:ann@example.com");
  EXPECT_EQ(resolved(exchange, {}), "Ann|EX:/o=Org/cn=ann") << "a transport serves the type";
  resolve_recipient(exchange, {"ex"});
  EXPECT_EQ(mapi::parse_one_off(*exchange.get(mapi::PR_ENTRYID)),
            (mapi::Address{"Ann", "SMTP", "ann@example.com"}));
  EXPECT_EQ(
      resolved(with_one_off(given("EX", "/o=Org/cn=ann"), {"Ann", "SMTP", "ann@example.com"})),
      "Ann|SMTP:ann@example.com");
}

TEST(ResolveRecipient, AFaxWithAnSmtpAddressStaysAFax) {
  auto fax = given("FAX", "1234", "Ann");
  fax.set(mapi::PR_SMTP_ADDRESS, "ann@example.com");
  EXPECT_EQ(resolved(fax), "Ann|FAX:1234");
}

TEST(ResolveRecipient, TheAddressBeatsTheEntryIdAndItIsSaid) {
  auto recipient =
      with_one_off(given("SMTP", "ann@example.com", "Ann"), {"Bob", "SMTP", "bob@example.com"});
  const auto sentence = resolve_recipient(recipient, {});
  EXPECT_THAT(sentence, testing::HasSubstr("bob@example.com"));
  EXPECT_THAT(sentence, testing::HasSubstr("ann@example.com"));
  EXPECT_EQ(resolved(recipient), "Ann|SMTP:ann@example.com");
  EXPECT_EQ(mapi::parse_one_off(*recipient.get(mapi::PR_ENTRYID))->address, "ann@example.com");
  EXPECT_EQ(resolve_recipient(recipient, {}), "") << "they agree now";
}

TEST(ResolveRecipient, AlteredDisplayNamesAreRestored) {
  const auto altered = given("SMTP", "ann@example.com", "The boss");
  EXPECT_EQ(resolved(with_one_off(altered, {"Ann", "SMTP", "ANN@example.com"})),
            "Ann|SMTP:ann@example.com");
  EXPECT_EQ(resolved(with_one_off(altered, {"ann@example.com", "SMTP", "ann@example.com"})),
            "The boss|SMTP:ann@example.com")
      << "an address is no name";
  auto original = altered;
  original.set(mapi::PR_ORIGINAL_DISPLAY_NAME, "Ann");
  EXPECT_EQ(resolved(original), "Ann|SMTP:ann@example.com");
  original.set(mapi::PR_ORIGINAL_ENTRYID, mapi::Binary(20));
  EXPECT_EQ(resolved(original), "The boss|SMTP:ann@example.com") << "it is the name of a list";
}

TEST(ResolveRecipient, RichInformationIsSentAsTheEntryIdSaysUnlessTheRowSaysItself) {
  const mapi::Address fax{"Fax", "FAX", "1234"};
  const auto rich_info_of = [](mapi::Recipient recipient) {
    resolve_recipient(recipient, {"EX"});
    return recipient.get(mapi::PR_SEND_RICH_INFO);
  };
  auto recipient = given("FAX", "1234");
  EXPECT_EQ(rich_info_of(recipient), true) << "it gets an entry id without flags";
  recipient.set(mapi::PR_ENTRYID, mapi::create_one_off(fax, mapi::MAPI_SEND_NO_RICH_INFO).bytes);
  EXPECT_EQ(rich_info_of(recipient), false);
  recipient.set(mapi::PR_SEND_RICH_INFO, true);
  EXPECT_EQ(rich_info_of(recipient), true);

  auto forbidden = given("FAX", "1234");
  forbidden.set(mapi::PR_SEND_RICH_INFO, false);
  resolve_recipient(forbidden, {});
  EXPECT_FALSE(mapi::parse_one_off(*forbidden.get(mapi::PR_ENTRYID))->takes_rich_info);

  mapi::Address from_outlook{"Ann", "SMTP", "ann@example.com"};
  from_outlook.takes_rich_info = true;
  EXPECT_EQ(rich_info_of(with_one_off(given("", ""), from_outlook)), false);
  auto of_a_directory = given("X500", "/o=Org/cn=ann");
  of_a_directory.set(mapi::PR_ENTRYID, mapi::Binary(40));
  EXPECT_EQ(rich_info_of(of_a_directory), std::nullopt) << "only the directory knows";
}

TEST(ExpandRecips, RowsOfOnePersonAreOneHoweverTheyAreWritten) {
  auto exchange = given("EX", "/o=Org/cn=ann", "Ann");
  exchange.set(mapi::PR_SMTP_ADDRESS, "ann@example.com");
  exchange.set(mapi::PR_SEARCH_KEY, mapi::make_search_key({{}, "EX", "/o=Org/cn=ann"}));
  mapi::Message message;
  message.recipients = {exchange, given("SMTP", "<ann@EXAMPLE.com>"),
                        given("", "", "ann@example.com")};
  DefaultStoreSupport().expand_recips(message);
  EXPECT_EQ(message.recipients.size(), 1U);
}

TEST(ExpandRecips, TheResolverKnowsContacts) {
  const auto contacts = [](const mapi::Recipient& asked) {
    std::vector<mapi::Recipient> found;
    if (asked.get(mapi::PR_ENTRYID) != nullptr) found.push_back(given("SMTP", "ann@example.com"));
    return std::optional(found);
  };
  mapi::Message message;
  message.recipients = {given("", "", "Ann"), given("", "", "Bob")};
  message.recipients[0].set(mapi::PR_ENTRYID, mapi::Binary(40));
  DefaultStoreSupport({.resolver = contacts}).expand_recips(message);
  EXPECT_EQ(message.recipients[0].get(mapi::PR_EMAIL_ADDRESS), "ann@example.com");
  EXPECT_EQ(message.recipients[0].get(mapi::PR_DISPLAY_NAME), "Ann");
  EXPECT_FALSE(message.recipients[1].get(mapi::PR_EMAIL_ADDRESS));
}

TEST(ExpandRecips, ContradictionsAreTold) {
  std::vector<std::string> told;
  mapi::Message message;
  message.recipients = {
      with_one_off(given("SMTP", "ann@example.com"), {"Bob", "SMTP", "bob@x.org"})};
  DefaultStoreSupport({.warn = [&told](const std::string& s) {
    told.push_back(s);
  }}).expand_recips(message);
  EXPECT_EQ(told.size(), 1U);
}

}  // namespace
}  // namespace postern::session
