#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "transport/imap/response.h"

namespace postern::transport::imap {
namespace {

using testing::ElementsAre;

constexpr std::size_t longest_literal = 64;

std::vector<Response> read(const std::string& octets, std::size_t step) {
  ResponseReader reader(longest_literal);
  std::vector<Response> responses;
  for (std::size_t at = 0; at < octets.size(); at += step) {
    reader.push(std::string_view(octets).substr(at, step));
    while (auto response = reader.next()) responses.push_back(std::move(*response));
  }
  return responses;
}

std::vector<std::string> texts(const std::vector<Token>& tokens) {
  std::vector<std::string> texts;
  for (const auto& token : tokens) {
    texts.push_back(token.kind == Token::Kind::open    ? "("
                    : token.kind == Token::Kind::close ? ")"
                                                       : token.text);
  }
  return texts;
}

TEST(ImapResponse, IsALineWithATagAndAName) {
  const auto responses = read("* OK ready\r\n* 4 FETCH (UID 7)\r\nP1 no such thing\r\n", 1000);
  ASSERT_EQ(responses.size(), 3U);
  EXPECT_EQ(responses[0].tag(), "*");
  EXPECT_EQ(responses[0].name(), "OK");
  EXPECT_EQ(responses[1].name(), "FETCH");
  EXPECT_EQ(responses[2].tag(), "P1");
  EXPECT_EQ(responses[2].name(), "NO");
  EXPECT_EQ(responses[2].text(), "no such thing");
}

/// However the network cuts it. What looks like a response within a literal is none.
TEST(ImapResponse, LiteralIsTakenByItsSize) {
  const std::string mail = "Subject: x\r\n\r\nP2 OK done\r\n* BYE {3}\r\n";
  const std::string octets = "* 1 FETCH (UID 7 BODY[] {" + std::to_string(mail.size()) + "}\r\n" +
                             mail + " FLAGS (\\Recent))\r\nP2 OK done\r\n";
  for (std::size_t step = 1; step < octets.size(); ++step) {
    const auto responses = read(octets, step);
    ASSERT_EQ(responses.size(), 2U) << step;
    EXPECT_THAT(texts(responses[0].tokens()),
                ElementsAre("1", "FETCH", "(", "UID", "7", "BODY[]", mail, "FLAGS", "(", "\\Recent",
                            ")", ")"));
    EXPECT_EQ(responses[1].tag(), "P2");
  }
}

TEST(ImapResponse, EmptyLiteralIsAnEmptyString) {
  const auto responses = read("* 1 FETCH (BODY[] {0}\r\n UID 7)\r\n", 3);
  ASSERT_EQ(responses.size(), 1U);
  EXPECT_THAT(texts(responses[0].tokens()),
              ElementsAre("1", "FETCH", "(", "BODY[]", "", "UID", "7", ")"));
}

TEST(ImapResponse, QuotedStringsAndBracketsHideWhatTheyHold) {
  const auto responses = read(
      "* LIST (\\Noselect) \"/\" \"a \\\"b\\\\ (c\"\r\n* 1 FETCH (BODY[HEADER.FIELDS (TO)] "
      "NIL)\r\n",
      5);
  ASSERT_EQ(responses.size(), 2U);
  EXPECT_THAT(texts(responses[0].tokens()),
              ElementsAre("LIST", "(", "\\Noselect", ")", "/", "a \"b\\ (c"));
  EXPECT_THAT(texts(responses[1].tokens()),
              ElementsAre("1", "FETCH", "(", "BODY[HEADER.FIELDS (TO)]", "NIL", ")"));
}

TEST(ImapResponse, BraceInAStatusTextAnnouncesNothing) {
  const auto responses = read("* OK please wait {5}\r\nP1 NO [ALERT] {7}\r\n", 4);
  ASSERT_EQ(responses.size(), 2U);
  EXPECT_EQ(responses[1].text(), "NO [ALERT] {7}");
}

TEST(ImapResponse, ServerMaySendNoMoreThanWasAskedFor) {
  EXPECT_THROW(read("* 1 FETCH (BODY[] {65}\r\n", 1000), ProtocolError);
  EXPECT_THROW(read("* 1 FETCH (BODY[] {18446744073709551615}\r\n", 1000), ProtocolError);
  EXPECT_THROW(read(std::string(std::size_t{5} << 20, 'x'), 65536), ProtocolError);
}

TEST(ImapResponse, RubbishIsReadAsSomethingOrOther) {
  for (const std::string line : {"", " ", "*", "* ", "{3}", "* {}", "* {x}", "* 1", "* (\"", "* )(",
                                 "* \"\\", "* 1 FETCH [", "* {99999999999999999999999}"}) {
    for (const auto& response : read(line + "\r\n", 2)) {
      EXPECT_LE(response.name().size() + response.tokens().size(), 64U) << line;
    }
  }
}

}  // namespace
}  // namespace postern::transport::imap
