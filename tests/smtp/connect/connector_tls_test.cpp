// TLS policies of the connector against servers on 127.0.0.1 (smtp-transactions.md rows 11, 14–19,
// 74).
#include <mutex>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/smtp/support/connecting.h"

namespace postern::smtp::test {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::AnyOf;
using testing::Contains;
using testing::Each;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr std::string_view with_starttls = "250-test.example\r\n250 STARTTLS\r\n";

ClientOptions trusting(const Certificate& certificate) {
  ClientOptions options;
  options.ca_file = certificate.file();
  return options;
}

/// STARTTLS with the certificate, EHLO, and whatever comes then.
NetworkServer::Play starttls(const Certificate& certificate) {
  return [&certificate](Peer& peer, int) {
    peer.greet(with_starttls);
    if (peer.line() != "STARTTLS") return;
    peer.say("220 go\r\n");
    peer.start_tls(certificate);
    peer.line();
    peer.say(pipelining);
    peer.line();
  };
}

TlsaRecord record(const Certificate& certificate, std::uint8_t usage, std::uint8_t selector) {
  const std::string hex = selector == 0 ? certificate.fingerprint() : certificate.key_fingerprint();
  TlsaRecord tlsa{usage, selector, 1, {}};
  for (std::size_t at = 0; at < hex.size(); at += 2) {
    tlsa.association.push_back(static_cast<std::byte>(std::stoi(hex.substr(at, 2), nullptr, 16)));
  }
  return tlsa;
}

Opened connect_with_records(const Certificate& shown, std::vector<TlsaRecord> records,
                            std::vector<std::string> names = {}) {
  NetworkServer server(starttls(shown));
  ConnectTarget target = target_at(server.port(), TlsPolicy::dane);
  target.relay.host = "localhost";
  target.tls.tlsa = std::move(records);
  target.tls.names = std::move(names);
  return Connecting().connect(target);
}

TEST(ConnectorTls, VerifiedConnectionTellsSo) {
  NetworkServer server(starttls(localhost_certificate()));
  const Opened opened = Connecting(trusting(localhost_certificate()))
                            .connect(target_at(server.port(), TlsPolicy::verify));
  ASSERT_TRUE(opened.open()) << opened.why();
  EXPECT_TRUE(opened.connection->tls);
  EXPECT_TRUE(opened.connection->verified);
  EXPECT_THAT(opened.connection->tls_text, StartsWith("TLSv1.3, TLS_"));
  EXPECT_TRUE(opened.connection->server.pipelining);
  EXPECT_EQ(opened.connection->server_name, "test.example");
  EXPECT_THAT(opened.connection->transcript,
              AllOf(Contains("C: STARTTLS"), Contains("S: 250 PIPELINING"),
                    Contains(AllOf(StartsWith("-- TLSv1.3"), HasSubstr("verified")))));
}

TEST(ConnectorTls, UnverifiedConnectionTellsSo) {
  const Certificate elsewhere("DNS:elsewhere.example", -1);
  NetworkServer server(starttls(elsewhere));
  for (const TlsPolicy policy : {TlsPolicy::may, TlsPolicy::encrypt}) {
    const Opened opened = Connecting().connect(target_at(server.port(), policy));
    ASSERT_TRUE(opened.open()) << opened.why();
    EXPECT_TRUE(opened.connection->tls);
    EXPECT_FALSE(opened.connection->verified);
  }
}

TEST(ConnectorTls, PlainConnectionHasNoTls) {
  NetworkServer server([](Peer& peer, int) {
    peer.greet(pipelining);
    peer.line();
  });
  const Opened opened = Connecting().connect(target_at(server.port(), TlsPolicy::may));
  ASSERT_TRUE(opened.open()) << opened.why();
  EXPECT_FALSE(opened.connection->tls);
  EXPECT_EQ(opened.connection->tls_text, "");
}

TEST(ConnectorTls, AddressIsConnectedToAndTheNameIsVerified) {
  const Certificate mx("DNS:mx.example");
  NetworkServer server(starttls(mx));
  ConnectTarget target = target_at(server.port(), TlsPolicy::verify);
  target.relay.host = "mx.example";
  target.address = "127.0.0.1";
  Connecting connecting(trusting(mx));
  const Opened opened = connecting.connect(target);
  ASSERT_TRUE(opened.open()) << opened.why();
  EXPECT_EQ(opened.connection->host, "mx.example[127.0.0.1]");
  target.relay.host = "other.example";
  EXPECT_THAT(connecting.connect(target).why(), HasSubstr("certificate of smtp://other.example"));
}

TEST(ConnectorTls, CertificateMayBearOneOfTheNamesGiven) {
  const Certificate mx("DNS:mx.example");
  NetworkServer server(starttls(mx));
  ConnectTarget target = target_at(server.port(), TlsPolicy::verify);
  target.tls.names = {"other.example", "mx.example"};
  Connecting connecting(trusting(mx));
  const Opened opened = connecting.connect(target);
  ASSERT_TRUE(opened.open()) << opened.why();
  EXPECT_TRUE(opened.connection->verified);
  target.tls.names = {"other.example"};
  EXPECT_EQ(connecting.connect(target).fault.outcome.status.text(), "4.7.5");
  target.tls.names = {"mx.example"};
  const Opened untrusted = Connecting(trusting(localhost_certificate())).connect(target);
  EXPECT_EQ(untrusted.fault.outcome.status.text(), "4.7.5");
}

TEST(ConnectorTls, FingerprintOfTheCertificateOrItsKeyIsEnough) {
  const Certificate expired("DNS:elsewhere.example", -1);
  NetworkServer server(starttls(expired));
  ConnectTarget target = target_at(server.port(), TlsPolicy::fingerprint);
  std::string colons;
  for (std::size_t at = 0; at < 64; at += 2) {
    colons += (at > 0 ? ":" : "") + expired.fingerprint().substr(at, 2);
  }
  for (char& c : colons) c = static_cast<char>(std::toupper(c));
  for (const std::string& fingerprint : {colons, expired.key_fingerprint()}) {
    target.tls.fingerprints = {localhost_certificate().fingerprint(), fingerprint};
    const Opened opened = Connecting().connect(target);
    ASSERT_TRUE(opened.open()) << opened.why();
    EXPECT_TRUE(opened.connection->verified);
  }
}

TEST(ConnectorTls, WrongFingerprintIsATemporaryFaultThatNamesTheOnesShown) {
  for (const std::string scheme : {"smtp", "smtps"}) {
    NetworkServer server([&](Peer& peer, int number) {
      if (scheme == "smtp") return starttls(localhost_certificate())(peer, number);
      peer.start_tls(localhost_certificate());
      peer.greet(pipelining);
      ADD_FAILURE() << peer.line();
    });
    ConnectTarget target = target_at(server.port(), TlsPolicy::fingerprint, scheme);
    target.tls.fingerprints = {std::string(64, 'a')};
    const Opened opened = Connecting(trusting(localhost_certificate())).connect(target);
    ASSERT_FALSE(opened.open());
    EXPECT_FALSE(opened.fault.configuration);
    EXPECT_EQ(opened.fault.outcome.status.text(), "4.7.5");
    EXPECT_THAT(opened.why(), AllOf(HasSubstr(target.relay.text()),
                                    HasSubstr(localhost_certificate().fingerprint()),
                                    HasSubstr(localhost_certificate().key_fingerprint())));
  }
}

TEST(ConnectorTls, DaneEndEntityRecordNeedsNoNameAndNoDate) {
  const Certificate expired("DNS:elsewhere.example", -1);
  for (const std::uint8_t selector : {std::uint8_t{0}, std::uint8_t{1}}) {
    const Opened opened = connect_with_records(
        expired, {record(localhost_certificate(), 3, 1), record(expired, 3, selector)});
    ASSERT_TRUE(opened.open()) << opened.why();
    EXPECT_TRUE(opened.connection->verified);
  }
}

TEST(ConnectorTls, DaneTrustAnchorRecordNeedsTheNameAndTheDate) {
  const Certificate authority("DNS:authority.example");
  const Certificate leaf("DNS:localhost", 1, &authority);
  const Certificate elsewhere("DNS:elsewhere.example", 1, &authority);
  const Certificate expired("DNS:localhost", -1, &authority);
  const std::vector<TlsaRecord> records{record(authority, 2, 0)};
  const Opened opened = connect_with_records(leaf, records);
  ASSERT_TRUE(opened.open()) << opened.why();
  EXPECT_TRUE(opened.connection->verified);
  EXPECT_FALSE(connect_with_records(elsewhere, records).open());
  EXPECT_TRUE(connect_with_records(elsewhere, records, {"elsewhere.example"}).open());
  EXPECT_FALSE(connect_with_records(expired, records).open());
  EXPECT_FALSE(connect_with_records(localhost_certificate(), records).open());
}

TEST(ConnectorTls, DaneMismatchIsATemporaryFault) {
  const Certificate other("DNS:localhost");
  const Opened opened = connect_with_records(localhost_certificate(), {record(other, 3, 1)});
  ASSERT_FALSE(opened.open());
  EXPECT_FALSE(opened.fault.configuration);
  EXPECT_EQ(opened.fault.outcome.status.text(), "4.7.5");
  EXPECT_THAT(opened.why(), AllOf(HasSubstr("smtp://localhost"), HasSubstr("TLSA")));
}

TEST(ConnectorTls, DaneRecordsThatCannotBeUsedLeaveTlsWithoutVerification) {
  TlsaRecord nonsense = record(localhost_certificate(), 3, 1);
  nonsense.association.resize(5);
  TlsaRecord unknown_hash = record(localhost_certificate(), 3, 1);
  unknown_hash.matching_type = 77;
  for (const TlsaRecord& unusable :
       {record(localhost_certificate(), 1, 1), nonsense, unknown_hash}) {
    const Opened opened = connect_with_records(localhost_certificate(), {unusable});
    ASSERT_TRUE(opened.open()) << opened.why();
    EXPECT_TRUE(opened.connection->tls);
    EXPECT_FALSE(opened.connection->verified);
  }
  EXPECT_FALSE(connect_with_records(localhost_certificate(),
                                    {record(localhost_certificate(), 1, 1),
                                     record(*std::make_unique<Certificate>("DNS:x"), 3, 1)})
                   .open());
}

TEST(ConnectorTls, RequirementWithoutItsDataIsAFault) {
  for (const TlsPolicy policy : {TlsPolicy::fingerprint, TlsPolicy::dane}) {
    const Opened opened = Connecting().connect(target_at(1, policy));
    EXPECT_THAT(opened.why(), AllOf(HasSubstr("smtp://127.0.0.1:1"), HasSubstr("no ")));
  }
  ConnectTarget target = target_at(1, TlsPolicy::fingerprint);
  target.tls.fingerprints = {"abc"};
  EXPECT_THAT(Connecting().connect(target).why(), HasSubstr("64 hexadecimal digits"));
}

TEST(ConnectorTls, OlderThanTls12IsRefused) {
  const Certificate old("DNS:localhost,IP:127.0.0.1");
  SSL_CTX_set_cipher_list(old.context(), "ALL:@SECLEVEL=0");
  SSL_CTX_set_max_proto_version(old.context(), TLS1_1_VERSION);
  NetworkServer server(starttls(old));
  const Opened opened = Connecting().connect(target_at(server.port(), TlsPolicy::encrypt));
  EXPECT_EQ(opened.fault.outcome.status.text(), "4.7.5");
}

/// Everything that is no protection against one that reads along.
struct Lure {
  const char* name;
  NetworkServer::Play play;
};

std::vector<Lure> lures(std::vector<std::string>& heard, std::mutex& mutex) {
  const auto hear = [&heard, &mutex](Peer& peer) {
    for (;;) {
      const std::string line = peer.line();
      const std::scoped_lock lock(mutex);
      heard.push_back(line);
    }
  };
  const auto answered = [hear](std::string ehlo, std::string answer) {
    return [hear, ehlo, answer](Peer& peer, int) {
      peer.greet(ehlo);
      if (peer.line() == "STARTTLS") peer.say(answer);
      hear(peer);
    };
  };
  const std::string both = "250-test.example\r\n250-STARTTLS\r\n250 AUTH PLAIN LOGIN\r\n";
  return {{"stripped", answered("250-test.example\r\n250 AUTH PLAIN LOGIN\r\n", "")},
          {"454", answered(both, "454 4.7.0 not now\r\n")},
          {"502", answered(both, "502 5.5.1 what?\r\n")},
          {"junk", answered(both, "220 go\r\njunk that is no TLS record\r\n")},
          {"injected", answered(both, "220 go\r\n250-x\r\n250 AUTH PLAIN\r\n")},
          {"no EHLO", answered("502 what?\r\n", "")}};
}

TEST(ConnectorTls, Row14To17NothingGoesInTheClearWhateverTheServerDoes) {
  std::vector<std::string> heard;
  std::mutex mutex;
  for (const Lure& lure : lures(heard, mutex)) {
    for (const TlsPolicy policy :
         {TlsPolicy::encrypt, TlsPolicy::verify, TlsPolicy::fingerprint, TlsPolicy::dane}) {
      NetworkServer server(lure.play);
      ConnectTarget target = target_at(server.port(), policy, "smtp", "jane:geheim@");
      target.tls.fingerprints = {localhost_certificate().fingerprint()};
      target.tls.tlsa = {record(localhost_certificate(), 3, 1)};
      const Opened opened = Connecting().connect(target);
      ASSERT_FALSE(opened.open()) << lure.name;
      EXPECT_FALSE(opened.fault.configuration) << lure.name;
      EXPECT_EQ(opened.fault.outcome.verdict, Verdict::retry) << lure.name;
      EXPECT_THAT(opened.why(), AllOf(HasSubstr(target.relay.text()), Not(HasSubstr("geheim"))));
    }
  }
  const std::scoped_lock lock(mutex);
  EXPECT_THAT(heard, Each(Not(AnyOf(StartsWith("AUTH"), StartsWith("MAIL"), HasSubstr("geheim")))));
}

TEST(ConnectorTls, Row17FailedHandshakeIsFollowedByPlainTextOnANewSocketOnlyWithMay) {
  for (const bool close : {false, true}) {
    NetworkServer server([close](Peer& peer, int) {
      peer.greet(with_starttls);
      if (peer.line() != "STARTTLS") return;
      peer.say("220 go\r\n");
      EXPECT_TRUE(peer.more());  // the handshake's first message
      if (!close) peer.say("junk that is no TLS record\r\n");
    });
    const Opened opened = Connecting().connect(target_at(server.port(), TlsPolicy::may));
    ASSERT_TRUE(opened.open()) << opened.why();
    EXPECT_FALSE(opened.connection->tls);
    EXPECT_EQ(server.connections(), 2);
    EXPECT_THAT(opened.connection->transcript, Contains("C: STARTTLS"));
  }
}

TEST(ConnectorTls, Row14InjectedOctetsAreNoReasonForPlainText) {
  NetworkServer server([](Peer& peer, int) {
    peer.greet(with_starttls);
    peer.line();
    peer.say("220 go\r\n250 injected\r\n");
    peer.line();
  });
  const Opened opened = Connecting().connect(target_at(server.port(), TlsPolicy::may));
  ASSERT_FALSE(opened.open());
  EXPECT_EQ(server.connections(), 1);
  EXPECT_EQ(opened.fault.outcome.stage, Stage::starttls);
}

TEST(ConnectorTls, Row19OctetsBehindTheHandshakeBeforeOurEhloEndTheSession) {
  std::string next = "nothing";
  {
    NetworkServer server([&](Peer& peer, int) {
      peer.greet(with_starttls);
      peer.line();
      peer.say("220 go\r\n");
      peer.start_tls_and_say(localhost_certificate(), "250-test.example\r\n250 AUTH PLAIN\r\n");
      peer.line();
      next = peer.line();
    });
    const Opened opened =
        Connecting(trusting(localhost_certificate()))
            .connect(target_at(server.port(), TlsPolicy::verify, "smtp", "jane:geheim@"));
    ASSERT_FALSE(opened.open());
    EXPECT_FALSE(opened.fault.configuration);
    EXPECT_THAT(opened.why(), HasSubstr("octets behind the TLS handshake"));
  }
  EXPECT_EQ(next, "nothing");
}

TEST(ConnectorTls, GreetingBehindTheHandshakeOfSmtpsIsNotTooEarly) {
  NetworkServer server([](Peer& peer, int) {
    peer.start_tls_and_say(localhost_certificate(), "220 test.example\r\n");
    peer.line();
    peer.say(pipelining);
    peer.line();
  });
  const Opened opened = Connecting(trusting(localhost_certificate()))
                            .connect(target_at(server.port(), TlsPolicy::verify, "smtps"));
  EXPECT_TRUE(opened.open()) << opened.why();
}

TEST(ConnectorTls, StalledHandshakeHasItsOwnLimit) {
  NetworkServer server([](Peer& peer, int) {
    peer.greet(with_starttls);
    peer.line();
    peer.say("220 go\r\n");
    for (;;) peer.line();
  });
  ClientOptions options;
  options.timeouts.starttls = 100ms;
  const Opened opened = Connecting(options).connect(target_at(server.port(), TlsPolicy::encrypt));
  EXPECT_EQ(opened.fault.outcome.status.text(), "4.4.2");
  EXPECT_EQ(opened.fault.outcome.stage, Stage::starttls);
  EXPECT_THAT(opened.why(), HasSubstr("the limit is 0.1 s"));
}

/// A certificate whose server speaks TLS 1.2, the only one whose sessions libcurl 7.88 finds again
/// after STARTTLS.
struct OlderCertificate : Certificate {
  OlderCertificate() : Certificate("DNS:localhost,IP:127.0.0.1") {
    SSL_CTX_set_max_proto_version(context(), TLS1_2_VERSION);
  }
};

/// Whether the second of two connections resumed the session of the first.
struct TwoConnections {
  Opened second;
  bool resumed = false;
};

TwoConnections connect_twice(const Certificate& shown, const ClientOptions& options,
                             const TlsRequirement& first, const TlsRequirement& second) {
  TwoConnections result;
  {
    NetworkServer server([&](Peer& peer, int number) {
      peer.greet(with_starttls);
      if (peer.line() != "STARTTLS") return;
      peer.say("220 go\r\n");
      peer.start_tls(shown);
      if (number == 1) result.resumed = peer.resumed();
      peer.line();
      peer.say(pipelining);
      peer.line();
    });
    Connecting connecting(options);
    ConnectTarget target = target_at(server.port(), first.policy);
    target.tls = first;
    const Opened opened = connecting.connect(target);
    EXPECT_TRUE(opened.open()) << opened.why();
    target.tls = second;
    result.second = connecting.connect(target);
    result.second.connection.reset();  // before the connector that it came from
  }
  return result;
}

TEST(ConnectorTls, SessionsAreResumedUnderTheSamePolicy) {
  const OlderCertificate older;
  for (const TlsPolicy policy : {TlsPolicy::may, TlsPolicy::encrypt, TlsPolicy::verify}) {
    const auto two =
        connect_twice(older, trusting(older), {policy, {}, {}, {}}, {policy, {}, {}, {}});
    EXPECT_TRUE(two.resumed) << static_cast<int>(policy);
  }
}

TEST(ConnectorTls, Row74SessionOfAWeakerPolicyIsNotResumedUnderAStrongerOne) {
  const OlderCertificate untrusted;
  const TlsRequirement stronger[] = {
      {TlsPolicy::verify, {}, {}, {}},
      {TlsPolicy::verify, {}, {}, {"other.example"}},
      {TlsPolicy::fingerprint, {localhost_certificate().fingerprint()}, {}, {}},
      {TlsPolicy::dane, {}, {record(localhost_certificate(), 3, 1)}, {}}};
  for (const TlsRequirement& requirement : stronger) {
    for (const TlsPolicy weak : {TlsPolicy::may, TlsPolicy::encrypt}) {
      const auto two = connect_twice(untrusted, trusting(localhost_certificate()),
                                     {weak, {}, {}, {}}, requirement);
      EXPECT_FALSE(two.resumed);
      EXPECT_EQ(two.second.fault.outcome.status.text(), "4.7.5")
          << static_cast<int>(requirement.policy);
    }
  }
}

TEST(ConnectorTls, Row74SessionWithOneFingerprintIsNotResumedForAnother) {
  const OlderCertificate older;
  const TlsRequirement right{TlsPolicy::fingerprint, {older.fingerprint()}, {}, {}};
  const TlsRequirement wrong{TlsPolicy::fingerprint, {std::string(64, 'a')}, {}, {}};
  EXPECT_FALSE(connect_twice(older, {}, right, right).resumed);
  EXPECT_EQ(connect_twice(older, {}, right, wrong).second.fault.outcome.status.text(), "4.7.5");
}

}  // namespace
}  // namespace postern::smtp::test
