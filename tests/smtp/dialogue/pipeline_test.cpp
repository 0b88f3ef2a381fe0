// Several messages on one link: what they cost, and that their verdicts are true whatever happens.
#include "smtp/dialogue/pipeline.h"

#include <algorithm>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/smtp/support/scripted_server.h"

namespace postern::smtp::test {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using Then = Rule::Then;

const TextSource dotted_letter("Subject: x\r\n\r\n.body\r\n");
const char* const pipelining_and_chunking = "250-mx\r\n250-PIPELINING\r\n250 CHUNKING\r\n";

Script with_chunking(std::vector<Rule> rules = {}) {
  Script script;
  script.ehlo = pipelining_and_chunking;
  script.rules = std::move(rules);
  return script;
}

std::vector<Posted> messages_to(const std::vector<std::string>& recipients) {
  std::vector<Posted> messages;
  for (const auto& address : recipients)
    messages.push_back({envelope_to({address}), &dotted_letter});
  return messages;
}

std::vector<Posted> ten_messages() {
  std::vector<std::string> recipients;
  for (int index = 0; index < 10; ++index) recipients.push_back(std::to_string(index) + "@x");
  return messages_to(recipients);
}

/// A server that answers only when the client has no more to send, so that flights count.
Convoy flights(Script script, const Modes& modes, ServerMemory* memory = nullptr) {
  script.pauses = true;
  RunOptions options;
  options.modes = modes;
  options.memory = memory;
  const Convoy run = carry_all({script}, ten_messages(), options);
  EXPECT_THAT(run.servers[0].received, SizeIs(10));
  return run;
}

TEST(RoundTrips, TenMessagesInLockStepTakeFourEach) {
  EXPECT_EQ(flights(Script{}, {.pipelining = false}).servers[0].flights, 40U);
}

TEST(RoundTrips, TenPipelinedMessagesTakeTwoEach) {
  EXPECT_EQ(flights(Script{}, {.grouping = false}).servers[0].flights, 20U);
}

TEST(RoundTrips, TenGroupedMessagesTakeOneEachAndOneMore) {
  EXPECT_EQ(flights(Script{}, {}).servers[0].flights, 11U);
}

TEST(RoundTrips, TenMessagesInChunksTakeOneEach) {
  EXPECT_EQ(flights(with_chunking(), {}).servers[0].flights, 10U);
}

TEST(RoundTrips, OverlappedMessagesShareTheirFlightsOnceBdatIsKnownToWork) {
  const Modes modes{.overlap = 8};
  EXPECT_LE(flights(with_chunking(), modes).servers[0].flights, 4U);
  ServerMemory memory;
  memory.chunking_worked(SteadyTime());
  EXPECT_LE(flights(with_chunking(), modes, &memory).servers[0].flights, 3U);
}

TEST(RoundTrips, ChunksAreUsedOnlyWherePipeliningIsOffered) {
  Script script;
  script.ehlo = "250-mx\r\n250 CHUNKING\r\n";
  EXPECT_EQ(flights(script, {}).servers[0].chunks, 0U);
}

TEST(Pipeline, ChunkHoldsTheOctetsAsTheyAre) {
  const Convoy run = carry_all({with_chunking()}, messages_to({"a@x"}));
  EXPECT_EQ(run.servers[0].received.at(0).content, "Subject: x\r\n\r\n.body\r\n");
}

TEST(Pipeline, LargeMessageGoesInChunksOfSixtyFourKibibytes) {
  const TextSource large(std::string(65536 * 3, 'x') + "\r\n");
  const Convoy run = carry_all({with_chunking()}, {{envelope_to({"a@x"}), &large}});
  ASSERT_THAT(run.servers[0].received, SizeIs(1));
  EXPECT_EQ(run.servers[0].chunks, 4U);
  EXPECT_EQ(run.servers[0].received[0].content.size(), 65536U * 3 + 2);
}

TEST(Pipeline, LargeMessageIsNotSentToAServerThatRefusesEveryone) {
  const TextSource large(std::string(10'000'000, 'x') + "\r\n");
  Script script = with_chunking({{"RCPT", "550 no\r\n", Then::go_on, 9}});
  const Convoy run = carry_all({script}, {{envelope_to({"a@x"}), &large}});
  EXPECT_LE(run.servers[0].chunks, 8U);
  EXPECT_EQ(run.servers[0].commands.back(), "RSET");
  EXPECT_EQ(run.deliveries[0].recipients[0].verdict, Verdict::failed);
}

TEST(Pipeline, SourceThatFailsBetweenChunksIsTakenBackOnTheSameLink) {
  TextSource broken(std::string(300'000, 'x'));
  broken.fails_behind = 200'000;
  const Convoy run = carry_all(
      {with_chunking()}, {{envelope_to({"a@x"}), &broken}, {envelope_to({"b@x"}), &dotted_letter}});
  EXPECT_EQ(run.deliveries[0].recipients[0].verdict, Verdict::retry);
  EXPECT_EQ(run.deliveries[1].recipients[0].verdict, Verdict::delivered);
  EXPECT_THAT(run.servers[0].commands, Contains("RSET"));
  EXPECT_THAT(run.servers[0].received, SizeIs(1));
}

TEST(Pipeline, RecipientsOfAnOverlappedMessageNeverJoinAFailedOne) {
  for (const Rule& refusal :
       {Rule{"RCPT TO:<a", "550 5.1.1 no a\r\n"}, Rule{"BDAT", "554 5.7.1 no such content\r\n"}}) {
    SCOPED_TRACE(refusal.when);
    ServerMemory memory;
    memory.chunking_worked(SteadyTime());
    RunOptions options;
    options.memory = &memory;
    options.modes.overlap = 8;
    std::vector<Posted> messages = messages_to({"a@x", "b@x", "c@x"});
    messages[0].envelope.reverse_path = "first@example.org";
    const Convoy run = carry_all({with_chunking({refusal})}, messages, options);
    EXPECT_EQ(run.deliveries[0].recipients[0].verdict, Verdict::failed);
    EXPECT_EQ(run.deliveries[1].recipients[0].verdict, Verdict::delivered);
    EXPECT_EQ(run.deliveries[2].recipients[0].verdict, Verdict::delivered);
    ASSERT_THAT(run.servers[0].received, SizeIs(2));
    for (const Received& received : run.servers[0].received) {
      EXPECT_EQ(received.from, "sender@example.org");
      EXPECT_THAT(received.to, SizeIs(1));
    }
  }
}

TEST(Pipeline, StoppedMessageDoesNotMakeTheVerdictBeforeItUnknown) {
  // The second waits with its DATA after the content of the first; the verdict on that one comes
  // in a piece of its own.
  Script slow;
  slow.pauses = true;
  RunOptions options;
  options.stop_behind = 2;
  options.stopped = 1;
  for (std::uint32_t seed = 1; seed < 20; ++seed) {
    SCOPED_TRACE(seed);
    options.cut = {seed};
    const Convoy run = carry_all({slow}, messages_to({"a@x", "b@x"}), options);
    EXPECT_EQ(run.deliveries[0].recipients[0].verdict, Verdict::delivered);
    EXPECT_EQ(run.deliveries[1].recipients[0].verdict, Verdict::retry);
    EXPECT_THAT(run.servers[0].received, SizeIs(1));
  }
}

TEST(Pipeline, NoMoreMessagesAreBegunThanTheServerTakesInASession) {
  Script limited;
  limited.ehlo = "250-mx\r\n250-PIPELINING\r\n250 LIMITS RCPTMAX=2 MAILMAX=2\r\n";
  std::vector<Posted> messages = messages_to({"a@x"});
  messages.push_back({envelope_to({"b@x", "c@x", "d@x"}), &dotted_letter});
  const Convoy run = carry_all({limited, limited}, messages);
  EXPECT_THAT(run.servers[0].received, SizeIs(2));
  ASSERT_THAT(run.servers[1].received, SizeIs(1));
  EXPECT_THAT(run.servers[1].received[0].to, ElementsAre("d@x"));
}

// A server whose replies are true, but which refuses, closes and falls silent at random: whatever
// it does, a verdict of ours must be what it did.
class HonestServer : public testing::TestWithParam<const char*> {};

std::vector<Rule> random_rules(std::mt19937& random) {
  const std::vector<std::string> places{"MAIL", "RCPT TO:<1", "RCPT TO:<3", "RCPT TO:<5", "RCPT",
                                        "DATA", "BDAT",       ".",          "RSET"};
  const std::vector<std::string> answers{"550 5.1.1 no\r\n",
                                         "451 4.3.0 later\r\n",
                                         "421 4.3.2 bye\r\n",
                                         "452 4.5.3 many\r\n",
                                         "554-5.7.1 a\r\n554 5.7.1 b\r\n",
                                         ""};
  const auto pick = [&random](const auto& list) { return list[random() % list.size()]; };
  std::vector<Rule> rules;
  for (int count = static_cast<int>(random() % 4); count > 0; --count) {
    Rule rule{pick(places), pick(answers)};
    const bool ends = rule.say.empty() || rule.say.starts_with("421") || random() % 5 == 0;
    if (ends) rule.then = random() % 4 == 0 ? Then::silence : Then::close;
    // Some rules apply only later on.
    rule.skip = static_cast<int>(random() % 4);
    rules.push_back(rule);
  }
  return rules;
}

void check_truth(const Convoy& run, const std::vector<Posted>& messages) {
  for (std::size_t index = 0; index < messages.size(); ++index) {
    const auto& recipients = messages[index].envelope.recipients;
    for (std::size_t at = 0; at < recipients.size(); ++at) {
      std::size_t copies = 0;
      for (const Journal& server : run.servers) {
        for (const Received& received : server.received) {
          copies += static_cast<std::size_t>(
              std::count(received.to.begin(), received.to.end(), recipients[at].address));
        }
      }
      const Verdict verdict = run.deliveries[index].recipients.at(at).verdict;
      if (verdict == Verdict::unknown) {
        EXPECT_LE(copies, 1U) << recipients[at].address;
      } else {
        EXPECT_EQ(copies, verdict == Verdict::delivered ? 1U : 0U) << recipients[at].address;
      }
    }
  }
}

TEST_P(HonestServer, IsToldTheTruthAboutAtRandomFaults) {
  for (std::uint32_t seed = 1; seed <= 3000; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random(seed);
    std::vector<Posted> messages = messages_to({"0@x", "1@x", "2@x"});
    messages.push_back({envelope_to({"3@x", "4@x", "5@x"}), &dotted_letter});
    ServerMemory memory;
    if (random() % 2 == 0) memory.chunking_worked(SteadyTime());
    RunOptions options;
    options.cut = {static_cast<std::uint32_t>(random() % 3 == 0 ? 0 : random())};
    options.memory = &memory;
    options.modes.overlap = 1 + random() % 4;
    std::vector<Script> scripts(12);
    for (Script& script : scripts) {
      script.ehlo = GetParam();
      script.rules = random_rules(random);
    }
    scripts.resize(40);  // and willing ones in the end
    check_truth(carry_all(scripts, messages, options), messages);
    if (HasFailure()) return;
  }
}

INSTANTIATE_TEST_SUITE_P(Modes, HonestServer,
                         testing::Values("250 mx\r\n", "250-mx\r\n250 PIPELINING\r\n",
                                         pipelining_and_chunking));

/// Takes everything and answers with no more than these replies.
class SilentServer final : public Stream {
 public:
  SilentServer(std::string_view replies, std::uint64_t& taken) : taken_(taken), replies_(replies) {}
  StreamResult read(std::span<char> into) override {
    const std::size_t count = std::min(into.size(), replies_.size());
    if (count == 0 || taken_ == 0) return {};
    replies_.copy(into.data(), count);
    replies_.remove_prefix(count);
    return {StreamResult::State::moved, count, {}};
  }
  StreamResult write(std::string_view octets) override {
    taken_ += octets.size();
    return {StreamResult::State::moved, octets.size(), {}};
  }

 private:
  std::uint64_t& taken_;
  std::string_view replies_;
};

/// Nothing but empty lines.
class EmptyLines : public OctetSource {
 public:
  explicit EmptyLines(std::uint64_t size) : size_(size) {}
  std::uint64_t size() const override { return size_; }
  bool has_8bit() const override { return false; }
  bool needs_smtputf8() const override { return false; }
  std::unique_ptr<OctetReader> open() const override { return std::make_unique<Reader>(size_); }

 private:
  struct Reader : OctetReader {
    explicit Reader(std::uint64_t size) : left(size) {}
    std::size_t read(std::span<std::byte> into) override {
      const std::size_t count = std::min<std::uint64_t>(into.size(), left) & ~std::size_t{1};
      for (std::size_t at = 0; at < count; at += 2) {
        into[at] = std::byte{'\r'};
        into[at + 1] = std::byte{'\n'};
      }
      left -= count;
      return count;
    }
    std::uint64_t left;
  };
  std::uint64_t size_;
};

constexpr std::uint64_t chunk_size = std::uint64_t{64} * 1024;

/// The octets that leave of an endless message in chunks until a server that falls silent after
/// these replies has to be waited for.
std::uint64_t octets_sent_to_silence(std::string_view replies) {
  const EmptyLines endless(std::uint64_t{1} << 40U);
  const Envelope envelope = envelope_to({"a@x"});
  Capabilities server;
  server.pipelining = server.chunking = true;
  std::uint64_t taken = 0;
  const Modes modes;
  ServerMemory memory;
  MessageTransfer transfer(envelope, endless, {});
  MessageTransfer* next = &transfer;
  Link link(std::make_unique<SilentServer>(replies, taken),
            usable(server, modes, memory, SteadyTime()), "mx", {});
  Pipeline pipeline(
      link.dialogue(), modes, memory, [&next] { return std::exchange(next, nullptr); },
      [](MessageTransfer&) {});
  while (link.run(pipeline, {}).at_once) {
  }
  return taken;
}

TEST(Pipeline, ChunksThatNobodyAnswersEndAtTheWindow) {
  constexpr std::uint64_t command = std::string_view("BDAT 65536\r\n").size();
  const std::uint64_t sent = octets_sent_to_silence("250 ok\r\n250 ok\r\n");
  EXPECT_LE(sent, (Dialogue::window / command + 2) * (chunk_size + command));
  EXPECT_GT(sent, std::uint64_t{1024} * 1024);
}

TEST(Pipeline, NoMoreThanAQuarterMebibyteLeavesBeforeARecipientIsAccepted) {
  constexpr std::uint64_t quarter_mebibyte = std::uint64_t{256} * 1024;
  const std::uint64_t sent = octets_sent_to_silence("250 ok\r\n");
  EXPECT_GE(sent, quarter_mebibyte) << "a usual message goes in one flight";
  EXPECT_LE(sent, quarter_mebibyte + chunk_size);
}

}  // namespace
}  // namespace postern::smtp::test
