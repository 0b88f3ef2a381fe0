// DANE findings and the decision on a route: data in, data out.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "smtp/mx/route.h"

namespace postern::smtp {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;
using State = DaneFinding::State;
using Mode = MtaStsPolicy::Mode;

const std::chrono::system_clock::time_point asked_at{std::chrono::hours(12)};

TlsaRecord tlsa(int usage, int selector, int matching_type, std::size_t size) {
  return {static_cast<std::uint8_t>(usage), static_cast<std::uint8_t>(selector),
          static_cast<std::uint8_t>(matching_type), std::vector<std::byte>(size, std::byte{7})};
}

ResolvedHost host(const std::string& name, int preference, const std::string& address) {
  ResolvedHost resolved;
  resolved.host = {name, preference};
  resolved.addresses = {asio::ip::make_address(address)};
  resolved.status = DnsStatus::ok;
  return resolved;
}

ResolvedHost unresolved(const std::string& name, DnsStatus status) {
  ResolvedHost resolved;
  resolved.host = {name, 10};
  resolved.status = status;
  resolved.reason = "SERVFAIL";
  return resolved;
}

RouteFacts facts_with(std::vector<ResolvedHost> hosts) {
  RouteFacts facts;
  facts.domain = "x.example";
  facts.hosts = std::move(hosts);
  facts.wanted.policy = TlsPolicy::may;
  return facts;
}

MtaStsPolicy sts(Mode mode, std::vector<std::string> mx) {
  return {mode, std::move(mx), std::chrono::seconds(86400)};
}

RouteDecision decide(const RouteFacts& facts, const OwnHost& own = {}) {
  return decide_route(facts, own, asked_at);
}

Candidates candidates(const RouteDecision& decision) {
  const auto* found = std::get_if<Candidates>(&decision.result);
  return found == nullptr ? Candidates{} : *found;
}

Outcome outcome(const RouteDecision& decision) {
  const auto* found = std::get_if<Outcome>(&decision.result);
  return found == nullptr ? Outcome{} : *found;
}

std::vector<std::string> names(const RouteDecision& decision) {
  std::vector<std::string> result;
  for (const Candidate& candidate : candidates(decision)) result.push_back(candidate.name);
  return result;
}

// HostSource and addresses

TEST(MxRoute, ListsEveryAddressOfEachHost) {
  auto two = host("a.example", 10, "2001:db8::1");
  two.addresses.push_back(asio::ip::make_address("192.0.2.1"));
  const auto found = candidates(decide(facts_with({two, host("b.example", 20, "192.0.2.2")})));
  ASSERT_THAT(found, SizeIs(3));
  EXPECT_EQ(found[0].address, "2001:db8::1");
  EXPECT_EQ(found[1].address, "192.0.2.1");
  EXPECT_EQ(found[2].name, "b.example");
  EXPECT_EQ(found[2].preference, 20);
  EXPECT_EQ(found[2].port, 25);
  EXPECT_EQ(found[0].tls.policy, TlsPolicy::may);
  EXPECT_FALSE(found[0].authentic);
}

TEST(MxRoute, HostsThatDoNotResolveArePassedOver) {
  const auto facts = facts_with({unresolved("gone.example", DnsStatus::no_such_name),
                                 unresolved("down.example", DnsStatus::failed),
                                 host("b.example", 20, "192.0.2.2")});
  EXPECT_THAT(names(decide(facts)), ElementsAre("b.example"));
}

TEST(MxRoute, FailsWhereNoHostHasAnAddress) {
  const auto refused = outcome(decide(facts_with({unresolved("a.example", DnsStatus::no_such_name),
                                                  unresolved("b.example", DnsStatus::no_data)})));
  EXPECT_EQ(refused.verdict, Verdict::failed);
  EXPECT_EQ(refused.status.text(), "5.4.4");
}

TEST(MxRoute, FailsWhereADomainWithoutMxHasNoAddress) {
  auto facts = facts_with({unresolved("x.example", DnsStatus::no_data)});
  facts.found.implicit = true;
  EXPECT_EQ(outcome(decide(facts)).status.text(), "5.1.2");
  EXPECT_EQ(outcome(decide(facts)).verdict, Verdict::failed);
}

TEST(MxRoute, WaitsWhereAHostMayResolveLater) {
  const auto later = outcome(decide(facts_with({unresolved("a.example", DnsStatus::no_such_name),
                                                unresolved("b.example", DnsStatus::failed)})));
  EXPECT_EQ(later.verdict, Verdict::retry);
  EXPECT_EQ(later.status.text(), "4.4.4");
  EXPECT_THAT(later.text, HasSubstr("b.example"));
}

TEST(MxRoute, OurOwnAddressEndsTheList) {
  OwnHost own;
  own.addresses = {asio::ip::make_address("192.0.2.2")};
  const auto facts =
      facts_with({host("a.example", 10, "192.0.2.1"), host("peer.example", 20, "192.0.2.3"),
                  host("alias.example", 20, "192.0.2.2"), host("c.example", 30, "192.0.2.4")});
  EXPECT_THAT(names(decide(facts, own)), ElementsAre("a.example"));
  const auto loops = outcome(decide(facts_with({host("alias.example", 20, "192.0.2.2")}), own));
  EXPECT_EQ(loops.status.text(), "5.4.6");
  EXPECT_EQ(loops.verdict, Verdict::failed);
}

TEST(MxRoute, LoopsWhereOnlyHostsWithoutAddressAreBetterThanWe) {
  auto facts = facts_with({unresolved("a.example", DnsStatus::no_such_name)});
  facts.found.ours = true;
  EXPECT_EQ(outcome(decide(facts)).status.text(), "5.4.6");
}

// DANE

TEST(Dane, KnowsWhichRecordsAreUsable) {
  EXPECT_TRUE(is_usable(tlsa(3, 1, 1, 32)));
  EXPECT_TRUE(is_usable(tlsa(2, 0, 2, 64)));
  EXPECT_TRUE(is_usable(tlsa(3, 0, 0, 500)));
  EXPECT_FALSE(is_usable(tlsa(0, 1, 1, 32)));
  EXPECT_FALSE(is_usable(tlsa(1, 1, 1, 32)));
  EXPECT_FALSE(is_usable(tlsa(4, 1, 1, 32)));
  EXPECT_FALSE(is_usable(tlsa(3, 2, 1, 32)));
  EXPECT_FALSE(is_usable(tlsa(3, 1, 3, 32)));
  EXPECT_FALSE(is_usable(tlsa(3, 1, 1, 31)));
  EXPECT_FALSE(is_usable(tlsa(3, 1, 2, 32)));
  EXPECT_FALSE(is_usable(tlsa(3, 1, 0, 0)));
}

TEST(Dane, TakesRecordsOnlyWhereDnssecVouches) {
  DnsAnswer<TlsaRecord> answer;
  answer.status = DnsStatus::ok;
  answer.records = {tlsa(3, 1, 1, 32), tlsa(1, 1, 1, 32)};
  EXPECT_EQ(dane_finding("mx.example", answer).state, State::none);
  answer.secure = true;
  EXPECT_EQ(dane_finding("mx.example", answer).state, State::usable);
  EXPECT_THAT(dane_finding("mx.example", answer).records, SizeIs(1));
  answer.records = {tlsa(1, 1, 1, 32)};
  EXPECT_EQ(dane_finding("mx.example", answer).state, State::unusable);
}

TEST(Dane, AFailedLookUpIsNoAbsence) {
  DnsAnswer<TlsaRecord> answer;
  answer.status = DnsStatus::failed;
  EXPECT_EQ(dane_finding("mx.example", answer).state, State::failed);
  answer.status = DnsStatus::bogus;
  EXPECT_EQ(dane_finding("mx.example", answer).state, State::bogus);
  answer.status = DnsStatus::no_such_name;
  EXPECT_EQ(dane_finding("mx.example", answer).state, State::none);
}

TEST(Dane, CertificatesMayBearTheBaseTheHostOrTheDomain) {
  const DaneFinding finding{State::usable, "real.example", {tlsa(2, 1, 1, 32)}, {}};
  const auto requirement = dane_requirement(finding, "mx.example", "x.example");
  EXPECT_EQ(requirement.policy, TlsPolicy::dane);
  EXPECT_THAT(requirement.names, ElementsAre("real.example", "mx.example", "x.example"));
  const DaneFinding same{State::usable, "x.example", {tlsa(2, 1, 1, 32)}, {}};
  EXPECT_THAT(dane_requirement(same, "x.example", "x.example").names, ElementsAre("x.example"));
}

ResolvedHost dane_host(State state) {
  auto resolved = host("mx.example", 10, "192.0.2.1");
  resolved.dane = {state, "mx.example", {}, "signature expired"};
  if (state == State::usable) resolved.dane.records = {tlsa(3, 1, 1, 32)};
  return resolved;
}

TEST(MxRoute, HoldsAHostToItsTlsaRecords) {
  auto facts = facts_with({dane_host(State::usable)});
  facts.found.secure = true;
  const auto found = candidates(decide(facts));
  ASSERT_THAT(found, SizeIs(1));
  EXPECT_EQ(found[0].tls.policy, TlsPolicy::dane);
  EXPECT_THAT(found[0].tls.tlsa, SizeIs(1));
  EXPECT_TRUE(found[0].authentic);
  EXPECT_EQ(found[0].report_policy->type, TlsReportPolicy::Type::tlsa);
  EXPECT_THAT(found[0].report_policy->strings, ElementsAre(HasSubstr("3 1 1 0707")));
}

TEST(MxRoute, UnusableTlsaRecordsAskForTlsWithoutAuthentication) {
  const auto decision = decide(facts_with({dane_host(State::unusable)}));
  EXPECT_EQ(candidates(decision).at(0).tls.policy, TlsPolicy::encrypt);
  ASSERT_THAT(decision.failures, SizeIs(1));
  EXPECT_EQ(decision.failures[0].second.type, TlsFailureType::tlsa_invalid);
}

TEST(MxRoute, AHostWhoseTlsaLookUpFailsHasToWait) {
  auto other = host("other.example", 20, "192.0.2.2");
  const auto decision = decide(facts_with({dane_host(State::bogus), other}));
  EXPECT_THAT(names(decision), ElementsAre("other.example"));
  ASSERT_THAT(decision.failures, SizeIs(1));
  EXPECT_EQ(decision.failures[0].second.type, TlsFailureType::dnssec_invalid);

  const auto bogus = outcome(decide(facts_with({dane_host(State::bogus)})));
  EXPECT_EQ(bogus.verdict, Verdict::retry);
  EXPECT_EQ(bogus.status.text(), "4.7.5");
  EXPECT_THAT(bogus.text, HasSubstr("signature expired"));
  const auto failed = outcome(decide(facts_with({dane_host(State::failed)})));
  EXPECT_EQ(failed.verdict, Verdict::retry);
  EXPECT_EQ(failed.status.text(), "4.4.3");
}

// MTA-STS

TEST(MxRoute, AnEnforcedPolicyDropsHostsItDoesNotName) {
  auto facts =
      facts_with({host("evil.example", 5, "192.0.2.6"), host("mx.example", 10, "192.0.2.1")});
  facts.sts = sts(Mode::enforce, {"mx.example"});
  const auto decision = decide(facts);
  const auto found = candidates(decision);
  ASSERT_THAT(found, SizeIs(1));
  EXPECT_EQ(found[0].name, "mx.example");
  EXPECT_EQ(found[0].tls.policy, TlsPolicy::verify);
  EXPECT_THAT(found[0].tls.names, ElementsAre("mx.example"));
  EXPECT_TRUE(found[0].authentic);
  EXPECT_EQ(found[0].report_policy->type, TlsReportPolicy::Type::sts);
  ASSERT_THAT(decision.failures, SizeIs(1));
  EXPECT_EQ(decision.failures[0].second.receiving_mx_hostname, "evil.example");
}

TEST(MxRoute, WaitsWhereAnEnforcedPolicyNamesNoHost) {
  auto facts = facts_with({host("evil.example", 5, "192.0.2.6")});
  facts.sts = sts(Mode::enforce, {"mx.example"});
  const auto waits = outcome(decide(facts));
  EXPECT_EQ(waits.verdict, Verdict::retry);
  EXPECT_EQ(waits.status.text(), "4.7.5");
  EXPECT_EQ(waits.text,
            "the MTA-STS policy of x.example names none of its mail hosts (evil.example)");
}

TEST(MxRoute, APolicyInTestIsToldButNotActedOn) {
  auto facts = facts_with({host("evil.example", 5, "192.0.2.6")});
  facts.sts = sts(Mode::testing, {"mx.example"});
  const auto decision = decide(facts);
  EXPECT_EQ(candidates(decision).at(0).tls.policy, TlsPolicy::may);
  EXPECT_FALSE(candidates(decision).at(0).authentic);
  EXPECT_THAT(decision.failures, SizeIs(1));
  EXPECT_FALSE(candidates(decision).at(0).report_policy);  // it would be counted twice
}

TEST(MxRoute, WhatAPolicyInTestAsksForIsTriedFirst) {
  auto facts = facts_with({host("mx.example", 5, "192.0.2.6")});
  facts.sts = sts(Mode::testing, {"mx.example"});
  const Candidate found = candidates(decide(facts)).at(0);
  EXPECT_EQ(found.tls.policy, TlsPolicy::may);
  ASSERT_TRUE(found.tested);
  EXPECT_EQ(found.tested->policy, TlsPolicy::verify);
  EXPECT_THAT(found.tested->names, ElementsAre("mx.example"));
  EXPECT_EQ(found.report_policy->type, TlsReportPolicy::Type::sts);
}

TEST(MxRoute, APolicyOfNoneChangesNothing) {
  auto facts = facts_with({host("mx.example", 5, "192.0.2.6")});
  facts.sts = sts(Mode::none, {});
  const auto decision = decide(facts);
  EXPECT_EQ(candidates(decision).at(0).tls.policy, TlsPolicy::may);
  EXPECT_THAT(decision.failures, SizeIs(0));
  EXPECT_FALSE(candidates(decision).at(0).tested);
  EXPECT_EQ(candidates(decision).at(0).report_policy->type, TlsReportPolicy::Type::no_policy_found);
}

TEST(MxRoute, DaneComesBeforeMtaSts) {
  auto facts = facts_with({dane_host(State::usable)});
  facts.sts = sts(Mode::enforce, {"another.example"});
  EXPECT_EQ(candidates(decide(facts)).at(0).tls.policy, TlsPolicy::dane);
  facts.hosts = {dane_host(State::bogus)};
  facts.sts = sts(Mode::enforce, {"mx.example"});
  EXPECT_EQ(outcome(decide(facts)).status.text(), "4.7.5");
}

TEST(MxRoute, WhatTheOperatorDecidedStands) {
  for (const TlsPolicy wanted : {TlsPolicy::none, TlsPolicy::verify, TlsPolicy::fingerprint}) {
    auto facts = facts_with({dane_host(State::bogus), dane_host(State::usable)});
    facts.wanted.policy = wanted;
    facts.sts = sts(Mode::enforce, {"another.example"});
    const auto found = candidates(decide(facts));
    ASSERT_THAT(found, SizeIs(2));
    EXPECT_EQ(found[0].tls.policy, wanted);
    EXPECT_EQ(found[1].tls.policy, wanted);
    EXPECT_FALSE(found[1].report_policy);
  }
}

TEST(MxRoute, WhereTheSenderWantsItNoPolicyIsLookedAt) {
  auto facts = facts_with({dane_host(State::bogus), dane_host(State::usable)});
  facts.sts = sts(Mode::enforce, {"another.example"});
  facts.policies = DomainPolicies::ignored;
  const auto decision = decide(facts);
  ASSERT_THAT(candidates(decision), SizeIs(2));
  EXPECT_EQ(candidates(decision)[0].tls.policy, TlsPolicy::may);
  EXPECT_EQ(candidates(decision)[1].tls.policy, TlsPolicy::may);
  EXPECT_FALSE(candidates(decision)[1].authentic);
  EXPECT_FALSE(candidates(decision)[1].report_policy);
  EXPECT_THAT(decision.failures, SizeIs(0));
}

}  // namespace
}  // namespace postern::smtp
