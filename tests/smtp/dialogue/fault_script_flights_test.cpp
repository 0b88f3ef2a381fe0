// The rows of the fault script that concern chunks, several messages in flight, and LMTP.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/smtp/dialogue/fault_script.h"

namespace postern::smtp::test {
namespace {

using Then = Rule::Then;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

TEST(FaultScript, Row64RefusedChunkForNobodyLeavesEachItsOwnRefusal) {
  each_cut({chunked({{"RCPT TO:<a", "550 5.1.1 no a\r\n"},
                     {"RCPT TO:<b", "550 5.1.1 no b\r\n"},
                     {"RCPT TO:<c", "450 4.2.1 no c\r\n"}})},
           three, [](const Played& run) {
             EXPECT_EQ(run.verdicts(), "failed failed retry");
             EXPECT_EQ(run.outcome(1).text, "5.1.1 no b");
             EXPECT_EQ(run.servers[0].commands.back(), "RSET");
             EXPECT_THAT(run.received(), IsEmpty());
           });
}

TEST(FaultScript, Row65ContentReadAsCommandsEndsTheLinkAndKeepsTheRefusals) {
  Script confused = chunked({{"RCPT", "550 5.1.1 no\r\n", Then::go_on, 9}});
  confused.ignores_bdat = true;
  for (Rule rule : {Rule{"BDAT", "503 5.5.1 nobody\r\n"}, Rule{"Subject", "500 what?\r\n"},
                    Rule{"body", "500 what?\r\n"}}) {
    confused.rules.push_back(rule);
  }
  each_cut({confused}, three, [](const Played& run) {
    EXPECT_EQ(run.verdicts(), "failed failed failed");
    EXPECT_EQ(run.outcome(2).code, 550);
    EXPECT_TRUE(run.servers[0].closed_by_client);
  });
}

TEST(FaultScript, Row66RefusedBdatGoesByDataOverANewLinkAndIsRemembered) {
  Script broken = chunked({{"RCPT TO:<b", "550 no\r\n"}});
  broken.ignores_bdat = true;
  for (std::uint32_t seed = 0; seed < 62; ++seed) {
    ServerMemory memory;
    RunOptions options;
    options.cut = {seed};
    options.memory = &memory;
    const Played run = carry({broken, broken}, envelope_to(three), letter, options);
    EXPECT_EQ(run.verdicts(), "delivered failed delivered");
    EXPECT_THAT(run.servers[1].received, SizeIs(1));
    EXPECT_EQ(run.servers[1].chunks, 0U);
    EXPECT_EQ(memory.chunking(SteadyTime()), ServerMemory::Works::no);
    if (HasFailure()) return;
  }
}

TEST(FaultScript, Row67RefusedLastChunkIsRetried) {
  const TextSource large(std::string(200'000, 'x') + "\r\n");
  for (std::uint32_t seed = 0; seed < 62; ++seed) {
    const Played run = carry({chunked({{"RCPT TO:<b", "550 no\r\n"},
                                       {"BDAT 65536", "250 have it\r\n", Then::go_on, 9},
                                       {"BDAT", "452 4.3.1 full\r\n"}})},
                             envelope_to(three), large, {.cut = {seed}});
    EXPECT_EQ(run.verdicts(), "retry failed retry");
    EXPECT_EQ(run.outcome(0).code, 452);
    EXPECT_THAT(run.received(), IsEmpty());
    if (HasFailure()) return;
  }
}

TEST(FaultScript, Row67RefusedFirstChunkSettlesWhateverTheLastOneIsAnswered) {
  const TextSource large(std::string(200'000, 'x') + "\r\n");
  for (std::uint32_t seed = 0; seed < 62; ++seed) {
    const Played run = carry({chunked({{"BDAT", "552 5.3.4 too big\r\n"},
                                       {"BDAT", "503 5.5.1 no\r\n", Then::go_on, 9}})},
                             envelope_to(three), large, {.cut = {seed}});
    EXPECT_EQ(run.verdicts(), "failed failed failed");
    EXPECT_EQ(run.outcome(0).text, "5.3.4 too big");
    if (HasFailure()) return;
  }
}

TEST(FaultScript, Row67RefusedFirstChunkSettlesWhenAllAreAnsweredBehindTheLastOne) {
  const TextSource large(std::string(200'000, 'x') + "\r\n");
  const std::string answers =
      "552 5.3.4 too big\r\n552 5.3.5 still too big\r\n503 5.5.1 no\r\n503 5.5.1 no\r\n";
  for (std::uint32_t seed = 0; seed < 62; ++seed) {
    const Played run = carry({chunked({{"BDAT 65536", "", Then::go_on, 3}, {"BDAT", answers}})},
                             envelope_to(three), large, {.cut = {seed}});
    EXPECT_EQ(run.verdicts(), "failed failed failed");
    EXPECT_EQ(run.outcome(0).text, "5.3.4 too big");
    if (HasFailure()) return;
  }
}

/// Three messages to one recipient each, who is named for them.
Convoy carry_three(const std::vector<Script>& scripts, RunOptions options, std::uint32_t seed) {
  options.cut = {seed};
  std::vector<Posted> messages;
  for (const std::string& address : three) messages.push_back({envelope_to({address}), &letter});
  return carry_all(scripts, messages, options);
}

std::string verdicts(const Convoy& run) {
  std::string all;
  for (const Delivery& delivery : run.deliveries) {
    for (const Outcome& outcome : delivery.recipients) {
      all.append(all.empty() ? "" : " ").append(name(outcome.verdict));
    }
  }
  return all;
}

TEST(FaultScript, Row68ServiceClosingBehindADotDoesNotChargeTheNextMessage) {
  for (std::uint32_t seed = 0; seed < 62; ++seed) {
    const Convoy run =
        carry_three({script({{".", "421 4.3.2 down\r\n", Then::close}}), script({})}, {}, seed);
    EXPECT_EQ(verdicts(run), "retry delivered delivered") << seed;
    EXPECT_THAT(run.servers[0].received, IsEmpty());
    if (HasFailure()) return;
  }
}

TEST(FaultScript, Row68LostLinkBehindADotIsUnknownForThatMessageAlone) {
  for (std::uint32_t seed = 0; seed < 62; ++seed) {
    const Convoy run = carry_three({script({{".", "", Then::close}}), script({})}, {}, seed);
    EXPECT_EQ(verdicts(run), "unknown delivered delivered") << seed;
    if (HasFailure()) return;
  }
}

TEST(FaultScript, Row69LmtpAnswersForEachAcceptedRecipient) {
  Script lmtp = script({{"RCPT TO:<b", "550 5.1.1 unknown\r\n"},
                        {".", "250 2.0.0 a has it\r\n"},
                        {".", "450 4.2.0 d later\r\n"},
                        {".", "550 5.2.2 e full\r\n"}});
  lmtp.lmtp = true;
  each_cut({lmtp}, {"a@x", "b@x", "d@x", "e@x"}, [](const Played& run) {
    EXPECT_EQ(run.verdicts(), "delivered failed retry failed");
    EXPECT_EQ(run.outcome(2).text, "4.2.0 d later");
    EXPECT_EQ(run.outcome(3).text, "5.2.2 e full");
    EXPECT_THAT(run.received().at(0).to, ElementsAre("a@x"));
  });
}

TEST(FaultScript, Row70LmtpClosingBehindTheFirstReplyLeavesTheOthersUnknown) {
  Script lmtp = script({{".", "250 2.0.0 a has it\r\n"}, {".", "", Then::close}});
  lmtp.lmtp = true;
  each_cut({lmtp}, three,
           [](const Played& run) { EXPECT_EQ(run.verdicts(), "delivered unknown unknown"); });
}

}  // namespace
}  // namespace postern::smtp::test
