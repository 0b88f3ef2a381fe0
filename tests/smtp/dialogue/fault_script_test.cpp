// The fault script of smtp-transactions.md §5 that applies to a transaction, each row against a
// server in memory: whole, octet by octet, and cut at random places.
#include "tests/smtp/dialogue/fault_script.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace postern::smtp::test {
namespace {

using Then = Rule::Then;
using testing::AnyOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

TEST(FaultScript, Row08ServerWithoutExtensionsIsServedInLockStep) {
  Script old;
  old.ehlo = "250 mx.example\r\n";
  each_cut({old}, three, [](const Played& run) {
    EXPECT_EQ(run.verdicts(), "delivered delivered delivered");
    EXPECT_EQ(run.servers[0].commands.front(), "MAIL FROM:<sender@example.org>");
  });
}

TEST(FaultScript, Row12MessageAboveTheSizeLimitIsNotSent) {
  Script small;
  small.ehlo = "250-mx.example\r\n250 SIZE 10\r\n";
  each_cut({small}, three, [](const Played& run) {
    EXPECT_EQ(run.verdicts(), "failed failed failed");
    EXPECT_EQ(run.outcome(0).status.text(), "5.3.4");
    EXPECT_THAT(run.servers[0].commands, IsEmpty());
  });
}

TEST(FaultScript, Row24AuthenticationRequiredAtMailIsAConfigurationFault) {
  each_way(script({{"MAIL", "530 5.7.0 Authentication required\r\n"},
                   {"RCPT", "503 no\r\n"},
                   {"RCPT", "503 no\r\n"},
                   {"RCPT", "503 no\r\n"}}),
           three, [](const Played& run) {
             EXPECT_EQ(run.verdicts(), "retry retry retry");
             ASSERT_TRUE(run.delivery.route_fault);
             EXPECT_TRUE(run.delivery.route_fault->configuration);
             EXPECT_EQ(run.delivery.route_fault->outcome.code, 530);
             EXPECT_EQ(run.delivery.route_fault->outcome.verdict, Verdict::retry);
           });
}

TEST(FaultScript, Row25RefusedMailSettlesAllWithItsText) {
  each_way(script({{"MAIL", "550 5.7.1 sender refused\r\n"},
                   {"RCPT", "503 5.5.1 MAIL first\r\n", Then::go_on, 5}}),
           three, [](const Played& run) {
             EXPECT_EQ(run.verdicts(), "failed failed failed");
             for (std::size_t index = 0; index < 3; ++index) {
               EXPECT_EQ(run.outcome(index).text, "5.7.1 sender refused");
               EXPECT_EQ(run.outcome(index).stage, Stage::mail);
               EXPECT_THAT(run.outcome(index).host, AnyOf("mx.example", "localhost[127.0.0.1]"));
             }
           });
}

TEST(FaultScript, Row26TemporarilyRefusedMailIsRetried) {
  expect_verdicts({{"MAIL", "451 later\r\n"}, {"RCPT", "503 no\r\n", Then::go_on, 5}}, three,
                  "retry retry retry");
}

TEST(FaultScript, Row27RefusedOptionalParameterIsLeftOutOnce) {
  each_way(script({{"MAIL FROM:<sender@example.org> SIZE", "555 5.5.4 SIZE? never heard\r\n"},
                   {"MAIL FROM:<sender@example.org>", "250 ok\r\n", Then::go_on, 9}}),
           three, [](const Played& run) {
             EXPECT_EQ(run.verdicts(), "delivered delivered delivered");
             EXPECT_THAT(run.servers[0].received, SizeIs(1));
           });
}

TEST(FaultScript, Row27RefusalThatNamesNoParameterStands) {
  expect_verdicts({{"MAIL", "555 5.5.4 no\r\n"}, {"RCPT", "503 no\r\n", Then::go_on, 5}}, three,
                  "failed failed failed");
}

TEST(FaultScript, Row28ServerClosingAfterMailLeavesAllToBeRetried) {
  expect_verdicts({{"RCPT", "421 4.3.2 going down\r\n", Then::close}}, three, "retry retry retry");
}

TEST(FaultScript, Row29EachRecipientHasItsOwnVerdict) {
  each_way(script({{"RCPT TO:<b", "550 5.1.1 unknown\r\n"}, {"RCPT TO:<c", "451 4.2.1 busy\r\n"}}),
           three, [](const Played& run) {
             EXPECT_EQ(run.verdicts(), "delivered failed retry");
             EXPECT_EQ(run.outcome(1).stage, Stage::rcpt);
             EXPECT_EQ(run.outcome(1).text, "5.1.1 unknown");
             EXPECT_EQ(run.outcome(0).stage, Stage::end);
             EXPECT_EQ(run.received(),
                       (std::vector<Received>{
                           {"sender@example.org", {"a@x.example"}, "Subject: x\r\n\r\nbody\r\n"}}));
           });
}

TEST(FaultScript, Row30AllRefusedKeepsTheLinkBehindARset) {
  each_way(script({{"RCPT", "550 5.1.1 unknown\r\n", Then::go_on, 9}}), three,
           [](const Played& run) {
             EXPECT_EQ(run.verdicts(), "failed failed failed");
             EXPECT_EQ(run.servers[0].commands.back(), "RSET");
           });
}

TEST(FaultScript, Row31ServerWantingContentForNobodyIsLeft) {
  each_cut({script({{"RCPT", "550 5.1.1 unknown\r\n", Then::go_on, 9}, {"DATA", "354 go on\r\n"}})},
           three, [](const Played& run) {
             EXPECT_EQ(run.verdicts(), "failed failed failed");
             EXPECT_EQ(run.outcome(2).text, "5.1.1 unknown");
             EXPECT_THAT(run.received(), IsEmpty());
             EXPECT_TRUE(run.servers[0].closed_by_client);
             EXPECT_EQ(run.servers[0].commands.back(), "DATA");
           });
}

TEST(FaultScript, Row32ServerWantingContentForNobodyYetIsLeft) {
  each_cut({script({{"RCPT", "450 later\r\n", Then::go_on, 9}, {"DATA", "354 go on\r\n"}})}, three,
           [](const Played& run) {
             EXPECT_EQ(run.verdicts(), "retry retry retry");
             EXPECT_EQ(run.outcome(0).code, 450);
             EXPECT_THAT(run.received(), IsEmpty());
           });
}

TEST(FaultScript, Row33And34ForwardedAndUnverifiedRecipientsAreAccepted) {
  expect_verdicts({{"RCPT TO:<a", "251 will forward\r\n"}, {"RCPT TO:<b", "252 cannot verify\r\n"}},
                  three, "delivered delivered delivered");
}

TEST(FaultScript, Row35StatusOfARefusalInAnAcceptanceIsReplacedByTheCodesClass) {
  each_way(script({{"RCPT TO:<a", "250 5.1.1 fine\r\n"}, {".", "250 5.1.1 taken\r\n"}}), three,
           [](const Played& run) {
             EXPECT_EQ(run.verdicts(), "delivered delivered delivered");
             EXPECT_EQ(run.outcome(0).status.text(), "2.0.0");
           });
}

TEST(FaultScript, Row36And37StatusOfAnotherClassIsReplacedByTheCodesClass) {
  each_way(script({{"RCPT TO:<a", "550 4.2.2 full\r\n"}, {"RCPT TO:<b", "450 5.1.1 who\r\n"}}),
           three, [](const Played& run) {
             EXPECT_EQ(run.verdicts(), "failed retry delivered");
             EXPECT_EQ(run.outcome(0).status.text(), "5.0.0");
             EXPECT_EQ(run.outcome(1).status.text(), "4.0.0");
           });
}

TEST(FaultScript, Row38TooManyRecipientsGoOnAtOnceInAFurtherTransaction) {
  Script limited;
  limited.max_recipients = 2;
  each_cut({limited}, five, [](const Played& run) {
    EXPECT_EQ(run.verdicts(), "delivered delivered delivered delivered delivered");
    EXPECT_THAT(run.received(), SizeIs(3));  // 2 + 2 + 1: the limit is heeded at once
    EXPECT_THAT(run.received()[1].to, ElementsAre("c@x.example", "d@x.example"));
  });
}

TEST(FaultScript, Row38HundredOfAHundredAndTwentyThenTheRest) {
  std::vector<std::string> many;
  for (int index = 0; index < 120; ++index) {
    many.push_back("u" + std::to_string(index) + "@x.example");
  }
  Script limited;
  limited.max_recipients = 100;
  ServerMemory memory;
  RunOptions options;
  options.memory = &memory;
  const Played run = carry({limited}, envelope_to(many), letter, options);
  for (const Outcome& outcome : run.delivery.recipients) {
    EXPECT_EQ(outcome.verdict, Verdict::delivered);
  }
  ASSERT_THAT(run.received(), SizeIs(2));
  EXPECT_THAT(run.received()[0].to, SizeIs(100));
  EXPECT_THAT(run.received()[1].to, SizeIs(20));
  EXPECT_EQ(memory.recipient_limit(SteadyTime()), 100);
}

TEST(FaultScript, Row38ServerThatTakesOneRecipientAtATimeIsServed) {
  Script one;
  one.max_recipients = 1;
  each_way(one, five, [](const Played& run) {
    EXPECT_EQ(run.verdicts(), "delivered delivered delivered delivered delivered");
  });
}

TEST(FaultScript, Row38NoFurtherTransactionBehindATemporaryRefusalOfTheContent) {
  each_cut({script({{"RCPT TO:<b", "452 4.5.3 too many\r\n"},
                    {"RCPT TO:<c", "452 4.5.3 too many\r\n"},
                    {".", "451 4.3.0 later\r\n"}})},
           three, [](const Played& run) {
             EXPECT_EQ(run.verdicts(), "retry retry retry");
             EXPECT_EQ(run.outcome(0).code, 451);
             EXPECT_EQ(run.outcome(1).code, 452);
           });
}

TEST(FaultScript, Row39Bare552AndAnyX53BehindAcceptedOnesGoOn) {
  for (const char* no_more : {"550 5.5.3 no more\r\n", "552 4.5.3 no more\r\n"}) {
    each_cut({script({{"RCPT TO:<b", "552 too many\r\n"}, {"RCPT TO:<c", no_more}})}, three,
             [](const Played& run) { EXPECT_EQ(run.verdicts(), "delivered delivered delivered"); });
  }
}

TEST(FaultScript, Row39FullMailboxAndBare552OnTheFirstRecipientFail) {
  each_cut({script({{"RCPT TO:<a", "552 too much\r\n"}, {"RCPT TO:<c", "552 5.2.2 full\r\n"}})},
           three, [](const Played& run) { EXPECT_EQ(run.verdicts(), "failed delivered failed"); });
}

TEST(FaultScript, Row40ServerClosingAmongRecipientsDeliversToNobody) {
  each_way(script({{"RCPT TO:<c", "421 4.3.2 going down\r\n", Then::close}}), five,
           [](const Played& run) {
             EXPECT_EQ(run.verdicts(), "retry retry retry retry retry");
             EXPECT_EQ(run.outcome(0).code, 421);
           });
}

TEST(FaultScript, Row41LostLinkAmongRecipientsKeepsRefusals) {
  expect_verdicts({{"RCPT TO:<b", "550 5.1.1 unknown\r\n"}, {"RCPT TO:<c", "", Then::close}}, five,
                  "retry failed retry retry retry", "unknown failed unknown unknown unknown");
}

/// Row 42, replies in pieces of any size, is played with every other row.
TEST(FaultScript, Row42And54FinalReplyIsForTheAcceptedOnesHoweverItIsCut) {
  each_way(script({{"RCPT TO:<b", "550-5.1.1 there is\r\n550 5.1.1 no b\r\n"},
                   {".", "250-2.0.0 taken\r\n250 2.0.0 as 42\r\n"}}),
           three, [](const Played& run) {
             EXPECT_EQ(run.verdicts(), "delivered failed delivered");
             EXPECT_EQ(run.outcome(0).text, "2.0.0 taken\n2.0.0 as 42");
             EXPECT_EQ(run.outcome(1).text, "5.1.1 there is\n5.1.1 no b");
           });
}

TEST(FaultScript, Row43BareLinesAndMissingTextAreUnderstood) {
  expect_verdicts({{"MAIL", "250\n"},
                   {"RCPT TO:<a", "250\r\n"},
                   {"RCPT TO:<b", "550\n"},
                   {"DATA", "354\n"},
                   {".", "250-one\n250 two\n"}},
                  three, "delivered failed delivered");
}

TEST(FaultScript, Row44UnequalCodesInOneReplyEndTheSession) {
  expect_verdicts({{"RCPT TO:<b", "250-a\r\n251 b\r\n"}}, three, "retry retry retry",
                  "unknown unknown unknown");
}

TEST(FaultScript, Row45JunkAmongRepliesIsRetriedBeforeTheDotAndUnknownBehindIt) {
  expect_verdicts({{"RCPT TO:<b", "what?\r\n250 ok\r\n"}}, three, "retry retry retry",
                  "unknown unknown unknown");
  expect_verdicts({{"RCPT TO:<b", "550 no\r\n"}, {".", "what?\r\n"}}, three,
                  "unknown failed unknown", "unknown unknown unknown");
}

TEST(FaultScript, Row46OneReplyTooManyVoidsTheBatch) {
  each_cut({script({{"RCPT TO:<b", "550 no\r\n250 ok\r\n"}})}, three, [](const Played& run) {
    EXPECT_EQ(run.verdicts(), "retry retry retry");
    EXPECT_THAT(run.received(), IsEmpty());
  });
  Script behind = script({{"RCPT TO:<b", "550 no\r\n"}, {"DATA", "354 go\r\n250 ok\r\n"}});
  EXPECT_EQ(carry({behind}, envelope_to(three), letter).verdicts(), "retry retry retry");
}

TEST(FaultScript, Row46RefusalTogetherWithA354IsNoVerdictOnContentThatWasNotSentYet) {
  // In one piece only: what comes later may be about the content (row 50).
  const Script hasty = script({{"DATA", "354 go\r\n554 5.3.0 no\r\n"}});
  const Played run = carry({hasty}, envelope_to(three), letter);
  EXPECT_EQ(run.verdicts(), "retry retry retry");
  EXPECT_THAT(run.received(), IsEmpty());
  EXPECT_TRUE(run.servers[0].closed_by_client);
}

TEST(FaultScript, Row47OneReplyTooFewVoidsTheBatch) {
  each_cut({script({{"RCPT TO:<a", ""},
                    {"RCPT TO:<b", "550 no\r\n", Then::go_on, 1},
                    {"RCPT TO:<c", "550 no\r\n"},
                    {"DATA", "554 nobody\r\n"}})},
           three, [](const Played& run) { EXPECT_EQ(run.verdicts(), "retry retry retry"); });
}

TEST(FaultScript, Row48RefusedDataGoesToTheAcceptedOnly) {
  expect_verdicts({{"RCPT TO:<b", "550 no\r\n"}, {"DATA", "451 not now\r\n"}}, three,
                  "retry failed retry");
  each_way(script({{"RCPT TO:<b", "450 later\r\n"}, {"DATA", "554 5.7.1 spam\r\n"}}), three,
           [](const Played& run) {
             EXPECT_EQ(run.verdicts(), "failed retry failed");
             EXPECT_EQ(run.outcome(0).stage, Stage::data);
           });
}

TEST(FaultScript, Row49DataAnswered250EndsTheSession) {
  expect_verdicts({{"DATA", "250 fine\r\n"}}, three, "retry retry retry");
}

TEST(FaultScript, Row50RefusalDuringTheContentIsReadAndCounts) {
  // The message is larger than what the server takes before it closes.
  const TextSource large(std::string(200'000, 'x') + "\r\n");
  for (std::uint32_t seed = 0; seed < 20; ++seed) {
    const Played run =
        carry({script({{"RCPT TO:<b", "550 no\r\n"}, {"354", "554 5.7.1 virus\r\n", Then::close}})},
              envelope_to(three), large, {.cut = {seed}});
    EXPECT_EQ(run.verdicts(), "failed failed failed");
    EXPECT_EQ(run.outcome(0).text, "5.7.1 virus");
    EXPECT_EQ(run.outcome(1).text, "no");
  }
}

TEST(FaultScript, Row51CloseDuringTheContentIsRetried) {
  const TextSource large(std::string(200'000, 'x') + "\r\n");
  for (std::uint32_t seed = 0; seed < 20; ++seed) {
    const Played run =
        carry({script({{"354", "", Then::close}})}, envelope_to(three), large, {.cut = {seed}});
    EXPECT_EQ(run.verdicts(), "retry retry retry");
    EXPECT_EQ(run.outcome(0).stage, Stage::content);
  }
}

TEST(FaultScript, Row52ServerThatStopsReadingIsLeft) {
  const TextSource large(std::string(200'000, 'x') + "\r\n");
  for (std::uint32_t seed = 0; seed < 20; ++seed) {
    const Played run =
        carry({script({{"354", "", Then::silence}})}, envelope_to(three), large, {.cut = {seed}});
    EXPECT_EQ(run.verdicts(), "retry retry retry");
    EXPECT_EQ(run.outcome(0).status.text(), "4.4.2");
    EXPECT_TRUE(run.servers[0].closed_by_client);
  }
}

TEST(FaultScript, Row53ServerThatReadsOnlyWhenItsRepliesWereReadIsServed) {
  std::vector<std::string> thousand;
  for (int index = 0; index < 1000; ++index) {
    thousand.push_back("user" + std::to_string(index) + "@x.example");
  }
  Script narrow;
  narrow.unread_bound = 20;
  for (const std::uint32_t seed : {0U, 1U, 2U, 3U}) {
    const Played run = carry({narrow}, envelope_to(thousand), letter, {.cut = {seed}});
    ASSERT_THAT(run.received(), SizeIs(1));
    EXPECT_THAT(run.received()[0].to, SizeIs(1000));
  }
}

TEST(FaultScript, Row55RefusedContentFailsTheAcceptedOnly) {
  each_way(script({{"RCPT TO:<b", "550 5.1.1 unknown\r\n"}, {".", "554 5.7.1 spam\r\n"}}), three,
           [](const Played& run) {
             EXPECT_EQ(run.verdicts(), "failed failed failed");
             EXPECT_EQ(run.outcome(0).text, "5.7.1 spam");
             EXPECT_EQ(run.outcome(1).text, "5.1.1 unknown");
           });
}

TEST(FaultScript, Row56TemporaryRefusalOfTheContentIsRetried) {
  expect_verdicts({{".", "451 4.3.0 later\r\n"}}, three, "retry retry retry");
  expect_verdicts({{".", "421 4.3.2 down\r\n", Then::close}}, three, "retry retry retry");
}

TEST(FaultScript, Row57SilenceBehindTheDotIsUnknown) {
  expect_verdicts({{"RCPT TO:<b", "550 no\r\n"}, {".", "", Then::silence}}, three,
                  "unknown failed unknown", "unknown unknown unknown");
}

TEST(FaultScript, Row58And59CloseBehindTheDotWithoutAWholeReplyIsUnknown) {
  expect_verdicts({{".", "", Then::close}}, three, "unknown unknown unknown");
  expect_verdicts({{".", "250-queued\r\n", Then::close}}, three, "unknown unknown unknown");
  expect_verdicts({{".", "250 queued", Then::close}}, three, "unknown unknown unknown");
}

TEST(FaultScript, Row60CloseBehindTheFinalReplyIsDelivered) {
  expect_verdicts({{".", "250 queued\r\n", Then::close}}, three, "delivered delivered delivered");
}

TEST(FaultScript, Row60WhateverComesBehindTheFinalReplyChangesNothing) {
  for (const char* more : {"421 idle\r\n", "250 again\r\n", "junk\r\n"}) {
    each_way(script({{"RCPT TO:<b", "550 no\r\n"}, {".", std::string("250 queued\r\n") + more}}),
             three, [](const Played& run) {
               // Chunks have no other sign that the replies were counted rightly.
               if (run.in_chunks && run.verdicts() == "unknown unknown unknown") return;
               EXPECT_EQ(run.verdicts(), "delivered failed delivered");
             });
  }
  expect_verdicts({{"MAIL", "550 no\r\n"}, {"DATA", "503 no\r\n421 bye\r\n", Then::close}}, three,
                  "failed failed failed");
}

TEST(FaultScript, Row61FinalReplyThatIsNoneIsUnknown) {
  for (const char* odd : {"354 more?\r\n", "150 soon\r\n", "999 ?\r\n"}) {
    expect_verdicts({{".", odd}}, three, "unknown unknown unknown");
  }
}

TEST(FaultScript, Row62AnyPositiveFinalReplyIsDelivered) {
  expect_verdicts({{".", "252 ok\r\n"}}, three, "delivered delivered delivered");
  expect_verdicts({{".", "251 ok\r\n"}}, three, "delivered delivered delivered");
}

TEST(FaultScript, Row71And73UsedLinkThatTurnsTheMessageAwayIsReplacedWithoutCharge) {
  RunOptions used;
  used.used_link = true;
  for (const Rule& rule :
       {Rule{"MAIL", "421 too many messages\r\n", Then::close}, Rule{"MAIL", "", Then::close}}) {
    each_cut(
        {script({rule}), script({})}, three,
        [](const Played& run) {
          EXPECT_EQ(run.verdicts(), "delivered delivered delivered");
          EXPECT_THAT(run.servers[1].received, SizeIs(1));
        },
        used);
  }
}

TEST(FaultScript, Row73FreshLinkThatTurnsTheMessageAwayIsARetry) {
  expect_verdicts({{"MAIL", "421 too many messages\r\n", Then::close}}, three, "retry retry retry");
}

TEST(FaultScript, Row75AnyBodyArrivesAsOneMessage) {
  using namespace std::string_literals;
  const std::pair<std::string, std::string> bodies[] = {
      {".", ".\r\n"},
      {"..\r\n", "..\r\n"},
      {"a\n.\nb\r\n", "a\r\n.\r\nb\r\n"},
      {"a\r.\rb", "a\r\n.\r\nb\r\n"},
      {"a\r\n.\r\nQUIT\r\n", "a\r\n.\r\nQUIT\r\n"},
      {"a\0b\r\n"s, "a\0b\r\n"s},
      {std::string(998, 'x') + "\r\n", std::string(998, 'x') + "\r\n"},
      {std::string(100'000, 'x') + "\r\n", std::string(100'000, 'x') + "\r\n"},
      {"no end", "no end\r\n"},
      {"", ""}};
  for (const auto& [body, expected] : bodies) {
    for (const std::uint32_t seed : {0U, 1U, 2U, 3U, 4U, 5U}) {
      const Played run =
          carry({script({})}, envelope_to({"a@x.example"}), TextSource(body), {.cut = {seed}});
      EXPECT_EQ(run.verdicts(), "delivered");
      ASSERT_THAT(run.received(), SizeIs(1));
      EXPECT_EQ(run.received()[0].content, expected);
    }
  }
}

TEST(FaultScript, Row76EightBitMessageIsReencodedWithout8bitmime) {
  Script seven;
  seven.ehlo = "250-mx.example\r\n250 PIPELINING\r\n";
  TextSource message(
      "Subject: x\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
      "Content-Transfer-Encoding: 8bit\r\n\r\nG\xC3\xBCte\r\n");
  message.eight_bit = true;
  for (std::uint32_t seed = 0; seed < 30; ++seed) {
    const Played run = carry({seven}, envelope_to(three), message, {.cut = {seed}});
    EXPECT_EQ(run.verdicts(), "delivered delivered delivered");
    EXPECT_THAT(run.received().at(0).content, HasSubstr("quoted-printable\r\n\r\nG=C3=BCte"));
    EXPECT_THAT(run.servers[0].commands.front(), Not(HasSubstr("BODY")));
  }
  const Played as_it_is = carry({script({})}, envelope_to(three), message);
  EXPECT_THAT(as_it_is.received().at(0).content, HasSubstr("8bit\r\n\r\nG\xC3\xBCte"));
  EXPECT_THAT(as_it_is.servers[0].commands.front(), HasSubstr("BODY=8BITMIME"));
}

TEST(FaultScript, Row76SignedEightBitMessageFailsWithout8bitmime) {
  Script seven;
  seven.ehlo = "250-mx.example\r\n250 PIPELINING\r\n";
  TextSource message("DKIM-Signature: v=1\r\nSubject: x\r\n\r\n\xC3\xBC\r\n");
  message.eight_bit = true;
  const Played run = carry({seven}, envelope_to(three), message);
  EXPECT_EQ(run.verdicts(), "failed failed failed");
  EXPECT_EQ(run.outcome(0).status.text(), "5.6.3");
  EXPECT_THAT(run.outcome(0).text, HasSubstr("does not offer 8BITMIME, and "));
  EXPECT_THAT(run.servers[0].commands, IsEmpty());
}

TEST(FaultScript, Row77AddressThatNeedsSmtputf8FailsAloneWithoutIt) {
  const Played run =
      carry({script({})}, envelope_to({"a@x.example", "j\xC3\xBCrgen@x.example"}), letter);
  EXPECT_EQ(run.verdicts(), "delivered failed");
  EXPECT_EQ(run.outcome(1).status.text(), "5.6.7");
}

TEST(FaultScript, Row78InjectionIsRefusedBeforeAnyOctet) {
  const Played run = carry({script({})},
                           envelope_to({"a@x.example\r\nRCPT TO:<evil@x.example>", "b@x.example",
                                        std::string("c\0@x.example", 12), "d@x.example>"}),
                           letter);
  EXPECT_EQ(run.verdicts(), "failed delivered failed failed");
  EXPECT_EQ(run.outcome(0).stage, Stage::address);
  EXPECT_EQ(run.outcome(0).status.text(), "5.1.3");
  EXPECT_THAT(run.servers[0].commands, SizeIs(3));
}

}  // namespace
}  // namespace postern::smtp::test
