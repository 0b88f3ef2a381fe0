// DNSSEC and DANE against a real server with signed zones. Skipped where NSD and ldnsutils are not
// installed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "smtp/mx/router.h"
#include "smtp/tls_report/json.h"
#include "tests/smtp/support/dnssec_server.h"
#include "tests/smtp/support/on_context.h"
#include "tests/unavailable.h"

namespace postern::smtp::test {
namespace {

using asio::ip::address_v4;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

constexpr const char* signed_records = R"(
dane     IN MX 10 mx
mx       IN A 192.0.2.1
_25._tcp.mx IN TLSA 3 1 1 aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
nodane   IN MX 10 plain
plain    IN A 192.0.2.2
pkix     IN MX 10 pkixmx
pkixmx   IN A 192.0.2.3
_25._tcp.pkixmx IN TLSA 1 1 1 aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
forged   IN MX 10 forgedmx
forged2  IN MX 10 forgedmx
forged2  IN MX 20 mx
forgedmx IN A 192.0.2.4
_25._tcp.forgedmx IN TLSA 3 1 1 bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb
badhost  IN MX 10 badaddress
badaddress IN A 192.0.2.5
mixed    IN MX 10 mx.open.example.
aliased  IN MX 10 alias
alias    IN CNAME mx
alone    IN A 192.0.2.9
_25._tcp.alone IN TLSA 2 0 1 aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
)";

constexpr const char* open_records = R"(
@        IN MX 10 mx
mx       IN A 192.0.2.6
_25._tcp.mx IN TLSA 3 1 1 aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
foreign  IN MX 10 mx.secure.example.
)";

class DnssecTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    if (!DnssecServer::installed()) return;
    server_ = new DnssecServer(
        {{"secure.example",
          signed_records,
          Zone::Signing::good,
          {{std::string(64, 'b'), std::string(64, 'c')}, {"192.0.2.5", "192.0.2.55"}}},
         {"expired.example", "@ IN MX 10 mx\nmx IN A 192.0.2.7\n", Zone::Signing::expired, {}},
         {"open.example", open_records, Zone::Signing::none, {}}});
  }
  static void TearDownTestSuite() {
    delete server_;
    server_ = nullptr;
  }
  void SetUp() override {
    if (server_ == nullptr) {
      POSTERN_UNAVAILABLE() << "NSD or ldnsutils is not installed";
    }
    options_.dns.forwarders = {server_->address()};
    options_.dns.trust_anchor_file = server_->trust_anchor_file();
    options_.own = {};
    options_.mta_sts.enabled = false;
    options_.report = &report_;
  }

  template <class Record>
  DnsAnswer<Record> look_up(const std::string& name) {
    Resolver resolver(context_, options_.dns);
    return run(context_, resolver.look_up<Record>(name));
  }
  MxRouter::Route route(const std::string& domain) {
    if (!router_) router_.emplace(context_, options_);
    return run(context_, router_->candidates(domain, {TlsPolicy::may, {}, {}, {}}));
  }
  Candidate candidate(const std::string& domain) {
    const auto found = route(domain);
    if (const auto* outcome = std::get_if<Outcome>(&found)) ADD_FAILURE() << outcome->text;
    const auto* candidates = std::get_if<Candidates>(&found);
    return candidates == nullptr ? Candidate{} : candidates->at(0);
  }
  Outcome outcome(const std::string& domain) {
    const auto found = route(domain);
    const auto* refused = std::get_if<Outcome>(&found);
    EXPECT_TRUE(refused) << domain;
    return refused == nullptr ? Outcome{} : *refused;
  }

  static inline DnssecServer* server_ = nullptr;
  TlsReport report_;
  MxRouterOptions options_;
  asio::io_context context_;
  std::optional<MxRouter> router_;
};

TEST_F(DnssecTest, AnswersOfASignedZoneAreSecure) {
  const auto mx = look_up<MxRecord>("dane.secure.example");
  EXPECT_EQ(mx.status, DnsStatus::ok);
  EXPECT_TRUE(mx.secure);
  EXPECT_TRUE(look_up<address_v4>("mx.secure.example").secure);
  EXPECT_TRUE(look_up<TlsaRecord>("_25._tcp.mx.secure.example").secure);
}

TEST_F(DnssecTest, SoIsTheAbsenceOfRecordsThere) {
  const auto no_data = look_up<TextRecord>("mx.secure.example");
  EXPECT_EQ(no_data.status, DnsStatus::no_data);
  EXPECT_TRUE(no_data.secure);
  const auto no_name = look_up<TlsaRecord>("_25._tcp.plain.secure.example");
  EXPECT_EQ(no_name.status, DnsStatus::no_such_name);
  EXPECT_TRUE(no_name.secure);
}

TEST_F(DnssecTest, AnswersOfAnUnsignedZoneAreInsecure) {
  const auto tlsa = look_up<TlsaRecord>("_25._tcp.mx.open.example");
  EXPECT_EQ(tlsa.status, DnsStatus::ok);
  EXPECT_FALSE(tlsa.secure);
}

TEST_F(DnssecTest, ForgedAndExpiredRecordsAreBogus) {
  const auto forged = look_up<TlsaRecord>("_25._tcp.forgedmx.secure.example");
  EXPECT_EQ(forged.status, DnsStatus::bogus);
  EXPECT_FALSE(forged.secure);
  EXPECT_THAT(forged.records, SizeIs(0));
  EXPECT_THAT(forged.reason, HasSubstr("_25._tcp.forgedmx.secure.example"));
  EXPECT_EQ(look_up<MxRecord>("expired.example").status, DnsStatus::bogus);
}

TEST_F(DnssecTest, WithoutTrustAnchorNothingIsSecure) {
  options_.dns.trust_anchor_file.clear();
  EXPECT_FALSE(look_up<MxRecord>("dane.secure.example").secure);
  EXPECT_EQ(look_up<MxRecord>("expired.example").status, DnsStatus::ok);
  EXPECT_EQ(candidate("dane.secure.example").tls.policy, TlsPolicy::may);
}

// DANE

TEST_F(DnssecTest, AHostWithSecureTlsaRecordsIsHeldToThem) {
  const Candidate found = candidate("dane.secure.example");
  EXPECT_EQ(found.tls.policy, TlsPolicy::dane);
  EXPECT_THAT(found.tls.tlsa,
              ElementsAre(TlsaRecord{3, 1, 1, std::vector<std::byte>(32, std::byte{0xAA})}));
  EXPECT_THAT(found.tls.names, ElementsAre("mx.secure.example", "dane.secure.example"));
  EXPECT_TRUE(found.authentic);
}

TEST_F(DnssecTest, ADomainWithoutMxMayHaveTlsaRecordsItself) {
  const Candidate found = candidate("alone.secure.example");
  EXPECT_EQ(found.tls.policy, TlsPolicy::dane);
  EXPECT_THAT(found.tls.names, ElementsAre("alone.secure.example"));
}

TEST_F(DnssecTest, TlsaRecordsLieWhereAliasesLead) {
  const Candidate found = candidate("aliased.secure.example");
  EXPECT_EQ(found.name, "alias.secure.example");
  EXPECT_EQ(found.tls.policy, TlsPolicy::dane);
  EXPECT_THAT(found.tls.names,
              ElementsAre("mx.secure.example", "alias.secure.example", "aliased.secure.example"));
}

TEST_F(DnssecTest, WhereTlsaRecordsAreSecurelyAbsentTlsIsAsTheCallerWants) {
  const Candidate found = candidate("nodane.secure.example");
  EXPECT_EQ(found.tls.policy, TlsPolicy::may);
  EXPECT_TRUE(found.authentic);
}

TEST_F(DnssecTest, UnusableTlsaRecordsAskForTlsAlone) {
  EXPECT_EQ(candidate("pkix.secure.example").tls.policy, TlsPolicy::encrypt);
}

TEST_F(DnssecTest, InsecureTlsaRecordsDoNotCount) {
  EXPECT_EQ(candidate("open.example").tls.policy, TlsPolicy::may);
  EXPECT_EQ(candidate("mixed.secure.example").tls.policy, TlsPolicy::may);
}

TEST_F(DnssecTest, SecureTlsaRecordsBehindInsecureMxDoNotCount) {
  const Candidate found = candidate("foreign.open.example");
  EXPECT_EQ(found.tls.policy, TlsPolicy::may);
  EXPECT_FALSE(found.authentic);
}

TEST_F(DnssecTest, AHostWithBogusTlsaRecordsIsNotTalkedTo) {
  const Outcome waits = outcome("forged.secure.example");
  EXPECT_EQ(waits.verdict, Verdict::retry);
  EXPECT_EQ(waits.status.text(), "4.7.5");
  EXPECT_THAT(waits.text, HasSubstr("forgedmx.secure.example"));
  const auto today = std::chrono::floor<std::chrono::days>(std::chrono::system_clock::now());
  TlsReport::Days days = report_.take();
  EXPECT_THAT(write_tls_report(today, days[today]["forged.secure.example"], {}),
              HasSubstr("dnssec-invalid"));
  EXPECT_EQ(candidate("forged2.secure.example").name, "mx.secure.example");
}

TEST_F(DnssecTest, BogusMxAndAddressRecordsAreNotUsed) {
  const Outcome mx = outcome("expired.example");
  EXPECT_EQ(mx.verdict, Verdict::retry);
  EXPECT_EQ(mx.status.text(), "4.7.5");
  const Outcome address = outcome("badhost.secure.example");
  EXPECT_EQ(address.verdict, Verdict::retry);
  EXPECT_EQ(address.status.text(), "4.4.4");
}

}  // namespace
}  // namespace postern::smtp::test
