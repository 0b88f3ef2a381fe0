// What a message's way costs and what it refuses on its own, against a server in memory.
#include "smtp/dialogue/message_transfer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/smtp/support/letter.h"
#include "tests/smtp/support/scripted_server.h"

namespace postern::smtp::test {
namespace {

using testing::AllOf;
using testing::Each;
using testing::ElementsAre;
using testing::Field;
using testing::Gt;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Le;
using testing::SizeIs;
using Then = Rule::Then;

Script script(std::vector<Rule> rules, std::string ehlo = Script{}.ehlo) {
  Script made;
  made.rules = std::move(rules);
  made.ehlo = std::move(ehlo);
  return made;
}

TEST(RoundTrips, PipelinedMessageTakesTwo) {
  const Played run = carry({Script{}}, envelope_to({"a@x", "b@x", "c@x", "d@x"}), letter);
  EXPECT_EQ(run.servers[0].flights, 2U);
}

TEST(RoundTrips, LockStepTakesOnePerCommand) {
  const Played run =
      carry({script({}, "250 mx\r\n")}, envelope_to({"a@x", "b@x", "c@x", "d@x"}), letter);
  EXPECT_EQ(run.servers[0].flights, 4U + 3U);
}

TEST(RoundTrips, LockStepDoesNotSayDataForNobody) {
  const Played run = carry({script({{"RCPT", "550 no\r\n", Then::go_on, 9}}, "250 mx\r\n")},
                           envelope_to({"a@x", "b@x"}), letter);
  EXPECT_THAT(run.servers[0].commands, ElementsAre("MAIL FROM:<sender@example.org>",
                                                   "RCPT TO:<a@x>", "RCPT TO:<b@x>", "RSET"));
}

TEST(MessageTransfer, BadReversePathFailsEveryoneBeforeAnyLink) {
  Envelope envelope = envelope_to({"a@x", "b@x"});
  envelope.reverse_path = "no address\r\n";
  const Played run = carry({}, envelope, letter);
  EXPECT_EQ(run.verdicts(), "failed failed");
  EXPECT_EQ(run.outcome(0).status.text(), "5.1.7");
  EXPECT_EQ(run.outcome(0).stage, Stage::address);
}

/// A message that nobody can open.
class ClosedSource final : public OctetSource {
 public:
  [[nodiscard]] std::uint64_t size() const override { return 100; }
  [[nodiscard]] bool has_8bit() const override { return true; }
  [[nodiscard]] bool needs_smtputf8() const override { return false; }
  [[nodiscard]] std::unique_ptr<OctetReader> open() const override {
    throw std::runtime_error("no file descriptor is left");
  }
};

TEST(MessageTransfer, MessageThatCannotBeOpenedIsTriedLater) {
  const ClosedSource closed;
  for (const std::string ehlo : {"250-mx.example\r\n250 8BITMIME\r\n", "250 mx.example\r\n"}) {
    const Played run = carry({script({}, ehlo)}, envelope_to({"a@x"}), closed);
    EXPECT_EQ(run.verdicts(), "retry") << ehlo;
    EXPECT_THAT(run.outcome(0).text, HasSubstr("no file descriptor is left")) << ehlo;
  }
}

TEST(MessageTransfer, EnvelopeWithoutRecipientsIsFinished) {
  EXPECT_THAT(carry({}, envelope_to({}), letter).delivery.recipients, IsEmpty());
}

TEST(MessageTransfer, BadEnvelopeIdAndOriginalRecipientAreRefused) {
  Envelope envelope = envelope_to({"a@x"});
  envelope.envelope_id = "a\r\nb";
  EXPECT_EQ(carry({}, envelope, letter).verdicts(), "failed");
  envelope = envelope_to({"a@x", "b@x"});
  envelope.recipients[0].original_recipient = "c@x NOTIFY=NEVER";
  EXPECT_EQ(carry({Script{}}, envelope, letter).verdicts(), "failed delivered");
}

TEST(MessageTransfer, NullReversePathIsSaidAsSuch) {
  Envelope envelope = envelope_to({"a@x"});
  envelope.reverse_path.clear();
  const Played run = carry({script({{"RCPT", "250 ok\r\n"}})}, envelope, letter);
  EXPECT_EQ(run.verdicts(), "delivered");
  EXPECT_THAT(run.servers[0].commands.front(), HasSubstr("MAIL FROM:<> "));
}

TEST(MessageTransfer, HeadersInUtf8NeedSmtputf8) {
  TextSource message("Subject: \xC3\xBC\r\n\r\n");
  message.utf8 = true;
  Played run = carry({Script{}}, envelope_to({"a@x", "b@x"}), message);
  EXPECT_EQ(run.verdicts(), "failed failed");
  EXPECT_EQ(run.outcome(0).status.text(), "5.6.7");
  run = carry({script({}, "250-mx\r\n250 SMTPUTF8\r\n")}, envelope_to({"a@x"}), message);
  EXPECT_EQ(run.servers[0].commands.front(), "MAIL FROM:<sender@example.org> SMTPUTF8");
}

TEST(MessageTransfer, ServersWithoutSmtputf8GetTheHeadersInAscii) {
  class TwoSources final : public OctetSource {
   public:
    [[nodiscard]] std::uint64_t size() const override { return utf8_.size(); }
    [[nodiscard]] bool has_8bit() const override { return false; }
    [[nodiscard]] bool needs_smtputf8() const override { return true; }
    [[nodiscard]] const OctetSource* without_smtputf8() const override { return &ascii_; }
    [[nodiscard]] std::unique_ptr<OctetReader> open() const override { return utf8_.open(); }

   private:
    TextSource utf8_{"To: \xC3\xBC@x, b@x\r\n\r\n"};
    TextSource ascii_{"To: name:;, b@x\r\n\r\n"};
  };
  const TwoSources message;
  const auto envelope = envelope_to({"\xC3\xBC@x", "b@x"});
  const Played modern =
      carry({script({}, "250-mx\r\n250-8BITMIME\r\n250 SMTPUTF8\r\n")}, envelope, message);
  EXPECT_EQ(modern.verdicts(), "delivered delivered");
  // Whom it does not concern gets a message that every further server takes.
  ASSERT_EQ(modern.received().size(), 2U);
  EXPECT_EQ(modern.servers[0].commands.front(), "MAIL FROM:<sender@example.org>");
  EXPECT_THAT(modern.received()[0].to, ElementsAre("b@x"));
  EXPECT_THAT(modern.received()[0].content, HasSubstr("To: name:;, b@x"));
  EXPECT_THAT(modern.servers[0].commands,
              testing::Contains("MAIL FROM:<sender@example.org> SMTPUTF8"));
  EXPECT_THAT(modern.received()[1].to, ElementsAre("\xC3\xBC@x"));
  EXPECT_THAT(modern.received()[1].content, HasSubstr("To: \xC3\xBC@x, b@x"));
  for (const std::string ehlo : {"250-mx\r\n250 8BITMIME\r\n", "250 mx\r\n"}) {
    const Played old = carry({script({}, ehlo)}, envelope, message);
    EXPECT_EQ(old.verdicts(), "failed delivered") << ehlo;
    EXPECT_THAT(old.servers[0].commands.front(), testing::Not(HasSubstr("SMTPUTF8"))) << ehlo;
    EXPECT_THAT(old.received().at(0).content, HasSubstr("To: name:;, b@x")) << ehlo;
  }
}

TEST(MessageTransfer, DsnIsAskedForWhereItIsOffered) {
  Envelope envelope = envelope_to({"a@x"});
  envelope.envelope_id = "e1";
  envelope.return_content = ReturnContent::headers;
  envelope.recipients[0].notify = {true, true, true, false};
  const Played run = carry({script({}, "250-mx\r\n250 DSN\r\n")}, envelope, letter);
  EXPECT_EQ(run.servers[0].commands[0], "MAIL FROM:<sender@example.org> RET=HDRS ENVID=e1");
  EXPECT_EQ(run.servers[0].commands[1], "RCPT TO:<a@x> NOTIFY=SUCCESS,FAILURE");
}

TEST(MessageTransfer, WhoReportsADeliveryIsPartOfItsOutcome) {
  Envelope envelope = envelope_to({"a@x", "b@x", "c@x", "d@x"});
  for (const std::size_t index : {0U, 2U, 3U}) envelope.recipients[index].notify = {true, true};
  envelope.recipients[1].notify = {true, false, true, false};
  const auto promises = [&](const Script& server) {
    const Played run = carry({server}, envelope, letter);
    std::vector<bool> each;
    for (std::size_t index = 0; index < 4; ++index) {
      each.push_back(run.outcome(index).next_hop_reports);
    }
    return each;
  };
  const std::string dsn = "250-mx\r\n250 DSN\r\n";
  const Script picky = script(
      {{"RCPT TO:<c@x> NOTIFY", "501 5.5.4 NOTIFY?\r\n"}, {"RCPT TO:<d@x>", "550 5.1.1 no d\r\n"}},
      dsn);
  EXPECT_THAT(promises(picky), ElementsAre(true, false, false, false));
  EXPECT_THAT(promises(Script{}), ElementsAre(false, false, false, false));
  EXPECT_THAT(promises(script({}, dsn)), ElementsAre(true, false, true, true));
}

TEST(MessageTransfer, WhatIsAskedOfTheServerIsSaidWhereItIsOffered) {
  Envelope envelope = envelope_to({"a@x"});
  envelope.deliver_by = DeliverBy{std::chrono::seconds(120), DeliverBy::Mode::notify, true};
  envelope.hold_for = std::chrono::seconds(60);
  envelope.priority = -3;
  Played run = carry({script({},
                             "250-mx\r\n250-DELIVERBY 240\r\n250-FUTURERELEASE 3600 2030-01-01"
                             "T00:00:00Z\r\n250 MT-PRIORITY MIXER\r\n")},
                     envelope, letter);
  EXPECT_EQ(run.servers[0].commands[0],
            "MAIL FROM:<sender@example.org> HOLDFOR=60 BY=120;NT MT-PRIORITY=-3");
  EXPECT_EQ(run.verdicts(), "delivered");
  envelope.hold_for.reset();
  run = carry({Script{}}, envelope, letter);
  EXPECT_EQ(run.servers[0].commands[0], "MAIL FROM:<sender@example.org> SIZE=20");
}

TEST(MessageTransfer, MessageDoesNotGoWhereWhatItRequiresIsNotPromised) {
  const auto refused = [](const Envelope& envelope, const char* ehlo) {
    const Played run = carry({script({}, ehlo)}, envelope, letter);
    EXPECT_THAT(run.servers[0].commands, IsEmpty());
    EXPECT_EQ(run.verdicts(), "failed");
    return run.outcome(0).status.text();
  };
  Envelope secret = envelope_to({"a@x"});
  secret.require_tls = true;
  EXPECT_EQ(refused(secret, "250-mx\r\n250 SIZE\r\n"), "5.7.30");
  EXPECT_EQ(refused(secret, "250-mx\r\n250 REQUIRETLS\r\n"), "5.7.30");  // but in the clear
  Envelope urgent = envelope_to({"a@x"});
  urgent.deliver_by = DeliverBy{std::chrono::seconds(120), DeliverBy::Mode::give_back, false};
  EXPECT_EQ(refused(urgent, "250 mx\r\n"), "5.3.3");
  EXPECT_EQ(refused(urgent, "250-mx\r\n250 DELIVERBY 240\r\n"), "5.4.7");
  Envelope later = envelope_to({"a@x"});
  later.hold_for = std::chrono::seconds(60);
  EXPECT_EQ(refused(later, "250 mx\r\n"), "5.3.3");
  EXPECT_EQ(refused(later, "250-mx\r\n250 FUTURERELEASE 30 2030-01-01T00:00:00Z\r\n"), "5.3.3");
}

TEST(MessageTransfer, ValuesOutOfRangeAreRefusedBeforeAnyLink) {
  for (int which = 0; which < 3; ++which) {
    Envelope envelope = envelope_to({"a@x"});
    if (which == 0) envelope.priority = 10;
    if (which == 1) envelope.hold_for = std::chrono::seconds(0);
    if (which == 2) envelope.deliver_by = DeliverBy{{}, DeliverBy::Mode::give_back, false};
    EXPECT_EQ(carry({}, envelope, letter).verdicts(), "failed") << which;
  }
}

TEST(MessageTransfer, RecipientIsOfferedAgainWithoutARefusedParameter) {
  Envelope envelope = envelope_to({"a@x", "b@x"});
  envelope.recipients[1].notify = {true, false, true, false};
  const Script picky =
      script({{"RCPT TO:<b@x> NOTIFY", "501 5.5.4 NOTIFY?\r\n"}}, "250-mx\r\n250 DSN\r\n");
  const Played run = carry({picky}, envelope, letter);
  EXPECT_EQ(run.verdicts(), "delivered delivered");
  EXPECT_THAT(run.received(), SizeIs(2));
}

TEST(MessageTransfer, SourceThatFailsDeliversNothing) {
  TextSource message(std::string(300'000, 'x'));
  for (const std::uint64_t behind : {0U, 1000U, 299'000U}) {
    message.fails_behind = behind;
    const Played run = carry({Script{}}, envelope_to({"a@x"}), message);
    EXPECT_EQ(run.verdicts(), "retry");
    EXPECT_THAT(run.outcome(0).text, HasSubstr("the disk is on fire"));
    EXPECT_THAT(run.received(), IsEmpty());
    EXPECT_TRUE(run.servers[0].closed_by_client);
  }
}

TEST(MessageTransfer, SourceOfAnotherSizeDeliversNothing) {
  TextSource message(std::string(300'000, 'x'));
  for (const std::uint64_t said : {299'999U, 300'001U, 0U}) {
    message.said_size = said;
    const Played run = carry({Script{}}, envelope_to({"a@x"}), message);
    EXPECT_EQ(run.verdicts(), "retry") << said;
    EXPECT_THAT(run.received(), IsEmpty());
  }
}

TEST(MessageTransfer, StopBeforeTheEndOfTheContentKeepsRefusalsAndRetriesTheRest) {
  RunOptions options;
  options.stop_behind = 3;  // MAIL, RCPT, RCPT
  Script slow = script({{"RCPT TO:<a", "550 no\r\n"}}, "250 mx\r\n");
  slow.pauses = true;
  const Played run = carry({slow}, envelope_to({"a@x", "b@x"}), letter, options);
  EXPECT_EQ(run.verdicts(), "failed retry");
  EXPECT_THAT(run.received(), IsEmpty());
}

TEST(MessageTransfer, StopBehindTheEndOfTheContentAwaitsTheReply) {
  RunOptions options;
  options.stop_behind = 2;
  Script slow;
  slow.pauses = true;
  const Played run = carry({slow}, envelope_to({"a@x"}), letter, options);
  EXPECT_EQ(run.verdicts(), "delivered");
}

TEST(MessageTransfer, StopBehindTheEndOfTheContentBeginsNothingFurther) {
  RunOptions options;
  options.stop_behind = 2;
  Script narrow;
  narrow.max_recipients = 1;
  narrow.pauses = true;
  const Played run = carry({narrow}, envelope_to({"a@x", "b@x"}), letter, options);
  EXPECT_EQ(run.verdicts(), "delivered retry");
}

/// How many recipients each message had that arrived.
std::vector<std::size_t> recipients_of_each(const Played& run) {
  std::vector<std::size_t> sizes;
  for (const Received& received : run.received()) sizes.push_back(received.to.size());
  return sizes;
}

std::vector<std::string> so_many(int count) {
  std::vector<std::string> recipients;
  for (int index = 0; index < count; ++index) recipients.push_back(std::to_string(index) + "@x");
  return recipients;
}

TEST(MessageTransfer, RememberedLimitIsHeededFromTheStart) {
  ServerMemory memory;
  memory.learn_recipient_limit(100, SteadyTime());
  RunOptions options;
  options.memory = &memory;
  const Played run = carry({Script{}}, envelope_to(so_many(150)), letter, options);
  EXPECT_THAT(recipients_of_each(run), ElementsAre(100U, 50U));
}

TEST(MessageTransfer, LimitBelowAHundredRecipientsIsForgottenWithTheMessage) {
  for (const std::size_t limit : {3U, 99U, 100U}) {
    ServerMemory memory;
    RunOptions options;
    options.memory = &memory;
    Script narrow;
    narrow.max_recipients = limit;
    EXPECT_THAT(recipients_of_each(carry({narrow}, envelope_to(so_many(110)), letter, options)),
                AllOf(SizeIs(Gt(1U)), Each(Le(limit))));
    const Played next = carry({Script{}}, envelope_to(so_many(110)), letter, options);
    if (limit < 100) {
      EXPECT_THAT(recipients_of_each(next), ElementsAre(110U)) << limit;
    } else {
      EXPECT_THAT(recipients_of_each(next), ElementsAre(100U, 10U));
    }
  }
}

TEST(MessageTransfer, LimitThatIsMetOnceDoublesFromTransactionToTransaction) {
  const Script once = script({{"RCPT", "452 4.5.3 too many\r\n", Then::go_on, 14, 1}});
  const Played run = carry({once}, envelope_to(so_many(15)), letter);
  EXPECT_THAT(run.delivery.recipients, Each(Field(&Outcome::verdict, Verdict::delivered)));
  EXPECT_THAT(recipients_of_each(run), ElementsAre(1U, 1U, 2U, 4U, 7U));
}

TEST(MessageTransfer, OutcomeBearsHostAndTime) {
  const Outcome outcome = carry({Script{}}, envelope_to({"a@x"}), letter).outcome(0);
  EXPECT_EQ(outcome.host, "mx.example");
  EXPECT_EQ(outcome.time, std::chrono::system_clock::from_time_t(1'000'000));
  EXPECT_EQ(outcome.code, 250);
  EXPECT_EQ(outcome.text, "2.0.0 taken");
}

TEST(MessageTransfer, ServerThatDripsItsReplyIsAsLateAsASilentOne) {
  // The deadline covers the whole reply: what came of it does not move it.
  Dialogue dialogue({}, "mx", Timeouts{});
  struct Sink : ReplySink {
    void on_reply(Command, std::size_t, const Reply&, TimePoint) override {}
  } sink;
  TimePoint now{};
  dialogue.send(Command::mail, "MAIL FROM:<>\r\n", sink, now);
  dialogue.sent(14, now);
  const auto deadline = dialogue.deadline();
  ASSERT_TRUE(deadline);
  now.steady += std::chrono::seconds(200);
  dialogue.receive("250-slow", now);
  EXPECT_EQ(dialogue.deadline(), deadline);
}

TEST(MessageTransfer, FinalReplyHasItsWholeTimeHoweverLongTheContentTook) {
  Timeouts timeouts;
  Dialogue dialogue({}, "mx", timeouts);
  struct Sink : ReplySink {
    void on_reply(Command, std::size_t, const Reply&, TimePoint) override {}
  } sink;
  TimePoint now{};
  dialogue.begin_content(sink, now);
  for (int block = 1; block <= 20; ++block) {
    dialogue.content(std::string(100'000, 'x'), now);
    if (block == 20) dialogue.end_content();
    now.steady += std::chrono::seconds(100);
    dialogue.sent(100'000, now);
  }
  ASSERT_GT(now.steady - TimePoint{}.steady, timeouts.end);
  EXPECT_EQ(dialogue.deadline(), now.steady + timeouts.end);
}

TEST(MessageTransfer, ContentBelowTheMinimumRateIsLateAlthoughEveryBlockMoves) {
  Timeouts timeouts;
  Dialogue dialogue({}, "mx", timeouts);
  struct Sink : ReplySink {
    void on_reply(Command, std::size_t, const Reply&, TimePoint) override {}
  } sink;
  TimePoint now{};
  const SteadyTime start = now.steady;
  dialogue.begin_content(sink, now);
  for (int block = 0; block < 10; ++block) {
    dialogue.content(std::string(1000, 'x'), now);
    now.steady += std::chrono::seconds(100);
    dialogue.sent(1000, now);
  }
  // 10,000 octets at 500 octets/s are 20 s, and one block's time is the run-up.
  EXPECT_EQ(dialogue.deadline(), start + timeouts.content_block + std::chrono::seconds(20));
}

}  // namespace
}  // namespace postern::smtp::test
