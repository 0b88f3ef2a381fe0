// The benchmarks' server answers in order and counts what it was given, however the octets are cut.
#include "bench/sink/sink_dialogue.h"

#include <sstream>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace postern::bench {
namespace {

struct Heard {
  std::string codes;  ///< of the replies, the greeting's first, each with a space after
  SinkDialogue::State state = SinkDialogue::State::open;
  SinkDialogue::Count count;
};

/// What the server makes of the octets when they come in blocks of this size.
Heard say(const std::string& octets, std::size_t block, bool offers_tls = false) {
  Heard heard;
  std::string replies;
  SinkDialogue dialogue(offers_tls, replies);
  for (std::size_t at = 0; at < octets.size() && heard.state == SinkDialogue::State::open;
       at += block) {
    heard.state = dialogue.take(std::string_view(octets).substr(at, block), replies);
  }
  std::istringstream lines(replies);
  for (std::string line; std::getline(lines, line);) {
    if (line.size() > 3 && line[3] == ' ') heard.codes += line.substr(0, 4);
  }
  heard.count = dialogue.count();
  return heard;
}

/// The codes of the replies to the octets, the same however they are cut.
std::string codes(const std::string& octets, std::uint64_t messages, std::uint64_t content) {
  const Heard whole = say(octets, octets.size());
  for (std::size_t block = 1; block <= octets.size(); ++block) {
    const Heard cut = say(octets, block);
    EXPECT_EQ(cut.codes, whole.codes) << "in blocks of " << block;
    EXPECT_EQ(cut.count.messages, messages) << "in blocks of " << block;
    EXPECT_EQ(cut.count.octets, content) << "in blocks of " << block;
  }
  return whole.codes;
}

const std::string envelope = "MAIL FROM:<a@a.test>\r\nRCPT TO:<b@b.test>\r\n";

TEST(SinkDialogue, CountsMessagesAndTheirOctets) {
  EXPECT_EQ(codes("EHLO x\r\n" + envelope + "DATA\r\nab\r\n..\r\n.\r\n" + envelope +
                      "BDAT 3\r\nabcBDAT 2 LAST\r\ndeQUIT\r\n",
                  2, 12),
            "220 250 250 250 354 250 250 250 250 250 221 ");
}

TEST(SinkDialogue, TheNextMessageMayStandBehindTheDot) {
  const std::string message = envelope + "DATA\r\nx\r\n.\r\n";
  EXPECT_EQ(codes("EHLO x\r\n" + message + message, 2, 6),
            "220 250 250 250 354 250 250 250 354 250 ");
}

TEST(SinkDialogue, AnEmptyLastChunkEndsTheMessage) {
  EXPECT_EQ(codes(envelope + "BDAT 2\r\nabBDAT 0 LAST\r\n", 1, 2), "220 250 250 250 250 ");
}

TEST(SinkDialogue, CommandsOutOfOrderAreRefusedAndCountNothing) {
  EXPECT_EQ(codes("DATA\r\nRCPT TO:<b@b.test>\r\nBDAT 4 LAST\r\nQUITRSET\r\n", 0, 0),
            "220 503 503 503 250 ");
  EXPECT_EQ(codes("MAIL FROM:<>\r\nDATA\r\nMAIL FROM:<>\r\n", 0, 0), "220 250 503 503 ");
  EXPECT_EQ(codes(envelope + "BDAT 1\r\naDATA\r\n", 0, 0), "220 250 250 250 503 ");
}

TEST(SinkDialogue, ARefusedChunkIsNotCountedWithTheNextMessage) {
  EXPECT_EQ(codes("BDAT 5 LAST\r\nabcde" + envelope + "BDAT 1 LAST\r\na", 1, 1),
            "220 503 250 250 250 ");
}

TEST(SinkDialogue, ResetForgetsTheChunksBeforeIt) {
  EXPECT_EQ(codes(envelope + "BDAT 3\r\nabcRSET\r\n" + envelope + "BDAT 1 LAST\r\na", 1, 1),
            "220 250 250 250 250 250 250 250 ");
}

TEST(SinkDialogue, AChunkWithoutASizeEndsTheSession) {
  for (const char* command : {"BDAT\r\n", "BDAT x LAST\r\n", "BDAT 1 LATER\r\n", "BDAT -1\r\n"}) {
    EXPECT_EQ(say(envelope + command, 1).state, SinkDialogue::State::closed) << command;
  }
}

TEST(SinkDialogue, StartTlsDropsWhatWasSentBehindIt) {
  const Heard heard = say("EHLO x\r\nSTARTTLS\r\nNOOP\r\n", 1000, true);
  EXPECT_EQ(heard.codes, "220 250 220 ");
  EXPECT_EQ(heard.state, SinkDialogue::State::start_tls);
  EXPECT_EQ(codes("STARTTLS\r\nNOOP\r\n", 0, 0), "220 502 250 ");
}

TEST(SinkDialogue, AnEndlessLineEndsTheSession) {
  const Heard heard = say(std::string(100'000, 'x'), 100);
  EXPECT_EQ(heard.state, SinkDialogue::State::closed);
  EXPECT_EQ(heard.codes, "220 500 ");
}

TEST(SinkDialogue, TakesVerbsInAnyCaseAndRefusesUnknownOnes) {
  EXPECT_EQ(codes("ehlo x\r\nnoop\nXYZ\r\n\r\nhelo x\r\nquit\r\n", 0, 0),
            "220 250 250 500 500 250 221 ");
}

}  // namespace
}  // namespace postern::bench
