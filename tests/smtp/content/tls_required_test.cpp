// TLS-Required: No (RFC 8689 §3): the field in a header, and delivery by MX of messages that bear
// it beside those that do not.
#include "smtp/tls_required.h"

#include <future>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/smtp/support/dnssec_server.h"
#include "tests/smtp/support/mx_domain.h"
#include "tests/smtp/support/scripted_server.h"
#include "tests/unavailable.h"

namespace postern::smtp::test {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using Arrival = TlsMailHost::Arrival;

bool says_no(const std::string& message) {
  return tls_required_no(TextSource(message));
}

TEST(TlsRequired, IsReadFromTheHeaderWhateverItsCaseAndFolding) {
  EXPECT_TRUE(says_no("Subject: x\r\nTLS-Required: No\r\nTo: a@b\r\n\r\nbody\r\n"));
  EXPECT_TRUE(says_no("tls-required:no\n\nbody\n"));
  EXPECT_TRUE(says_no("TLS-REQUIRED:\r\n NO \r\n\r\n"));
  EXPECT_TRUE(says_no("Subject: " + std::string(9000, 'x') + "\r\nTLS-Required: No\r\n\r\n"));
  EXPECT_TRUE(says_no("TLS-Required: No"));
}

TEST(TlsRequired, HasNoOtherValueAndNoOtherPlace) {
  EXPECT_FALSE(says_no(""));
  EXPECT_FALSE(says_no("Subject: x\r\n\r\nTLS-Required: No\r\n"));
  EXPECT_FALSE(says_no("TLS-Required: Yes\r\n\r\n"));
  EXPECT_FALSE(says_no("TLS-Required: No way\r\n\r\n"));
  EXPECT_FALSE(says_no("TLS-Required:\r\n\r\n"));
  EXPECT_FALSE(says_no("X-TLS-Required: No\r\n\r\n"));
  EXPECT_FALSE(says_no("Subject: x\r\n TLS-Required: No\r\n\r\n"));
  EXPECT_FALSE(says_no("TLS-Required: No" + std::string(2000, ' ') + "x\r\n\r\n"));
}

TEST(TlsRequired, MeansNothingWhereItIsRepeated) {
  EXPECT_FALSE(says_no("TLS-Required: No\r\nTLS-Required: No\r\n\r\n"));
}

TEST(TlsRequired, ReadsNoFurtherThanTheHeader) {
  TextSource source("TLS-Required: No\r\n\r\n" + std::string(100'000, 'x'));
  source.fails_behind = 50'000;
  EXPECT_TRUE(tls_required_no(source));
}

using TlsRequiredDelivery = MxDomainTest;

TEST_F(TlsRequiredDelivery, PolicyHoldsBackOnlyThoseThatDoNotBearTheField) {
  policies_.announce("x.example");
  const Outcome waits = deliver(ordinary());
  EXPECT_EQ(waits.verdict, Verdict::retry);
  EXPECT_EQ(waits.status.text(), "4.7.5");
  EXPECT_EQ(deliver(relaxed()).verdict, Verdict::delivered);
  EXPECT_THAT(host_.arrivals(), ElementsAre(Field(&Arrival::tls, true)));
}

TEST_F(TlsRequiredDelivery, Row74ItsConnectionCarriesNoOrdinaryMessage) {
  policies_.announce("x.example");
  EXPECT_EQ(deliver(relaxed()).verdict, Verdict::delivered);
  EXPECT_EQ(deliver(ordinary()).verdict, Verdict::retry);
  EXPECT_EQ(deliver(relaxed()).verdict, Verdict::delivered);
  EXPECT_EQ(deliver(ordinary()).verdict, Verdict::retry);
  EXPECT_THAT(host_.arrivals(),
              ElementsAre(Field(&Arrival::connection, 0), Field(&Arrival::connection, 0)));
  EXPECT_GE(server_.connections(), 2);  // for the ordinary ones there was another
}

TEST_F(TlsRequiredDelivery, MessagesOfOneMomentGoTheirOwnWays) {
  policies_.announce("x.example");
  client_.emplace(options());
  const auto letter = std::make_shared<TextSource>("Subject: x\r\n\r\n");
  std::vector<std::promise<Delivery>> delivered(20);
  for (std::size_t number = 0; number < delivered.size(); ++number) {
    client_->start({number % 2 == 0 ? relaxed() : ordinary(), letter},
                   [&, number](Delivery delivery) { delivered[number].set_value(delivery); });
  }
  for (std::size_t number = 0; number < delivered.size(); ++number) {
    EXPECT_EQ(delivered[number].get_future().get().recipients.at(0).verdict,
              number % 2 == 0 ? Verdict::delivered : Verdict::retry);
  }
  EXPECT_THAT(host_.arrivals(), SizeIs(10));
}

TEST_F(TlsRequiredDelivery, GoesInTheClearWhereThereIsNoTls) {
  policies_.announce("x.example");
  TlsMailHost clear(nullptr);
  const NetworkServer server(clear.play(), "127.0.0.3", server_);
  move_host("127.0.0.3");
  EXPECT_EQ(deliver(ordinary()).status.text(), "4.7.4");
  EXPECT_EQ(deliver(relaxed()).verdict, Verdict::delivered);
  EXPECT_THAT(clear.arrivals(), ElementsAre(Field(&Arrival::tls, false)));
}

TEST_F(TlsRequiredDelivery, HostsThatThePolicyDoesNotNameWillDo) {
  policies_.announce("x.example");
  policies_.says(sts_policy("enforce", "other.x.example"));
  EXPECT_EQ(deliver(ordinary()).status.text(), "4.7.5");
  EXPECT_EQ(deliver(relaxed()).verdict, Verdict::delivered);
}

TEST_F(TlsRequiredDelivery, LiftsTheOperatorsDemandsByMx) {
  for (const TlsPolicy wanted : {TlsPolicy::verify, TlsPolicy::encrypt}) {
    ClientOptions demanding = options();
    demanding.tls = wanted;
    client_.emplace(demanding);
    EXPECT_EQ(deliver(relaxed()).verdict, Verdict::delivered);
  }
  ClientOptions demanding = options();
  demanding.tls = TlsPolicy::verify;
  client_.emplace(demanding);
  EXPECT_EQ(deliver(ordinary()).verdict, Verdict::retry);
}

TEST_F(TlsRequiredDelivery, DoesNotBringTlsWhereTheOperatorWantsNone) {
  ClientOptions none = options();
  none.tls = TlsPolicy::none;
  client_.emplace(none);
  EXPECT_EQ(deliver(relaxed()).verdict, Verdict::delivered);
  EXPECT_THAT(host_.arrivals(), ElementsAre(Field(&Arrival::tls, false)));
}

TEST_F(TlsRequiredDelivery, RequireTlsBeatsIt) {
  policies_.announce("x.example");
  Envelope both = relaxed();
  both.require_tls = true;
  EXPECT_EQ(deliver(both).verdict, Verdict::retry);
  EXPECT_THAT(host_.arrivals(), IsEmpty());
  TlsMailHost good_host(&right_, "250-REQUIRETLS\r\n");
  const NetworkServer good_server(good_host.play(), "127.0.0.2", server_);
  move_host("127.0.0.2");
  client_.emplace(options());
  EXPECT_EQ(deliver(both).verdict, Verdict::delivered);
  EXPECT_THAT(good_host.arrivals(), ElementsAre(Field(&Arrival::from, HasSubstr("REQUIRETLS"))));
}

TEST_F(TlsRequiredDelivery, ChangesNothingTowardsARelay) {
  ClientOptions options;
  options.relay = Relay::parse(fmt::format("smtp://127.0.0.1:{}", server_.port()));
  options.tls = TlsPolicy::verify;
  options.ca_file = authority_.file();
  client_.emplace(options);
  EXPECT_EQ(deliver(relaxed()).verdict, Verdict::retry);
  options.tls = TlsPolicy::may;
  client_.emplace(options);
  EXPECT_EQ(deliver(ordinary()).verdict, Verdict::delivered);
  EXPECT_EQ(deliver(relaxed()).verdict, Verdict::delivered);
  EXPECT_THAT(host_.arrivals(),
              ElementsAre(Field(&Arrival::connection, 1), Field(&Arrival::connection, 1)));
}

TEST_F(TlsRequiredDelivery, TlsaRecordsHoldBackOnlyThoseThatDoNotBearTheField) {
  if (!DnssecServer::installed()) {
    POSTERN_UNAVAILABLE() << "NSD or ldnsutils is not installed";
  }
  const std::string tlsa = fmt::format("_{}._tcp.mx IN TLSA 3 1 1 ", server_.port());
  const DnssecServer dnssec(
      {{"mismatch.example",
        "@ IN MX 10 mx\nmx IN A 127.0.0.1\n" + tlsa + right_.key_fingerprint() + '\n',
        Zone::Signing::good,
        {}},
       {"forged.example",
        "@ IN MX 10 mx\nmx IN A 127.0.0.1\n" + tlsa + std::string(64, 'b') + '\n',
        Zone::Signing::good,
        {{std::string(64, 'b'), std::string(64, 'c')}}}});
  ClientOptions with_dane = options();
  with_dane.mx->mta_sts = false;
  with_dane.mx->dns_servers = {dnssec.address()};
  with_dane.mx->trust_anchor_file = dnssec.trust_anchor_file();
  client_.emplace(with_dane);
  for (const char* domain : {"mismatch.example", "forged.example"}) {
    EXPECT_EQ(deliver(relaxed(domain)).verdict, Verdict::delivered) << domain;
    const Outcome waits = deliver(ordinary(domain));
    EXPECT_EQ(waits.verdict, Verdict::retry) << domain;
    EXPECT_EQ(waits.status.text(), "4.7.5") << domain;
    EXPECT_EQ(deliver(relaxed(domain)).verdict, Verdict::delivered) << domain;
  }
  EXPECT_THAT(host_.arrivals(), SizeIs(4));
  EXPECT_THAT(host_.arrivals(), Each(Field(&Arrival::tls, true)));
}

}  // namespace
}  // namespace postern::smtp::test
