#include "smtp/dialogue/reply.h"

#include <gtest/gtest.h>

namespace postern::smtp {
namespace {

/// All replies in the octets, given in two pieces cut at `cut`.
std::vector<Reply> parse(std::string_view octets, std::size_t cut, ReplyParser& parser) {
  std::vector<Reply> replies;
  for (std::string_view piece : {octets.substr(0, cut), octets.substr(cut)}) {
    while (!piece.empty()) {
      auto reply = parser.parse(piece);
      if (!reply) break;
      replies.push_back(std::move(*reply));
    }
  }
  return replies;
}

TEST(ReplyParser, FindsTheSameRepliesWhereverTheOctetsAreCut) {
  const std::string_view octets =
      "220 hello\r\n250-mx\r\n250-SIZE 5\r\n250 DSN\r\n250\r\n250-\n250\n354 \r\n550-5.1.1 no\n550 "
      "5.1.1 such\r\n";
  for (std::size_t cut = 0; cut <= octets.size(); ++cut) {
    ReplyParser parser;
    const auto replies = parse(octets, cut, parser);
    ASSERT_EQ(replies.size(), 6U) << cut;
    EXPECT_EQ(replies[0].text, "hello");
    EXPECT_EQ(replies[1].text, "mx\nSIZE 5\nDSN");
    EXPECT_EQ(replies[2].text, "");
    EXPECT_EQ(replies[3].text, "\n");
    EXPECT_EQ(replies[4].code, 354);
    EXPECT_EQ(replies[5].text, "5.1.1 no\n5.1.1 such");
    EXPECT_EQ(replies[5].reply_class(), 5);
    EXPECT_FALSE(parser.within_reply());
  }
}

TEST(ReplyParser, RefusesWhatIsNoReplyWhereverItIsCut) {
  for (const std::string_view junk :
       {"hello\r\n", "25 ok\r\n", "2500 ok\r\n", "\r\n", "250_ok\r\n", "250-a\r\n251 b\r\n",
        "250-a\r\nb\r\n", "-250 a\r\n", "\x16\x03\x01\n"}) {
    for (std::size_t cut = 0; cut <= junk.size(); ++cut) {
      ReplyParser parser;
      EXPECT_TRUE(parse(junk, cut, parser).empty());
      EXPECT_FALSE(parser.refusal().empty()) << junk;
    }
  }
}

TEST(ReplyParser, NamesBothCodesOfAnUnequalReply) {
  ReplyParser parser;
  std::string_view octets = "250-a\r\n251 b\r\n";
  EXPECT_FALSE(parser.parse(octets));
  EXPECT_EQ(parser.refusal(), "a reply with unequal codes: 250 and 251");
}

TEST(ReplyParser, EndlessLineAndEndlessReplyAreRefusedAfter64KiB) {
  for (const std::string& piece : {std::string(1000, '2'), std::string("250-\r\n")}) {
    ReplyParser parser;
    std::size_t taken = 0;
    while (parser.refusal().empty() && taken < 1'000'000) {
      std::string_view octets = piece;
      EXPECT_FALSE(parser.parse(octets));
      taken += piece.size();
    }
    EXPECT_LE(taken, ReplyParser::limit * 2);
  }
}

TEST(ReplyParser, ReplyJustBelowTheLimitIsTaken) {
  ReplyParser parser;
  const std::string reply = "250 " + std::string(ReplyParser::limit - 5, 'x') + "\r\n";
  std::string_view octets = reply;
  EXPECT_TRUE(parser.parse(octets));
}

TEST(ReplyParser, ControlsAndBrokenUtf8NeverReachAnOperatorsTerminal) {
  ReplyParser parser;
  std::string_view octets("550 a\x1b[2J\tb\0\r\x7f\r\n", 17);
  EXPECT_EQ(parser.parse(octets)->text, "a?[2J\tb???");
  octets = "550 J\xC3\xBCrgen\r\n";
  EXPECT_EQ(parser.parse(octets)->text, "J\xC3\xBCrgen");
  octets = "550 J\xFCrgen\r\n";
  EXPECT_EQ(parser.parse(octets)->text, "J?rgen");
}

}  // namespace
}  // namespace postern::smtp
