// What was said for a message, as it is kept for people.
#include "smtp/dialogue/transcript.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "smtp/client.h"
#include "tests/smtp/support/letter.h"
#include "tests/smtp/support/network_options.h"
#include "tests/smtp/support/scripted_server.h"

namespace postern::smtp::test {
namespace {

using testing::Contains;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

const TextSource dotted("Subject: x\r\n\r\n.body\r\n");

ClientOptions keeping_transcripts(const NetworkServer& server) {
  ClientOptions options = options_for(server);
  options.transcripts = true;
  options.connections = 1;
  return options;
}

TEST(Transcript, KeepsBothSidesLineByLine) {
  Transcript transcript(10);
  transcript.client_said("NOOP\r\n");
  transcript.server_said({250, "one\ntwo"});
  transcript.note("a\nb");
  EXPECT_THAT(transcript.lines(), ElementsAre("C: NOOP", "S: 250-one", "S: 250 two", "-- a?b"));
}

TEST(Transcript, LeavesOutWhatItHasNoRoomFor) {
  Transcript few(2);
  for (int line = 0; line < 5; ++line) few.note("x");
  EXPECT_THAT(few.lines(), ElementsAre("-- x", "-- the rest is left out"));
  Transcript large(100);
  for (int line = 0; line < 90; ++line) large.note(std::string(1000, 'x'));
  EXPECT_THAT(large.lines(), SizeIs(Transcript::max_octets / 1003 + 1));
  EXPECT_EQ(large.lines().back(), "-- the rest is left out");
}

TEST(Transcript, OfAMessageHoldsTheOpeningAndTheTransaction) {
  NetworkServer server([](Peer& peer, int) {
    peer.greet("250-test.example\r\n250 8BITMIME\r\n");
    peer.serve();
  });
  Client client(keeping_transcripts(server));
  const Delivery first = client.deliver(to_one, dotted);
  EXPECT_THAT(
      first.transcript,
      ElementsAre("S: 220 test.example ESMTP", "C: EHLO client.example", "S: 250-test.example",
                  "S: 250 8BITMIME", "C: MAIL FROM:<sender@example.org>", "S: 250 2.0.0 ok",
                  "C: RCPT TO:<a@x.example>", "S: 250 2.0.0 ok", "C: DATA", "S: 354 go ahead",
                  "C: (25 octets of content)", "S: 250 2.0.0 taken"));
  const Delivery second = client.deliver(to_one, dotted);
  ASSERT_THAT(second.transcript, Not(IsEmpty()));
  EXPECT_EQ(second.transcript.front(), "-- on the open connection to 127.0.0.1");
}

TEST(Transcript, ShowsWhatWasSaidInOneFlight) {
  NetworkServer server([](Peer& peer, int) {
    peer.greet("250-test.example\r\n250 PIPELINING\r\n");
    peer.serve();
  });
  const Delivery delivery = Client(keeping_transcripts(server)).deliver(to_one, dotted);
  const auto data = std::find(delivery.transcript.begin(), delivery.transcript.end(), "C: DATA");
  ASSERT_NE(data, delivery.transcript.end());
  EXPECT_EQ(*(data - 1), "C: RCPT TO:<a@x.example>");
}

TEST(Transcript, IsNotKeptUnlessAskedFor) {
  NetworkServer server([](Peer& peer, int) {
    peer.greet("250 test.example\r\n");
    peer.serve();
  });
  ClientOptions options = keeping_transcripts(server);
  options.transcripts = false;
  EXPECT_THAT(Client(options).deliver(to_one, dotted).transcript, IsEmpty());
}

TEST(Transcript, SaysHowAConnectionWasLost) {
  NetworkServer server([](Peer& peer, int) {
    peer.greet("250 test.example\r\n");
    peer.line();
  });
  const Delivery lost = Client(keeping_transcripts(server)).deliver(to_one, dotted);
  ASSERT_THAT(lost.transcript, SizeIs(testing::Ge(2U)));
  EXPECT_THAT(lost.transcript.back(), HasSubstr("closed"));
}

TEST(Transcript, SaysWhyNoConnectionWasOpened) {
  NetworkServer server([](Peer& peer, int) { peer.say("554 go away\r\n"); });
  const Delivery refused = Client(keeping_transcripts(server)).deliver(to_one, dotted);
  EXPECT_THAT(refused.transcript, Contains("S: 554 go away"));
  EXPECT_THAT(refused.transcript.back(), HasSubstr("go away"));
}

TEST(Transcript, SecretThatAServerRepeatsInATransactionIsMaskedInTextsToo) {
  static const Certificate certificate("DNS:localhost,IP:127.0.0.1");
  NetworkServer server([](Peer& peer, int) {
    peer.start_tls(certificate);
    peer.greet("250-test.example\r\n250 AUTH PLAIN\r\n");
    const std::string command = peer.line();
    peer.say("235 welcome\r\n");
    peer.line();
    peer.say("550 go away with geheim-wort and " + command + "\r\n");
    peer.line();
  });
  ClientOptions options = keeping_transcripts(server);
  options.relay =
      Relay::parse("smtps://jane:geheim-wort@127.0.0.1:" + std::to_string(server.port()));
  options.ca_file = certificate.file();
  const Delivery delivery = Client(options).deliver(to_one, dotted);
  const Outcome& outcome = delivery.recipients.at(0);
  EXPECT_EQ(outcome.code, 550);
  EXPECT_THAT(outcome.text, Not(HasSubstr("geheim-wort")));
  EXPECT_THAT(outcome.text, Not(HasSubstr("AGphbmU")));
  EXPECT_THAT(delivery.transcript, Each(Not(HasSubstr("geheim-wort"))));
  EXPECT_THAT(delivery.transcript, Each(Not(HasSubstr("AGphbmU"))));
  EXPECT_THAT(delivery.transcript, Contains("S: 550 go away with … and AUTH PLAIN …"));
}

}  // namespace
}  // namespace postern::smtp::test
