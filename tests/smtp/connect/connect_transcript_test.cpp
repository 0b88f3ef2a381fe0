#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "smtp/connect/transcript.h"

namespace postern::smtp {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;

TEST(ConnectTranscript, KeepsTheLinesOfBothSidesWithoutSecrets) {
  ConnectTranscript transcript;
  transcript.mask().add("geheim");
  transcript.server_said("220 mx.example\r\n");
  transcript.client_said("EHLO me.example\r\n");
  transcript.server_said("250-mx.example\r\n250 AUTH PLAIN\r\n");
  transcript.note("TLSv1.3");
  transcript.client_said("AUTH PLAIN AHVzZXIAZ2VoZWlt\r\n");
  transcript.server_said("535 no AHVzZXIAZ2VoZWlt, no geheim\r\n");
  EXPECT_THAT(
      transcript.lines(),
      ElementsAre("S: 220 mx.example", "C: EHLO me.example", "S: 250-mx.example",
                  "S: 250 AUTH PLAIN", "-- TLSv1.3", "C: AUTH PLAIN …", "S: 535 no …, no …"));
  ASSERT_TRUE(transcript.reply());
  EXPECT_EQ(transcript.reply()->text, "no …, no …");
  EXPECT_EQ(transcript.server_name(), "mx.example");
}

TEST(ConnectTranscript, GoodbyeStaysTheReplyWhateverIsSaidBehindIt) {
  ConnectTranscript transcript;
  transcript.server_said("220 mx.example\r\n");
  transcript.client_said("EHLO me.example\r\n");
  transcript.server_said("421 4.3.2 closing\r\n");
  transcript.client_said("HELO me.example\r\n");
  ASSERT_TRUE(transcript.reply());
  EXPECT_EQ(transcript.reply()->text, "4.3.2 closing");
  EXPECT_EQ(transcript.stage(), Stage::ehlo);
}

TEST(ConnectTranscript, WhatGoesToAProxyIsNotKept) {
  ConnectTranscript transcript;
  transcript.client_said("CONNECT mx:25 HTTP/1.1\r\nProxy-Authorization: Basic dTpw\r\n\r\n");
  EXPECT_THAT(transcript.lines(), SizeIs(0));
  EXPECT_EQ(transcript.stage(), Stage::connect);
}

TEST(ConnectTranscript, KeepsAtMostTwoHundredLines) {
  ConnectTranscript transcript;
  std::string reply;
  for (int line = 0; line < 150; ++line) reply += "220-hello\r\n";
  reply += "220 hello\r\n";
  transcript.server_said(reply);
  transcript.server_said(reply);
  EXPECT_THAT(transcript.lines(), SizeIs(ConnectTranscript::max_lines));
  EXPECT_EQ(transcript.lines().back(), "-- the rest is left out");
}

TEST(ConnectTranscript, KeepsAtMost64KiBOfLines) {
  ConnectTranscript transcript;
  for (int reply = 0; reply < 10; ++reply) {
    transcript.server_said("220 " + std::string(10'000, 'x') + "\r\n");
  }
  std::size_t octets = 0;
  for (const std::string& line : transcript.lines()) octets += line.size();
  EXPECT_LE(octets, Transcript::max_octets + 100);
  EXPECT_EQ(transcript.lines().back(), "-- the rest is left out");
}

TEST(ConnectTranscript, Row22TakesTenChallengesAndNoMore) {
  ConnectTranscript transcript;
  transcript.server_said("220 mx.example\r\n");
  transcript.client_said("AUTH CRAM-MD5\r\n");
  for (int round = 0; round < 10; ++round) {
    EXPECT_TRUE(transcript.server_said("334 bW9yZQ==\r\n"));
    transcript.client_said("bm8=\r\n");
  }
  EXPECT_FALSE(transcript.server_said("334 bW9yZQ==\r\n"));
  EXPECT_THAT(transcript.refusal(), HasSubstr("more than 10 challenges"));
}

TEST(ConnectTranscript, Row11OnlyTheLastEhloCounts) {
  ConnectTranscript transcript;
  transcript.server_said("220 mx.example\r\n");
  transcript.client_said("EHLO me.example\r\n");
  transcript.server_said("250-mx.example\r\n250 PIPELINING\r\n");
  EXPECT_TRUE(transcript.capabilities().pipelining);
  transcript.client_said("STARTTLS\r\n");
  EXPECT_EQ(transcript.stage(), Stage::starttls);
  transcript.server_said("220 go\r\n");
  transcript.client_said("EHLO me.example\r\n");
  EXPECT_FALSE(transcript.capabilities().pipelining);
}

TEST(ConnectTranscript, HeloOffersNothingButLhloDoes) {
  for (const bool lmtp : {false, true}) {
    ConnectTranscript transcript;
    transcript.server_said("220 mx.example\r\n");
    transcript.client_said(lmtp ? "LHLO me.example\r\n" : "HELO me.example\r\n");
    transcript.server_said("250-mx.example\r\n250 PIPELINING\r\n");
    EXPECT_EQ(transcript.capabilities().pipelining, lmtp);
  }
}

TEST(ConnectTranscript, ClientLinesWithinAuthAreNoCommands) {
  ConnectTranscript transcript;
  transcript.server_said("220 mx.example\r\n");
  transcript.client_said("AUTH PLAIN\r\n");
  transcript.server_said("334 \r\n");
  transcript.client_said("EHLO geheim\r\n");
  EXPECT_EQ(transcript.stage(), Stage::auth);
  EXPECT_THAT(transcript.lines(), Each(Not(HasSubstr("geheim"))));
}

TEST(ConnectTranscript, RefusedOctetsAreNotedWithoutSecrets) {
  ConnectTranscript transcript;
  transcript.mask().add("geheim");
  EXPECT_FALSE(transcript.server_said("HTTP/1.1 400 geheim\r\n"));
  EXPECT_THAT(transcript.refusal(), Not(HasSubstr("geheim")));
  EXPECT_THAT(transcript.lines().back(), HasSubstr("HTTP/1.1 400 …"));
}

}  // namespace
}  // namespace postern::smtp
