// What a client by MX leaves in its TLS reports (RFC 8460), type by type.
#include <filesystem>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "smtp/tls_report/files.h"
#include "smtp/tls_report/json.h"
#include "tests/smtp/support/dnssec_server.h"
#include "tests/smtp/support/mx_domain.h"
#include "tests/smtp/support/scripted_server.h"
#include "tests/unavailable.h"

namespace postern::smtp::test {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

class TlsReporting : public MxDomainTest {
 protected:
  TlsReporting() {
    std::string name = testing::TempDir() + "postern-tls-reporting-XXXXXX";
    directory_ = mkdtemp(name.data());
  }
  ~TlsReporting() override {
    client_.reset();
    fs::remove_all(directory_);
  }
  ClientOptions reporting() {
    ClientOptions reporting = options();
    reporting.mx->tls_report_directory = directory_;
    return reporting;
  }
  /// By a client of its own, whose reports are kept when this returns.
  Outcome deliver_once(const ClientOptions& with, const Envelope& envelope = ordinary()) {
    client_.emplace(with);
    Outcome outcome = deliver(envelope);
    client_.reset();
    return outcome;
  }
  Outcome deliver_once() { return deliver_once(reporting()); }
  /// Like deliver_once, where mx.x.example is a host that shows this certificate.
  Outcome deliver_to(const Certificate* certificate) {
    TlsMailHost host(certificate);
    return deliver_to(host.play());
  }
  Outcome deliver_to(NetworkServer::Play play) {
    // Where a server has closed a connection its port stays taken for a while.
    const std::string address = fmt::format("127.0.0.{}", ++last_address_);
    const NetworkServer server(std::move(play), address, server_);
    move_host(address);
    return deliver_once();
  }
  TlsReport::Domain kept(const std::string& domain = "x.example") const {
    TlsReport::Domain all;
    for (const auto& entry : fs::directory_iterator(directory_)) {
      const auto day = parse_date(entry.path().filename().string());
      if (!day) continue;
      merge(all, TlsReportFiles(directory_, {}).read(*day, domain).value_or(TlsReport::Domain()));
    }
    return all;
  }
  /// "sts 2/1 certificate-expired": successes, failures and their types, for each policy.
  std::vector<std::string> told(const std::string& domain = "x.example") const {
    static constexpr const char* types[] = {"tlsa", "sts", "none"};
    std::vector<std::string> lines;
    for (const auto& [policy, counts] : kept(domain)) {
      std::string line = fmt::format("{} {}/{}", types[static_cast<int>(policy.type)],
                                     counts.successes, counts.failures);
      for (const auto& [failure, sessions] : counts.details) {
        line += fmt::format(" {}", name(failure.type));
      }
      lines.push_back(line);
    }
    return lines;
  }
  std::string directory_;
  int last_address_ = 1;
};

TEST_F(TlsReporting, NothingIsKeptWhereNoDirectoryIsGiven) {
  policies_.announce("x.example");
  deliver_once(options());
  EXPECT_TRUE(fs::is_empty(directory_));
}

TEST_F(TlsReporting, CountsConnectionsUnderThePolicyNotMessages) {
  policies_.announce("x.example");
  TlsMailHost host(&right_);
  const NetworkServer server(host.play(), "127.0.0.2", server_);
  move_host("127.0.0.2");
  client_.emplace(reporting());
  EXPECT_EQ(deliver(ordinary()).verdict, Verdict::delivered);
  EXPECT_EQ(deliver(ordinary()).verdict, Verdict::delivered);
  client_.reset();
  EXPECT_THAT(told(), ElementsAre("sts 1/0"));
  const TlsReportPolicy policy = kept().begin()->first;
  EXPECT_EQ(policy.domain, "x.example");
  EXPECT_THAT(policy.mx_hosts, ElementsAre("mx.x.example"));
  EXPECT_THAT(policy.strings, testing::Contains("mode: enforce"));
}

TEST_F(TlsReporting, TellsWhoFailedHow) {
  policies_.announce("x.example");
  EXPECT_EQ(deliver_once().verdict, Verdict::retry);
  const TlsReport::Domain domain = kept();
  ASSERT_EQ(domain.size(), 1U);
  ASSERT_EQ(domain.begin()->second.details.size(), 1U);
  const TlsFailure failure = domain.begin()->second.details.begin()->first;
  EXPECT_EQ(failure.type, TlsFailureType::certificate_host_mismatch);
  EXPECT_EQ(failure.receiving_mx_hostname, "mx.x.example");
  EXPECT_EQ(failure.receiving_mx_helo, "mail.example");
  EXPECT_EQ(failure.receiving_ip, "127.0.0.1");
  EXPECT_EQ(failure.sending_mta_ip, "127.0.0.1");
  EXPECT_THAT(failure.failure_reason_code, testing::HasSubstr("ostname mismatch"));
}

TEST_F(TlsReporting, KnowsWhyAPolicyWasNotMet) {
  policies_.announce("x.example");
  const Certificate expired("DNS:mx.x.example", -1, &authority_);
  const Certificate untrusted("DNS:mx.x.example");
  EXPECT_EQ(deliver_to(&expired).verdict, Verdict::retry);
  EXPECT_THAT(told(), ElementsAre("sts 0/1 certificate-expired"));
  EXPECT_EQ(deliver_to(&untrusted).verdict, Verdict::retry);
  EXPECT_THAT(told(), ElementsAre("sts 0/2 certificate-expired certificate-not-trusted"));
  EXPECT_EQ(deliver_to(nullptr).verdict, Verdict::retry);
  EXPECT_THAT(told(), ElementsAre("sts 0/3 starttls-not-supported certificate-expired "
                                  "certificate-not-trusted"));
}

TEST_F(TlsReporting, StarttlsThatIsRefusedOrBrokenIsAFailure) {
  policies_.announce("x.example");
  const auto after_starttls = [](const std::string& answer) {
    return [answer](Peer& peer, int) {
      peer.greet("250-mail.example\r\n250 STARTTLS\r\n");
      peer.line();
      peer.say(answer);
      peer.close();
    };
  };
  EXPECT_EQ(deliver_to(after_starttls("454 4.7.0 not now\r\n")).verdict, Verdict::retry);
  EXPECT_THAT(told(), ElementsAre("sts 0/1 starttls-not-supported"));
  EXPECT_EQ(deliver_to(after_starttls("220 go\r\nwhat?\r\n")).verdict, Verdict::retry);
  EXPECT_THAT(told(), ElementsAre("sts 0/2 starttls-not-supported validation-failure"));
}

TEST_F(TlsReporting, WhatIsNoMatterOfTlsIsNotCounted) {
  policies_.announce("x.example");
  move_host("127.0.0.3");  // no server is there
  EXPECT_EQ(deliver_once().verdict, Verdict::retry);
  EXPECT_EQ(deliver_to([](Peer& peer, int) { peer.say("554 no\r\n"); }).verdict, Verdict::retry);
  EXPECT_THAT(told(), IsEmpty());
}

TEST_F(TlsReporting, PolicyInTestIsTriedAndDoesNotHinderDelivery) {
  policies_.announce("x.example");
  policies_.says(sts_policy("testing", "mx.x.example"));
  EXPECT_EQ(deliver_once().verdict, Verdict::delivered);
  EXPECT_THAT(told(), ElementsAre("sts 0/1 certificate-host-mismatch"));
  EXPECT_THAT(host_.arrivals(), ElementsAre(testing::Field(&TlsMailHost::Arrival::tls, true)));
  EXPECT_EQ(deliver_to(nullptr).verdict, Verdict::delivered);
  EXPECT_THAT(told(), ElementsAre("sts 0/2 starttls-not-supported certificate-host-mismatch"));
  EXPECT_EQ(deliver_to(&right_).verdict, Verdict::delivered);
  EXPECT_THAT(told(), ElementsAre("sts 1/2 starttls-not-supported certificate-host-mismatch"));
}

TEST_F(TlsReporting, WithoutReportsAPolicyInTestCostsNoConnection) {
  policies_.announce("x.example");
  policies_.says(sts_policy("testing", "mx.x.example"));
  EXPECT_EQ(deliver_once(options()).verdict, Verdict::delivered);
  EXPECT_EQ(server_.connections(), 1);
}

TEST_F(TlsReporting, WithoutPolicyItTellsWhetherThereWasTls) {
  EXPECT_EQ(deliver_once().verdict, Verdict::delivered);
  EXPECT_THAT(told(), ElementsAre("none 1/0"));
  EXPECT_EQ(deliver_to(nullptr).verdict, Verdict::delivered);
  EXPECT_THAT(told(), ElementsAre("none 1/1 starttls-not-supported"));
}

TEST_F(TlsReporting, PoliciesThatCannotBeHadAreTold) {
  policies_.announce("x.example");
  policies_.says("rubbish");
  EXPECT_EQ(deliver_once().verdict, Verdict::delivered);
  EXPECT_THAT(told(), UnorderedElementsAre("none 1/0", "sts 0/1 sts-policy-invalid"));
  for (const char* domain : {"unknown.example", "forged.example"}) {
    dns_.mx(domain, 10, "mx.x.example");
    policies_.announce(domain);
  }
  dns_.no_data("mta-sts.unknown.example", DnsType::a);
  EXPECT_EQ(deliver_once(reporting(), ordinary("unknown.example")).verdict, Verdict::delivered);
  EXPECT_THAT(told("unknown.example"),
              UnorderedElementsAre("none 1/0", "sts 0/1 sts-policy-fetch-error"));
  EXPECT_EQ(deliver_once(reporting(), ordinary("forged.example")).verdict, Verdict::delivered);
  EXPECT_THAT(told("forged.example"),
              UnorderedElementsAre("none 1/0", "sts 0/1 sts-webpki-invalid"));
}

TEST_F(TlsReporting, MessagesThatIgnorePoliciesSayNothingOfThem) {
  policies_.announce("x.example");
  EXPECT_EQ(deliver_once(reporting(), relaxed()).verdict, Verdict::delivered);
  ClientOptions verifying = reporting();
  verifying.tls = TlsPolicy::verify;
  EXPECT_EQ(deliver_once(verifying).verdict, Verdict::retry);
  EXPECT_THAT(told(), IsEmpty());
}

TEST_F(TlsReporting, SurvivesRestartsAndCompanions) {
  EXPECT_EQ(deliver_once().verdict, Verdict::delivered);
  Client companion(reporting());
  client_.emplace(reporting());
  static const TextSource letter("Subject: x\r\n\r\n");
  EXPECT_EQ(companion.deliver(ordinary(), letter).recipients.at(0).verdict, Verdict::delivered);
  EXPECT_EQ(deliver(ordinary()).verdict, Verdict::delivered);
  client_.reset();
  EXPECT_THAT(told(), ElementsAre("none 2/0"));
}

TEST_F(TlsReporting, TlsaRecordsAreToldOf) {
  if (!DnssecServer::installed()) {
    POSTERN_UNAVAILABLE() << "NSD or ldnsutils is not installed";
  }
  const std::string host = "@ IN MX 10 mx\nmx IN A 127.0.0.1\n";
  const std::string tlsa = fmt::format("_{}._tcp.mx IN TLSA ", server_.port());
  const std::string forged(64, 'b');
  const DnssecServer dnssec({{"match.example",
                              host + tlsa + "3 1 1 " + wrong_.key_fingerprint() + '\n',
                              Zone::Signing::good,
                              {}},
                             {"mismatch.example",
                              host + tlsa + "3 1 1 " + right_.key_fingerprint() + '\n',
                              Zone::Signing::good,
                              {}},
                             {"name.example",
                              host + tlsa + "2 0 1 " + authority_.fingerprint() + '\n',
                              Zone::Signing::good,
                              {}},
                             {"unusable.example",
                              host + tlsa + "1 1 1 " + right_.key_fingerprint() + '\n',
                              Zone::Signing::good,
                              {}},
                             {"forged.example",
                              host + tlsa + "3 1 1 " + forged + '\n',
                              Zone::Signing::good,
                              {{forged, std::string(64, 'c')}}}});
  ClientOptions with_dane = reporting();
  with_dane.mx->mta_sts = false;
  with_dane.mx->dns_servers = {dnssec.address()};
  with_dane.mx->trust_anchor_file = dnssec.trust_anchor_file();
  const std::pair<const char*, const char*> cases[] = {
      {"match.example", "tlsa 1/0"},
      {"mismatch.example", "tlsa 0/1 tlsa-invalid"},
      {"name.example", "tlsa 0/1 certificate-host-mismatch"},
      {"unusable.example", "tlsa 0/1 tlsa-invalid"},
      {"forged.example", "tlsa 0/1 dnssec-invalid"}};
  for (const auto& [domain, report] : cases) {
    deliver_once(with_dane, ordinary(domain));
    EXPECT_THAT(told(domain), ElementsAre(report)) << domain;
  }
}

}  // namespace
}  // namespace postern::smtp::test
