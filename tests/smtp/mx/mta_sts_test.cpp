// MTA-STS against a scripted DNS and an HTTPS server on 127.0.0.1.
#include "smtp/mx/mta_sts.h"

#include <atomic>
#include <cstdlib>

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/smtp/support/dns_responder.h"
#include "tests/smtp/support/network_server.h"
#include "tests/smtp/support/on_context.h"
#include "tests/temporary_directory.h"

namespace postern::smtp::test {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;
using Mode = MtaStsPolicy::Mode;

const std::string good = "version: STSv1\nmode: enforce\nmx: mx.x.example\nmax_age: 86400\n";

std::string ok_with(const std::string& body, const std::string& type = "text/plain") {
  return fmt::format("HTTP/1.1 200 OK\r\nContent-Type: {}\r\nContent-Length: {}\r\n\r\n{}", type,
                     body.size(), body);
}

class MtaStsTest : public testing::Test {
 protected:
  MtaStsTest() {
    dns_.txt("_mta-sts.x.example", "v=STSv1; id=1;");
    dns_.a("mta-sts.x.example", "127.0.0.1");
    says(ok_with(good));
  }

  /// What the policy host answers from now on.
  void says(std::string response) {
    const std::scoped_lock lock(mutex_);
    response_ = std::move(response);
  }
  /// As though the record's time to live had passed: a resolver without memory.
  void forget_the_dns() {
    if (resolver_) sts_.reset();
    resolver_.emplace(context_, resolver_options());
  }
  ResolverOptions resolver_options() {
    ResolverOptions options;
    options.forwarders = {dns_.address()};
    return options;
  }
  MtaStsOptions options() {
    MtaStsOptions options;
    options.fetch.port = server_.port();
    options.fetch.ca_file = certificate_.file();
    options.cache_directory = directory_.path();
    return options;
  }
  MtaStsAnswer policy() {
    if (!resolver_) forget_the_dns();
    if (!sts_) sts_.emplace(context_, *resolver_, options());
    return run(context_, sts_->policy("x.example"));
  }
  /// The failure of a fetch that brings no policy.
  MtaStsFetchFailure failure() {
    const MtaStsAnswer answer = policy();
    EXPECT_FALSE(answer.policy);
    EXPECT_TRUE(answer.failure);
    return answer.failure.value_or(MtaStsFetchFailure{});
  }
  void serve(Peer& peer) {
    peer.start_tls(certificate_);
    std::string request;
    for (std::string line = peer.line(); !line.empty(); line = peer.line()) request += line + '\n';
    std::string response;
    {
      const std::scoped_lock lock(mutex_);
      request_ = request;
      response = response_;
    }
    if (!response.empty()) {
      peer.say(response);
    } else {
      peer.line();  // silence until the client leaves
    }
  }

  postern::test::TemporaryDirectory directory_;
  Certificate certificate_{"DNS:mta-sts.x.example"};
  std::mutex mutex_;
  std::string response_;
  std::string request_;
  DnsResponder dns_;
  NetworkServer server_{[this](Peer& peer, int) { serve(peer); }};
  asio::io_context context_;
  std::optional<Resolver> resolver_;
  std::optional<MtaSts> sts_;
};

TEST_F(MtaStsTest, FetchesThePolicyAndKeepsIt) {
  const MtaStsAnswer first = policy();
  ASSERT_TRUE(first.policy);
  EXPECT_EQ(first.policy->mode, Mode::enforce);
  EXPECT_THAT(first.policy->mx, ElementsAre("mx.x.example"));
  EXPECT_FALSE(first.failure);
  EXPECT_THAT(request_, StartsWith("GET /.well-known/mta-sts.txt HTTP/1.1\n"));
  EXPECT_THAT(request_, HasSubstr(fmt::format("Host: mta-sts.x.example:{}\n", server_.port())));
  EXPECT_EQ(policy().policy, first.policy);
  EXPECT_EQ(server_.connections(), 1);
}

TEST_F(MtaStsTest, ADomainWithoutRecordHasNoPolicyAndCostsNoFetch) {
  dns_.answer("_mta-sts.x.example", DnsType::txt, {3, {}, {}, {}});
  const MtaStsAnswer answer = policy();
  EXPECT_FALSE(answer.policy);
  EXPECT_FALSE(answer.failure);
  EXPECT_EQ(server_.connections(), 0);
}

TEST_F(MtaStsTest, SurvivesARestartWithoutAnotherFetch) {
  policy();
  sts_.reset();
  EXPECT_TRUE(policy().policy);
  EXPECT_EQ(server_.connections(), 1);
}

TEST_F(MtaStsTest, FetchesAgainWhenTheIdChanges) {
  policy();
  dns_.answer("_mta-sts.x.example", DnsType::txt, {0, {"\x0Ev=STSv1; id=2;"}, {}, {}});
  says(ok_with("version: STSv1\nmode: none\nmax_age: 86400\n"));
  forget_the_dns();
  EXPECT_EQ(policy().policy->mode, Mode::none);
  EXPECT_EQ(server_.connections(), 2);
}

TEST_F(MtaStsTest, KeepsAnUnexpiredPolicyWhenTheRecordVanishes) {
  policy();
  for (const int response_code : {3, 2}) {
    dns_.answer("_mta-sts.x.example", DnsType::txt, {response_code, {}, {}, {}});
    forget_the_dns();
    EXPECT_TRUE(policy().policy);
  }
}

TEST_F(MtaStsTest, KeepsAnUnexpiredPolicyWhenTheFetchFails) {
  policy();
  dns_.answer("_mta-sts.x.example", DnsType::txt, {0, {"\x0Ev=STSv1; id=2;"}, {}, {}});
  says("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
  forget_the_dns();
  const MtaStsAnswer answer = policy();
  ASSERT_TRUE(answer.policy);
  EXPECT_EQ(answer.policy->mode, Mode::enforce);
  ASSERT_TRUE(answer.failure);
  EXPECT_EQ(answer.failure->reason, "HTTP status 404");
}

TEST_F(MtaStsTest, DoesNotTryAFailedFetchAgainForAWhile) {
  says("HTTP/1.1 500 Sorry\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(failure().type, TlsFailureType::sts_policy_fetch_error);
  says(ok_with(good));
  EXPECT_EQ(failure().reason, "HTTP status 500");
  EXPECT_EQ(server_.connections(), 1);
}

TEST_F(MtaStsTest, ManyWhoAskAtOnceShareOneFetch) {
  using namespace asio::experimental::awaitable_operators;
  forget_the_dns();
  sts_.emplace(context_, *resolver_, options());
  const auto ask = [&] { return sts_->policy("x.example"); };
  const auto [first, second, third] = run(context_, ask() && ask() && ask());
  EXPECT_TRUE(first.policy && second.policy && third.policy);
  EXPECT_EQ(server_.connections(), 1);
}

// What is not accepted

TEST_F(MtaStsTest, DoesNotFollowRedirects) {
  says("HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(failure().reason, "HTTP status 302");
  EXPECT_EQ(server_.connections(), 1);
}

TEST_F(MtaStsTest, RefusesAnotherMediaType) {
  says(ok_with(good, "text/html"));
  EXPECT_EQ(failure().reason, "media type \"text/html\"");
}

TEST_F(MtaStsTest, TakesAMediaTypeWithParameters) {
  says(ok_with(good, "Text/Plain; charset=utf-8"));
  EXPECT_TRUE(policy().policy);
}

TEST_F(MtaStsTest, RefusesAnInvalidPolicy) {
  says(ok_with("version: STSv1\nmode: enforce\nmax_age: 1\n"));
  const auto refused = failure();
  EXPECT_EQ(refused.type, TlsFailureType::sts_policy_invalid);
  EXPECT_THAT(refused.reason, HasSubstr("no mx"));
}

TEST_F(MtaStsTest, StopsReadingBehind64KiB) {
  says(ok_with(good + std::string(200'000, '\n')));
  EXPECT_EQ(failure().reason, "more than 64 KiB");
}

TEST_F(MtaStsTest, StopsReadingEndlessHeaders) {
  std::string response = "HTTP/1.1 200 OK\r\n";
  for (int header = 0; header < 2'000; ++header)
    response += "X-Pad: " + std::string(80, 'x') + "\r\n";
  says(response);
  EXPECT_EQ(failure().reason, "more than 64 KiB");
}

TEST_F(MtaStsTest, RefusesACertificateForAnotherName) {
  dns_.txt("_mta-sts.y.example", "v=STSv1; id=1;");
  dns_.a("mta-sts.y.example", "127.0.0.1");
  forget_the_dns();
  sts_.emplace(context_, *resolver_, options());
  const MtaStsAnswer answer = run(context_, sts_->policy("y.example"));
  EXPECT_FALSE(answer.policy);
  ASSERT_TRUE(answer.failure);
  EXPECT_EQ(answer.failure->type, TlsFailureType::sts_webpki_invalid);
}

TEST_F(MtaStsTest, RefusesACertificateNobodyTrusts) {
  forget_the_dns();
  MtaStsOptions strict = options();
  strict.fetch.ca_file.clear();
  sts_.emplace(context_, *resolver_, strict);
  EXPECT_EQ(failure().type, TlsFailureType::sts_webpki_invalid);
}

TEST_F(MtaStsTest, GivesAPolicyHostOnlySoMuchTime) {
  says("");
  forget_the_dns();
  MtaStsOptions quick = options();
  quick.fetch.timeout = 200ms;
  sts_.emplace(context_, *resolver_, quick);
  EXPECT_THAT(failure().reason, HasSubstr("timed out"));
}

TEST_F(MtaStsTest, TakesNoProxyFromTheEnvironment) {
  ::setenv("https_proxy", "http://127.0.0.1:1", 1);
  ::setenv("ALL_PROXY", "http://127.0.0.1:1", 1);
  EXPECT_TRUE(policy().policy);
  ::unsetenv("https_proxy");
  ::unsetenv("ALL_PROXY");
}

TEST_F(MtaStsTest, APolicyHostWithoutAddressIsAFetchFailure) {
  dns_.answer("mta-sts.x.example", DnsType::a, {3, {}, {}, {}});
  EXPECT_EQ(failure().reason, "mta-sts.x.example has no address");
}

TEST_F(MtaStsTest, StoppedItEndsAFetchAtOnce) {
  says("");
  forget_the_dns();
  sts_.emplace(context_, *resolver_, options());
  asio::steady_timer soon(context_, 100ms);
  soon.async_wait([this](const auto&) { sts_->stop(); });
  EXPECT_EQ(failure().reason, "the fetch was stopped");
}

}  // namespace
}  // namespace postern::smtp::test
