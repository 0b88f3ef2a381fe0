// The router against a scripted DNS and an HTTPS server on 127.0.0.1.
#include <stdexcept>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "smtp/mx/router.h"
#include "smtp/tls_report/json.h"
#include "tests/smtp/support/dns_responder.h"
#include "tests/smtp/support/network_server.h"
#include "tests/smtp/support/on_context.h"

namespace postern::smtp::test {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

class MxRouterTest : public testing::Test {
 protected:
  MxRouterOptions options() {
    MxRouterOptions options;
    options.dns.forwarders = {dns_.address()};
    options.own = {};
    options.random_below = [](std::size_t bound) { return bound - 1; };
    options.report = &report_;
    return options;
  }
  MxRouter::Route route(const std::string& domain, TlsPolicy wanted = TlsPolicy::may) {
    if (!router_) router_.emplace(context_, options());
    const TlsRequirement requirement{wanted, {}, {}, {}};
    return run(context_, router_->candidates(domain, requirement));
  }
  /// "name[address]" of each.
  std::vector<std::string> hosts(const std::string& domain) {
    const auto found = route(domain);
    if (const auto* outcome = std::get_if<Outcome>(&found)) return {outcome->text};
    std::vector<std::string> result;
    for (const Candidate& candidate : std::get<Candidates>(found)) {
      result.push_back(fmt::format("{}[{}]", candidate.name, candidate.address));
    }
    return result;
  }
  Outcome outcome(const std::string& domain) {
    const auto found = route(domain);
    const auto* refused = std::get_if<Outcome>(&found);
    EXPECT_TRUE(refused);
    return refused == nullptr ? Outcome{} : *refused;
  }

  TlsReport report_;
  DnsResponder dns_;
  asio::io_context context_;
  std::optional<MxRouter> router_;
};

TEST_F(MxRouterTest, ListsTheHostsInOrderWithTheirAddresses) {
  dns_.mx("x.example", 20, "backup.x.example");
  dns_.mx("x.example", 10, "mx.x.example");
  dns_.a("mx.x.example", "192.0.2.1");
  dns_.aaaa("mx.x.example", "2001:db8::1");
  dns_.a("backup.x.example", "192.0.2.3");
  EXPECT_THAT(hosts("X.Example"),
              ElementsAre("mx.x.example[2001:db8::1]", "mx.x.example[192.0.2.1]",
                          "backup.x.example[192.0.2.3]"));
}

TEST_F(MxRouterTest, LeavesASwitchedOffFamilyOut) {
  dns_.mx("x.example", 10, "mx.x.example");
  dns_.a("mx.x.example", "192.0.2.1");
  dns_.aaaa("mx.x.example", "2001:db8::1");
  MxRouterOptions only_v4 = options();
  only_v4.ipv6 = false;
  router_.emplace(context_, only_v4);
  EXPECT_THAT(hosts("x.example"), ElementsAre("mx.x.example[192.0.2.1]"));
  EXPECT_EQ(dns_.questions("mx.x.example", DnsType::aaaa), 0);
  EXPECT_EQ(outcome("[IPv6:2001:db8::1]").status.text(), "5.4.4");
}

TEST_F(MxRouterTest, WithoutMxTakesTheDomainsOwnAddress) {
  dns_.a("x.example", "192.0.2.1");
  EXPECT_THAT(hosts("x.example"), ElementsAre("x.example[192.0.2.1]"));
}

TEST_F(MxRouterTest, FindsTheHostsOfAnInternationalDomain) {
  dns_.a("xn--bcher-kva.example", "192.0.2.1");
  EXPECT_THAT(hosts("bücher.example"), ElementsAre("xn--bcher-kva.example[192.0.2.1]"));
}

TEST_F(MxRouterTest, AddressLiteralsAskNobody) {
  EXPECT_THAT(hosts("[192.0.2.1]"), ElementsAre("192.0.2.1[192.0.2.1]"));
  EXPECT_THAT(hosts("[IPv6:2001:db8::1]"), ElementsAre("2001:db8::1[2001:db8::1]"));
  EXPECT_EQ(outcome("[127.0.0.1]").status.text(), "5.4.6");
}

TEST_F(MxRouterTest, FailsWhatCanNeverBeDelivered) {
  dns_.mx("null.example", 0, "");
  dns_.mx("lost.example", 10, "gone.example");
  const std::pair<const char*, const char*> cases[] = {{"null.example", "5.1.10"},
                                                       {"none.example", "5.1.2"},
                                                       {"lost.example", "5.4.4"},
                                                       {"a b.example", "5.1.3"},
                                                       {"", "5.1.3"},
                                                       {"[1.2.3]", "5.1.3"}};
  for (const auto& [domain, status] : cases) {
    EXPECT_EQ(outcome(domain).verdict, Verdict::failed) << domain;
    EXPECT_EQ(outcome(domain).status.text(), status) << domain;
  }
}

TEST_F(MxRouterTest, RetriesWhatTheDnsMayTellLater) {
  dns_.server_failure("broken.example", DnsType::mx);
  EXPECT_EQ(outcome("broken.example").status.text(), "4.4.3");
  EXPECT_EQ(outcome("broken.example").verdict, Verdict::retry);
  dns_.mx("half.example", 10, "mx.half.example");
  dns_.server_failure("mx.half.example", DnsType::a);
  EXPECT_EQ(outcome("half.example").status.text(), "4.4.4");
  EXPECT_EQ(outcome("half.example").verdict, Verdict::retry);
}

TEST_F(MxRouterTest, OneFamilysFailureDoesNotHideTheOther) {
  dns_.mx("x.example", 10, "mx.x.example");
  dns_.a("mx.x.example", "192.0.2.1");
  dns_.server_failure("mx.x.example", DnsType::aaaa);
  EXPECT_THAT(hosts("x.example"), ElementsAre("mx.x.example[192.0.2.1]"));
}

TEST_F(MxRouterTest, StopsBeforeOurOwnHost) {
  dns_.mx("x.example", 10, "mx.x.example");
  dns_.mx("x.example", 20, "us.example");
  dns_.mx("x.example", 30, "third.x.example");
  dns_.a("mx.x.example", "192.0.2.1");
  dns_.a("us.example", "192.0.2.2");
  dns_.a("third.x.example", "192.0.2.3");
  MxRouterOptions named = options();
  named.own.names = {"US.example"};
  router_.emplace(context_, named);
  EXPECT_THAT(hosts("x.example"), ElementsAre("mx.x.example[192.0.2.1]"));
  MxRouterOptions addressed = options();
  addressed.own.addresses = {asio::ip::make_address("192.0.2.1")};
  router_.emplace(context_, addressed);
  EXPECT_EQ(outcome("x.example").status.text(), "5.4.6");
}

TEST_F(MxRouterTest, RepeatedQuestionsDoNotReachTheDns) {
  dns_.mx("x.example", 10, "mx.x.example");
  dns_.a("mx.x.example", "192.0.2.1");
  for (int repetition = 0; repetition < 50; ++repetition) hosts("x.example");
  EXPECT_EQ(dns_.questions("x.example", DnsType::mx), 1);
  EXPECT_EQ(dns_.questions("mx.x.example", DnsType::a), 1);
}

TEST_F(MxRouterTest, StoppedItAnswersWithARetry) {
  dns_.fault("silent.example", DnsType::mx, DnsReplyScript::Fault::silent);
  router_.emplace(context_, options());
  asio::post(context_, [&] { router_->stop(); });
  const Outcome stopped = outcome("silent.example");
  EXPECT_EQ(stopped.verdict, Verdict::retry);
  EXPECT_EQ(stopped.status.text(), "4.4.3");
}

TEST_F(MxRouterTest, MayGoBeforeThoseWhoWait) {
  dns_.mx("x.example", 10, "mx.x.example");
  dns_.fault("mx.x.example", DnsType::a, DnsReplyScript::Fault::silent);
  std::optional<MxRouter::Route> found;
  {
    MxRouter router(context_, options());
    start(context_, router.candidates("x.example", {}), found);
    // The question may arrive between the look and the wait, which nothing else would end.
    while (dns_.questions("mx.x.example", DnsType::a) == 0) context_.run_one_for(1ms);
    EXPECT_FALSE(found);
  }
  context_.run();
  ASSERT_TRUE(found);
  ASSERT_TRUE(std::holds_alternative<Outcome>(*found));
  EXPECT_EQ(std::get<Outcome>(*found).verdict, Verdict::retry);
  EXPECT_THAT(std::get<Outcome>(*found).text, HasSubstr("stopped"));
}

TEST_F(MxRouterTest, RefusesOptionsThatCannotBeUsed) {
  MxRouterOptions no_family = options();
  no_family.ipv4 = no_family.ipv6 = false;
  EXPECT_THROW(MxRouter(context_, no_family), std::invalid_argument);
  MxRouterOptions strange = options();
  strange.own.names = {"not a name"};
  EXPECT_THROW(MxRouter(context_, strange), std::invalid_argument);
}

// With MTA-STS

class MxRouterWithStsTest : public MxRouterTest {
 protected:
  MxRouterWithStsTest() {
    dns_.mx("x.example", 10, "evil.example");
    dns_.mx("x.example", 20, "mx.x.example");
    dns_.a("evil.example", "192.0.2.66");
    dns_.a("mx.x.example", "192.0.2.1");
    dns_.txt("_mta-sts.x.example", "v=STSv1; id=1;");
    dns_.a("mta-sts.x.example", "127.0.0.1");
    MxRouterOptions with_sts = options();
    with_sts.mta_sts.fetch.port = server_.port();
    with_sts.mta_sts.fetch.ca_file = certificate_.file();
    router_.emplace(context_, with_sts);
  }
  void serve(Peer& peer) {
    peer.start_tls(certificate_);
    while (!peer.line().empty()) continue;
    const std::string body =
        fmt::format("version: STSv1\nmode: {}\nmx: mx.x.example\nmax_age: 86400\n", mode_);
    peer.say(
        fmt::format("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: {}\r\n\r\n{}",
                    body.size(), body));
  }
  std::string report_of_today() {
    const auto today = std::chrono::floor<std::chrono::days>(std::chrono::system_clock::now());
    TlsReport::Days days = report_.take();
    return write_tls_report(today, days[today]["x.example"], {});
  }

  std::string mode_ = "enforce";
  Certificate certificate_{"DNS:mta-sts.x.example"};
  NetworkServer server_{[this](Peer& peer, int) { serve(peer); }};
};

TEST_F(MxRouterWithStsTest, AnEnforcedPolicyIsObeyed) {
  const auto found = std::get<Candidates>(route("x.example"));
  ASSERT_THAT(found, SizeIs(1));
  EXPECT_EQ(found[0].name, "mx.x.example");
  EXPECT_EQ(found[0].tls.policy, TlsPolicy::verify);
  EXPECT_THAT(report_of_today(), HasSubstr("\"receiving-mx-hostname\": \"evil.example\""));
}

TEST_F(MxRouterWithStsTest, APolicyInTestIsOnlyRecorded) {
  mode_ = "testing";
  const auto found = std::get<Candidates>(route("x.example"));
  ASSERT_THAT(found, SizeIs(2));
  EXPECT_EQ(found[0].tls.policy, TlsPolicy::may);
  EXPECT_THAT(report_of_today(), HasSubstr("\"receiving-mx-hostname\": \"evil.example\""));
}

TEST_F(MxRouterWithStsTest, ABrokenPolicyIsRecordedAndMailGoesOn) {
  mode_ = "rubbish";
  EXPECT_THAT(std::get<Candidates>(route("x.example")), SizeIs(2));
  EXPECT_THAT(report_of_today(), HasSubstr("sts-policy-invalid"));
}

TEST_F(MxRouterWithStsTest, WhereTheOperatorDecidedNobodyIsAsked) {
  EXPECT_THAT(std::get<Candidates>(route("x.example", TlsPolicy::fingerprint)), SizeIs(2));
  EXPECT_EQ(dns_.questions("_mta-sts.x.example", DnsType::txt), 0);
}

}  // namespace
}  // namespace postern::smtp::test
