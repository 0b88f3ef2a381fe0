#include "smtp/mx/mail_hosts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace postern::smtp {
namespace {

using asio::ip::make_address;
using asio::ip::make_address_v4;
using asio::ip::make_address_v6;
using testing::ElementsAre;
using testing::HasSubstr;

const RandomBelow always_first = [](std::size_t) { return std::size_t{0}; };
const RandomBelow always_last = [](std::size_t bound) { return bound - 1; };
const std::chrono::system_clock::time_point noon{std::chrono::hours(12)};

DnsAnswer<MxRecord> answer_with(std::vector<MxRecord> records) {
  DnsAnswer<MxRecord> answer;
  answer.status = DnsStatus::ok;
  answer.records = std::move(records);
  return answer;
}

DnsAnswer<MxRecord> answer_without(DnsStatus status, const std::string& reason = "") {
  DnsAnswer<MxRecord> answer;
  answer.status = status;
  answer.reason = reason;
  return answer;
}

std::variant<MailHosts, Outcome> decide(const DnsAnswer<MxRecord>& answer, const OwnHost& own = {},
                                        const RandomBelow& random_below = always_last) {
  return mail_hosts("x.example", answer, own, 20, random_below, noon);
}

std::vector<std::string> names(const std::variant<MailHosts, Outcome>& decided) {
  std::vector<std::string> result;
  for (const MailHost& host : std::get<MailHosts>(decided).hosts) result.push_back(host.name);
  return result;
}

Outcome outcome(const std::variant<MailHosts, Outcome>& decided) {
  const auto* found = std::get_if<Outcome>(&decided);
  return found == nullptr ? Outcome{} : *found;
}

TEST(MailHosts, GoByPreference) {
  const auto decided =
      decide(answer_with({{30, "c.example"}, {10, "A.example"}, {20, "b.example"}}));
  EXPECT_THAT(names(decided), ElementsAre("a.example", "b.example", "c.example"));
  EXPECT_FALSE(std::get<MailHosts>(decided).implicit);
}

TEST(MailHosts, AreShuffledAmongEquals) {
  const auto answer = answer_with({{10, "a.example"}, {10, "b.example"}, {5, "first.example"}});
  EXPECT_THAT(names(decide(answer, {}, always_last)),
              ElementsAre("first.example", "a.example", "b.example"));
  EXPECT_THAT(names(decide(answer, {}, always_first)),
              ElementsAre("first.example", "b.example", "a.example"));
}

TEST(MailHosts, AreEachTriedOnceAtTheirBestPreference) {
  const auto decided =
      decide(answer_with({{20, "a.example"}, {10, "b.example"}, {5, "A.example"}}));
  EXPECT_THAT(std::get<MailHosts>(decided).hosts,
              ElementsAre(MailHost{"a.example", 5}, MailHost{"b.example", 10}));
}

TEST(MailHosts, AreBounded) {
  std::vector<MxRecord> records;
  for (std::uint16_t host = 0; host < 500; ++host) {
    records.push_back({host, "h" + std::to_string(host) + ".example"});
  }
  const auto decided = decide(answer_with(records));
  EXPECT_EQ(names(decided).size(), 20U);
  EXPECT_EQ(names(decided).back(), "h19.example");
}

TEST(MailHosts, WithoutMxTheDomainIsItsOwnHost) {
  const auto decided = decide(answer_without(DnsStatus::no_data));
  EXPECT_THAT(names(decided), ElementsAre("x.example"));
  EXPECT_TRUE(std::get<MailHosts>(decided).implicit);
}

TEST(MailHosts, NullMxRefusesMail) {
  const Outcome refused = outcome(decide(answer_with({{0, ""}})));
  EXPECT_EQ(refused.verdict, Verdict::failed);
  EXPECT_EQ(refused.status.text(), "5.1.10");
  EXPECT_EQ(refused.text, "the domain x.example accepts no mail (null MX)");
  EXPECT_EQ(refused.stage, Stage::connect);
  EXPECT_EQ(refused.time, noon);
}

TEST(MailHosts, TheRootBesideOtherHostsIsPassedOver) {
  EXPECT_THAT(names(decide(answer_with({{0, ""}, {10, "a.example"}}))), ElementsAre("a.example"));
}

TEST(MailHosts, ExchangesThatAreNoHostNamesArePassedOver) {
  const auto answer = answer_with({{1, "192.0.2.1"}, {2, "a\\032b.example"}, {3, "good.example"}});
  EXPECT_THAT(names(decide(answer)), ElementsAre("good.example"));
  const Outcome refused = outcome(decide(answer_with({{1, "192.0.2.1"}})));
  EXPECT_EQ(refused.status.text(), "5.4.4");
  EXPECT_EQ(refused.verdict, Verdict::failed);
}

TEST(MailHosts, AMissingDomainFails) {
  const Outcome refused = outcome(decide(answer_without(DnsStatus::no_such_name)));
  EXPECT_EQ(refused.verdict, Verdict::failed);
  EXPECT_EQ(refused.status.text(), "5.1.2");
}

TEST(MailHosts, AFailedLookUpIsTriedAgain) {
  const Outcome failed = outcome(decide(answer_without(DnsStatus::failed, "SERVFAIL")));
  EXPECT_EQ(failed.verdict, Verdict::retry);
  EXPECT_EQ(failed.status.text(), "4.4.3");
  EXPECT_THAT(failed.text, HasSubstr("SERVFAIL"));
  const Outcome bogus = outcome(decide(answer_without(DnsStatus::bogus, "signature expired")));
  EXPECT_EQ(bogus.verdict, Verdict::retry);
  EXPECT_EQ(bogus.status.text(), "4.7.5");
  EXPECT_THAT(bogus.text, HasSubstr("signature expired"));
}

// Our own host

TEST(MailHosts, WeAndThoseNoBetterThanWeAreLeftOut) {
  OwnHost own;
  own.names = {"us.example"};
  const auto answer = answer_with(
      {{10, "best.example"}, {20, "US.example"}, {20, "equal.example"}, {30, "worse.example"}});
  const auto decided = decide(answer, own);
  EXPECT_THAT(names(decided), ElementsAre("best.example"));
  EXPECT_TRUE(std::get<MailHosts>(decided).ours);
}

TEST(MailHosts, WhereWeAreTheBestTheMailLoops) {
  OwnHost own;
  own.names = {"us.example"};
  const Outcome loops =
      outcome(decide(answer_with({{20, "us.example"}, {30, "worse.example"}}), own));
  EXPECT_EQ(loops.verdict, Verdict::failed);
  EXPECT_EQ(loops.status.text(), "5.4.6");
  EXPECT_EQ(loops.text, "mail for x.example loops back to us");
  own.names = {"x.example"};
  EXPECT_EQ(outcome(decide(answer_without(DnsStatus::no_data), own)).status.text(), "5.4.6");
}

TEST(OwnHost, KnowsItsAddresses) {
  OwnHost own;
  own.addresses = {make_address("192.0.2.1")};
  EXPECT_TRUE(own.is_at(make_address("192.0.2.1")));
  EXPECT_TRUE(own.is_at(make_address("::ffff:192.0.2.1")));
  EXPECT_TRUE(own.is_at(make_address("127.9.9.9")));
  EXPECT_TRUE(own.is_at(make_address("::1")));
  EXPECT_TRUE(own.is_at(make_address("0.0.0.0")));
  EXPECT_FALSE(own.is_at(make_address("192.0.2.2")));
  own.loopback = false;
  EXPECT_FALSE(own.is_at(make_address("127.0.0.1")));
}

TEST(OwnHost, OfThisMachineHasItsLoopbackInterface) {
  EXPECT_TRUE(this_machine().addresses.contains(make_address("127.0.0.1")));
}

// Addresses

TEST(Addresses, TakeTheFamiliesInTurnWithIpv6First) {
  const auto addresses = interleaved(
      {make_address_v6("2001:db8::1"), make_address_v6("2001:db8::2")},
      {make_address_v4("192.0.2.1"), make_address_v4("192.0.2.2"), make_address_v4("192.0.2.3")}, 8,
      always_last);
  EXPECT_THAT(addresses, ElementsAre(make_address("2001:db8::1"), make_address("192.0.2.1"),
                                     make_address("2001:db8::2"), make_address("192.0.2.2"),
                                     make_address("192.0.2.3")));
}

TEST(Addresses, AreShuffledWithinAFamilyAndBounded) {
  const std::vector addresses{make_address_v4("192.0.2.1"), make_address_v4("192.0.2.2"),
                              make_address_v4("192.0.2.3")};
  EXPECT_THAT(interleaved({}, addresses, 2, always_first),
              ElementsAre(make_address("192.0.2.2"), make_address("192.0.2.3")));
}

TEST(Addresses, MappedOnesAreWhatTheyAre) {
  EXPECT_THAT(interleaved({make_address_v6("::ffff:192.0.2.1")}, {}, 8, always_last),
              ElementsAre(make_address("192.0.2.1")));
}

}  // namespace
}  // namespace postern::smtp
