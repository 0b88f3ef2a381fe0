// The rows of the fault script that are about whom a refusal concerns, and what is learned of it:
// too many recipients, commands that were sent together, our name.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/smtp/dialogue/fault_script.h"

namespace postern::smtp::test {
namespace {

using Then = Rule::Then;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;

TEST(FaultScriptRefusals, SurplusThatMakesTheServerRefuseTheMessageIsOfferedApart) {
  // Exim's recipients_max_reject.
  for (const char* refusal : {"554 Too many recipients\r\n", "550 no\r\n", "552 5.5.3 no\r\n"}) {
    for (const char* command : {"DATA", "."}) {
      each_cut({script({{"RCPT", "552 too many recipients\r\n", Then::go_on, 3, 2},
                        {command, refusal}})},
               five, [](const Played& run) {
                 EXPECT_EQ(run.verdicts(), "delivered delivered delivered delivered delivered");
                 EXPECT_THAT(run.received(), SizeIs(3));
               });
    }
    each_cut(
        {chunked({{"RCPT", "552 too many recipients\r\n", Then::go_on, 3, 2}, {"BDAT", refusal}})},
        five, [](const Played& run) {
          EXPECT_EQ(run.verdicts(), "delivered delivered delivered delivered delivered");
        });
  }
}

TEST(FaultScriptRefusals, MessageRefusedForItsRecipientsGoesToHalfOfThem) {
  for (const char* refusal :
       {"550 5.5.3 no\r\n", "452 4.5.3 no\r\n", "554 too many recipients\r\n"}) {
    for (const char* command : {"DATA", "."}) {
      each_cut({script({{command, refusal}})}, five, [](const Played& run) {
        EXPECT_EQ(run.verdicts(), "delivered delivered delivered delivered delivered");
        EXPECT_THAT(run.received(), SizeIs(3));
      });
    }
    expect_verdicts({{".", refusal, Then::go_on, 9}}, {"a@x.example"},
                    refusal[0] == '4' ? "retry" : "failed");
  }
}

TEST(FaultScriptRefusals, SessionEndedForTooManyRecipientsGoesOnWithFewer) {
  Rule ended{"RCPT TO:<d", "421 4.7.0 Too many recipients\r\n", Then::close};
  for (const char* text : {"421 4.7.0 Too many recipients\r\n", "421 4.5.3 enough\r\n"}) {
    ended.say = text;
    each_cut({script({ended}), script({})}, five, [](const Played& run) {
      EXPECT_EQ(run.verdicts(), "delivered delivered delivered delivered delivered");
      EXPECT_THAT(run.servers[1].received.at(0).to, SizeIs(3));
    });
  }
}

TEST(FaultScriptRefusals, SessionLostAmongRecipientsIsFollowedBySmallerTransactions) {
  for (const Rule& lost : {Rule{"RCPT", "421 4.3.2 bye\r\n", Then::close, 1, 1},
                           Rule{"RCPT", "", Then::close, 1, 1}}) {
    ServerMemory memory;
    RunOptions options;
    options.memory = &memory;
    Script slow = script({lost});
    slow.ehlo = "250 mx.example\r\n";
    const auto run = [&] { return carry({slow, script({})}, envelope_to(five), letter, options); };
    EXPECT_EQ(run().verdicts(), "retry retry retry retry retry");
    EXPECT_EQ(memory.recipient_limit(SteadyTime()), 2) << "half of them";
    EXPECT_EQ(run().verdicts(), "retry retry delivered delivered delivered");
    EXPECT_EQ(memory.recipient_limit(SteadyTime()), 1) << "what was accepted";
    EXPECT_EQ(memory.recipient_limit(SteadyTime() + ServerMemory::suspected), std::nullopt);
    slow.rules.clear();
    EXPECT_THAT(run().received(), SizeIs(5));
  }
}

TEST(FaultScriptRefusals, CommandsLostInAFlightAreSentOneByOne) {
  // The server keeps the first command of a flight, or the last one.
  for (const Rule& lost :
       {Rule{"MAIL", "503 5.5.1 EHLO first\r\n"}, Rule{"MAIL", "503 no\r\n"},
        Rule{"RCPT", "503 5.5.1 MAIL first\r\n", Then::go_on, 3},
        Rule{"DATA",
             "503 5.5.0 <DATA>: Data command rejected: Improper use of SMTP command "
             "pipelining\r\n"},
        Rule{"MAIL", "554 SMTP synchronization error\r\n", Then::close}}) {
    ServerMemory memory;
    RunOptions options;
    options.memory = &memory;
    const Played run = carry({script({lost}), script({})}, envelope_to(three), letter, options);
    EXPECT_EQ(run.verdicts(), "delivered delivered delivered") << lost.say;
    EXPECT_THAT(run.servers[1].received, SizeIs(1));
    EXPECT_EQ(memory.pipelining(SteadyTime()), ServerMemory::Works::no);
    EXPECT_EQ(memory.pipelining(SteadyTime() + ServerMemory::kept), ServerMemory::Works::untried);
  }
}

TEST(FaultScriptRefusals, SilenceInAFlightIsFollowedByLockStep) {
  for (const auto& [lost, verdicts] :
       {std::pair{Rule{"RCPT", "", Then::silence}, "retry retry retry"},
        std::pair{Rule{"MAIL", "", Then::silence}, "retry retry retry"}}) {
    ServerMemory memory;
    RunOptions options;
    options.memory = &memory;
    EXPECT_EQ(carry({script({lost})}, envelope_to(three), letter, options).verdicts(), verdicts);
    EXPECT_EQ(memory.pipelining(SteadyTime()), ServerMemory::Works::doubtful);
    const Played next = carry({script({})}, envelope_to(three), letter, options);
    EXPECT_EQ(next.verdicts(), "delivered delivered delivered");
    EXPECT_EQ(next.servers[0].commands.size() + 1, next.servers[0].flights) << "one by one";
    EXPECT_EQ(memory.pipelining(SteadyTime()), ServerMemory::Works::no);
  }
}

TEST(FaultScriptRefusals, ServerThatIsSilentInLockStepTooHasNoBrokenPipelining) {
  ServerMemory memory;
  RunOptions options;
  options.memory = &memory;
  const Script silent = script({{"MAIL", "", Then::silence, 9}});
  for (int attempt = 0; attempt < 2; ++attempt) {
    EXPECT_EQ(carry({silent}, envelope_to(three), letter, options).verdicts(), "retry retry retry");
  }
  EXPECT_EQ(memory.pipelining(SteadyTime()), ServerMemory::Works::untried);
}

TEST(FaultScriptRefusals, RefusalOfOurNameIsNobodysVerdict) {
  for (const char* text :
       {"504 5.5.2 <vm>: Helo command rejected: need fully-qualified hostname\r\n",
        "450 4.7.1 <vm>: Helo command rejected: Host not found\r\n",
        "550 5.7.1 invalid HELO\r\n"}) {
    for (const char* command : {"MAIL", "RCPT", "DATA", "."}) {
      const std::string_view at = command;
      std::vector<Rule> rules{{command, text, Then::go_on, 9}};
      if (at == "MAIL") rules.push_back({"RCPT", "503 no\r\n", Then::go_on, 9});
      const auto check = [&](const Played& run) {
        EXPECT_EQ(run.verdicts(), "retry retry retry") << text << command;
        ASSERT_TRUE(run.delivery.route_fault);
        EXPECT_TRUE(run.delivery.route_fault->configuration);
        EXPECT_THAT(run.delivery.route_fault->outcome.text, HasSubstr("--helo"));
        EXPECT_THAT(run.outcome(0).text, Not(HasSubstr("--helo"))) << "the server's own words";
      };
      each_way(script(rules), three, check);
    }
  }
}

TEST(FaultScriptRefusals, CommandsOutOfSequenceInLockStepAreNobodysVerdict) {
  for (const char* command : {"MAIL", "RCPT", "DATA", "."}) {
    Script slow = script({{command, "503 5.5.1 no\r\n", Then::go_on, 9}});
    slow.ehlo = "250 mx.example\r\n";
    each_cut({slow}, three, [](const Played& run) {
      EXPECT_EQ(run.verdicts(), "retry retry retry");
      ASSERT_TRUE(run.delivery.route_fault);
      EXPECT_TRUE(run.delivery.route_fault->configuration);
    });
  }
}

TEST(FaultScriptRefusals, RefusedParameterIsRemembered) {
  ServerMemory memory;
  RunOptions options;
  options.memory = &memory;
  Script server = script({{"MAIL FROM:<sender@example.org> SIZE", "555 5.5.4 SIZE?\r\n"}});
  EXPECT_EQ(carry({server}, envelope_to(three), letter, options).verdicts(),
            "delivered delivered delivered");
  const Played next = carry({script({})}, envelope_to(three), letter, options);
  EXPECT_EQ(next.servers[0].commands.front(), "MAIL FROM:<sender@example.org>");
  ASSERT_THAT(memory.facts(SteadyTime()), SizeIs(1));
  EXPECT_EQ(memory.facts(SteadyTime())[0].text, "refused although offered: SIZE");
}

}  // namespace
}  // namespace postern::smtp::test
