#include <deque>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "transport/imap/mailbox.h"

namespace postern::transport::imap {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Property;
using testing::ThrowsMessage;

constexpr std::size_t longest = 1000;

/// A server that answers as it is told, "$" standing for the tag of the command.
class ScriptedWire final : public Wire {
 public:
  explicit ScriptedWire(std::deque<std::string> answers) : answers_(std::move(answers)) {}
  void send(std::string_view octets) override {
    sent.emplace_back(octets);
    const auto tag = sent.back().substr(0, sent.back().find(' '));
    ASSERT_FALSE(answers_.empty()) << octets;
    for (const char octet : answers_.front()) {
      if (octet == '$') {
        pending_ += tag;
      } else {
        pending_ += octet;
      }
    }
    answers_.pop_front();
  }
  std::string receive() override {
    if (pending_.empty()) throw std::runtime_error("the connection is lost");
    return std::exchange(pending_, {});
  }

  std::vector<std::string> sent;

 private:
  std::deque<std::string> answers_;
  std::string pending_;
};

const std::string selected =
    "* 3 EXISTS\r\n* OK [UIDVALIDITY 3857529045] UIDs valid\r\n$ OK [READ-WRITE] done\r\n";

TEST(ImapMailbox, TakesWhatIsNotSeenAndMarksIt) {
  ScriptedWire wire(
      {selected, "* SEARCH 7 12\r\n$ OK\r\n", "* 2 FETCH (RFC822.SIZE 5 UID 7)\r\n$ OK\r\n",
       "* 2 FETCH (UID 7 BODY[] {5}\r\nhello)\r\n$ OK\r\n", "$ OK\r\n", "* BYE\r\n$ OK\r\n"});
  Mailbox mailbox(wire, "INBOX", longest);
  EXPECT_EQ(mailbox.uid_validity(), 3857529045U);
  EXPECT_THAT(mailbox.search_unseen(), ElementsAre(7, 12));
  EXPECT_EQ(mailbox.size_of(7), 5U);
  EXPECT_EQ(mailbox.fetch(7), "hello");
  mailbox.mark_seen(7);
  mailbox.log_out();
  EXPECT_THAT(wire.sent,
              ElementsAre("P1 SELECT \"INBOX\"\r\n", "P2 UID SEARCH UNSEEN UNDELETED\r\n",
                          "P3 UID FETCH 7 (RFC822.SIZE)\r\n", "P4 UID FETCH 7 (BODY.PEEK[])\r\n",
                          "P5 UID STORE 7 +FLAGS.SILENT (\\Seen)\r\n", "P6 LOGOUT\r\n"));
}

/// A server tells of other mails whenever it likes (RFC 9051 §5.2).
TEST(ImapMailbox, WhatIsToldOfOtherMailsIsNotTakenForTheAnswer) {
  ScriptedWire wire({selected,
                     "* 1 FETCH (FLAGS (\\Seen))\r\n* 9 EXISTS\r\n"
                     "* 1 FETCH (UID 6 BODY[] {3}\r\nbad)\r\n"
                     "* 2 FETCH (BODY[] {4}\r\ngood UID 7)\r\n$ OK\r\n"});
  Mailbox mailbox(wire, "INBOX", longest);
  EXPECT_EQ(mailbox.fetch(7), "good");
}

TEST(ImapMailbox, MailMayBeGoneOrTheFolderEmpty) {
  ScriptedWire wire({selected, "* SEARCH\r\n$ OK\r\n", "$ OK nothing to fetch\r\n"});
  Mailbox mailbox(wire, "INBOX", longest);
  EXPECT_THAT(mailbox.search_unseen(), IsEmpty());
  EXPECT_EQ(mailbox.fetch(7), std::nullopt);
}

/// What another client has expunged meanwhile (RFC 2180 §4.1, RFC 9051 §7.1).
TEST(ImapMailbox, NilAndExpungeIssuedAreNoMail) {
  ScriptedWire wire({selected, "* 2 FETCH (UID 7 BODY[] NIL)\r\n$ OK\r\n",
                     "$ NO [EXPUNGEISSUED] some of them are gone\r\n"});
  Mailbox mailbox(wire, "INBOX", longest);
  EXPECT_EQ(mailbox.fetch(7), std::nullopt);
  EXPECT_EQ(mailbox.fetch(7), std::nullopt);
}

TEST(ImapMailbox, WhatTheServerMayDoLaterIsNoFaultOfTheMail) {
  ScriptedWire wire({selected, "$ NO [UNAVAILABLE] the storage is away\r\n"});
  Mailbox mailbox(wire, "INBOX", longest);
  EXPECT_THAT([&] { mailbox.fetch(7); },
              ThrowsMessage<Unavailable>(HasSubstr("the storage is away")));
}

TEST(ImapMailbox, ServerThatNeverEndsItsAnswerIsLeft) {
  std::string flood;
  while (flood.size() < std::size_t{9} << 20U) flood += "* OK still here\r\n";
  ScriptedWire wire({selected, flood});
  Mailbox mailbox(wire, "INBOX", longest);
  EXPECT_THROW(mailbox.fetch(7), ProtocolError);
}

TEST(ImapMailbox, RefusalSaysWhatTheServerSays) {
  ScriptedWire wire({selected, "$ NO [CORRUPTION] the index is broken\r\n"});
  Mailbox mailbox(wire, "INBOX", longest);
  EXPECT_THAT([&] { mailbox.fetch(7); },
              ThrowsMessage<Refusal>(
                  AllOf(HasSubstr("UID FETCH"), HasSubstr("[CORRUPTION] the index is broken"))));
}

TEST(ImapMailbox, FolderThatIsAbsentOrReadOnlyIsRefused) {
  ScriptedWire absent({"$ NO [NONEXISTENT] no such mailbox\r\n"});
  EXPECT_THAT([&] { Mailbox(absent, "Bounces", longest); },
              ThrowsMessage<Refusal>(HasSubstr("no such mailbox")));
  ScriptedWire read_only({"* OK [UIDVALIDITY 1]\r\n$ OK [READ-ONLY] done\r\n"});
  EXPECT_THAT([&] { Mailbox(read_only, "Bounces", longest); },
              ThrowsMessage<Refusal>(HasSubstr("[READ-ONLY]")));
}

TEST(ImapMailbox, FarewellAndBadEndTheConnection) {
  ScriptedWire bye({selected, "* BYE shutting down\r\n"});
  Mailbox mailbox(bye, "INBOX", longest);
  EXPECT_THAT([&] { mailbox.search_unseen(); },
              ThrowsMessage<ProtocolError>(HasSubstr("shutting down")));
  ScriptedWire bad({"$ BAD what?\r\n"});
  EXPECT_THROW(Mailbox(bad, "INBOX", longest), ProtocolError);
}

TEST(ImapMailbox, FolderNamesAreQuotedInModifiedUtf7) {
  EXPECT_EQ(quoted_folder("INBOX"), "\"INBOX\"");
  EXPECT_EQ(quoted_folder("a \"b\\ & c"), "\"a \\\"b\\\\ &- c\"");
  EXPECT_EQ(quoted_folder("R\xC3\xBC"
                          "ckl\xC3\xA4ufer"),
            "\"R&APw-ckl&AOQ-ufer\"");
}

}  // namespace
}  // namespace postern::transport::imap
