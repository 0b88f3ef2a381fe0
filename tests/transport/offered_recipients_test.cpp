// Which rows a transport takes: its domains, and rows that are one recipient.
#include "transport/message/offered_recipients.h"

#include <stdexcept>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mapi/address.h"
#include "mapi/property_tags.h"

namespace postern::transport {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

mapi::Message message_with(const std::vector<std::string>& addresses) {
  mapi::Message message;
  for (const auto& address : addresses) {
    message.recipients.push_back(mapi::make_recipient(mapi::RecipientType::to, address));
  }
  return message;
}

TEST(OfferedRecipients, RowsWithTheSameAddressAreOneRecipient) {
  const auto offered =
      offered_recipients(message_with({"A@example.com", "A@EXAMPLE.com", "a@example.com"}), {});
  ASSERT_EQ(offered.taken.size(), 2U);
  EXPECT_THAT(offered.taken[0].rows, ElementsAre(0, 1));
  EXPECT_THAT(offered.taken[1].rows, ElementsAre(2));
  EXPECT_THAT(offered.declined, IsEmpty());
}

TEST(OfferedRecipients, WhatIsSettledIsNeitherTakenNorDeclined) {
  auto message = message_with({"a@example.com", "b@example.net", "c@example.com", "no address"});
  message.recipients[0].set(mapi::PR_RESPONSIBILITY, true);
  const auto offered = offered_recipients(message, DomainList({"example.com"}));
  ASSERT_EQ(offered.taken.size(), 1U);
  EXPECT_EQ(offered.taken[0].address, "c@example.com");
  EXPECT_THAT(offered.declined, ElementsAre(1, 3));
}

TEST(OfferedRecipients, ThoseWhoGetTheSameEntityAreTogether) {
  auto message = message_with({"a@example.com", "b@example.com", "A@example.net", "a@example.com"});
  message.recipients[1].set(mapi::PR_POSTERN_SECURED_ENTITY, 2);
  message.recipients[2].set(mapi::PR_POSTERN_SECURED_ENTITY, 1);
  message.recipients[3].set(mapi::PR_POSTERN_SECURED_ENTITY, 2);
  const auto groups =
      by_secured_entity(offered_recipients(message, DomainList({"example.com"})).taken);
  ASSERT_EQ(groups.size(), 2U);
  ASSERT_EQ(groups.at(0).size(), 1U);
  EXPECT_THAT(groups.at(0)[0].rows, ElementsAre(0));
  ASSERT_EQ(groups.at(2).size(), 2U) << "the same address, but another entity";
  EXPECT_THAT(groups.at(2)[0].rows, ElementsAre(1));
  EXPECT_THAT(groups.at(2)[1].rows, ElementsAre(3));
}

TEST(DomainList, TellsADomainFromWhatLiesBelowIt) {
  const DomainList exact({"example.com"});
  EXPECT_TRUE(exact.contains_domain_of("a@EXAMPLE.com"));
  EXPECT_TRUE(exact.contains_domain_of("\"a@b\"@example.com"));
  EXPECT_FALSE(exact.contains_domain_of("a@mx.example.com"));
  EXPECT_FALSE(exact.contains_domain_of("a@notexample.com"));
  const DomainList below({".Example.com"});
  EXPECT_FALSE(below.contains_domain_of("a@example.com"));
  EXPECT_TRUE(below.contains_domain_of("a@mx.example.com"));
  EXPECT_TRUE(below.contains_domain_of("a@a.b.example.com"));
  EXPECT_FALSE(below.contains_domain_of("a@notexample.com"));
}

TEST(DomainList, ALabelsAndULabelsAreTheSame) {
  for (const auto* listed : {"bücher.example", "BÜCHER.example", "xn--bcher-kva.example"}) {
    const DomainList domains({listed});
    EXPECT_TRUE(domains.contains_domain_of("a@bücher.example")) << listed;
    EXPECT_TRUE(domains.contains_domain_of("a@XN--bcher-kva.example")) << listed;
  }
}

TEST(DomainList, TakesEveryAddressOnlyIfNothingIsListed) {
  EXPECT_TRUE(DomainList().contains_domain_of("a@[192.0.2.1]"));
  EXPECT_FALSE(DomainList({"example.com"}).contains_domain_of("a@[192.0.2.1]"));
}

TEST(DomainList, SaysWhatIsNoDomainAndWhatToWrite) {
  for (const auto* text : {"", ".", "*.example.com", "a@example.com", "exa\nmple", "[192.0.2.1]"}) {
    try {
      DomainList domains({text});
      ADD_FAILURE() << text;
    } catch (const std::invalid_argument& error) {
      EXPECT_THAT(error.what(), HasSubstr(".example.com for all")) << text;
      EXPECT_THAT(error.what(), testing::Not(HasSubstr("\n")));
    }
  }
}

}  // namespace
}  // namespace postern::transport
