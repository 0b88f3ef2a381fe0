#include "catcher/dialogue/dialogue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace postern::catcher {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;
using Next = Reaction::Next;

class DialogueTest : public testing::Test {
 protected:
  /// What the tests below talk to; made anew by `open`.
  struct Peer {
    explicit Peer(const CatcherOptions& options, Attempts& attempts)
        : maildrop(options), dialogue(options, maildrop, attempts, "127.0.0.1:1") {}
    Maildrop maildrop;
    ServerDialogue dialogue;
  };

  DialogueTest() {
    options_.on_event = [this](const std::string& event) { events_.push_back(event); };
    open();
  }

  void open() {
    peer_ = std::make_unique<Peer>(options_, attempts_);
    say("EHLO client.example");
  }

  Reaction say(std::string_view line) { return peer_->dialogue.line(line); }
  std::string reply(std::string_view line) { return say(line).reply; }
  int code(std::string_view line) { return std::stoi("0" + reply(line)); }

  /// MAIL, RCPT for each, DATA and the content; the final reaction.
  Reaction submit(const std::vector<std::string>& recipients, std::string_view wire) {
    say("MAIL FROM:<me@example.org>");
    for (const auto& recipient : recipients) say("RCPT TO:<" + recipient + ">");
    const Reaction ready = say("DATA");
    return ready.next == Next::content ? content(wire) : ready;
  }

  Reaction content(std::string_view wire) {
    auto taken = peer_->dialogue.content(wire);
    EXPECT_TRUE(taken.reaction) << "the content has not ended";
    return taken.reaction.value_or(Reaction{});
  }

  [[nodiscard]] std::vector<CaughtMessage> messages() const { return peer_->maildrop.messages(); }

  CatcherOptions options_;
  Attempts attempts_;
  std::unique_ptr<Peer> peer_;
  std::vector<std::string> events_;
};

TEST_F(DialogueTest, AMessageIsKeptWithItsWholeEnvelope) {
  EXPECT_EQ(code("MAIL FROM:<me@example.org> SIZE=5 BODY=8BITMIME RET=HDRS ENVID=x+2By"), 250);
  EXPECT_EQ(code("RCPT TO:<a@example.org> NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;a@example.org"), 250);
  EXPECT_EQ(code("RCPT TO:<b@example.org>"), 250);
  EXPECT_EQ(say("DATA").next, Next::content);
  EXPECT_EQ(content("..hi\r\n.\r\n").reply, "250 2.0.0 kept as message 1\r\n");

  ASSERT_EQ(messages().size(), 1U);
  const CaughtMessage message = messages()[0];
  EXPECT_EQ(message.content(), ".hi\r\n");
  EXPECT_EQ(message.helo, "client.example");
  EXPECT_TRUE(message.extended);
  EXPECT_EQ(message.client, "127.0.0.1:1");
  EXPECT_EQ(message.sender,
            (Path{"me@example.org",
                  {{"SIZE", "5"}, {"BODY", "8BITMIME"}, {"RET", "HDRS"}, {"ENVID", "x+2By"}}}));
  EXPECT_THAT(message.recipients,
              ElementsAre(Path{"a@example.org",
                               {{"NOTIFY", "SUCCESS,FAILURE"}, {"ORCPT", "rfc822;a@example.org"}}},
                          Path{"b@example.org", {}}));
}

TEST_F(DialogueTest, EhloOffersTheExtensionsButWhatIsWithheld) {
  EXPECT_THAT(
      reply("EHLO x"),
      AllOf(HasSubstr("250-PIPELINING\r\n"), HasSubstr("250-SIZE 67108864\r\n"),
            HasSubstr("250-8BITMIME\r\n"), HasSubstr("250-SMTPUTF8\r\n"), HasSubstr("250-DSN\r\n"),
            HasSubstr("250-ENHANCEDSTATUSCODES\r\n"), HasSubstr("250-CHUNKING\r\n"),
            HasSubstr("250 HELP\r\n"), Not(HasSubstr("STARTTLS")), Not(HasSubstr("AUTH"))));
  options_.without_extensions = {"PIPELINING", "DSN"};
  open();
  EXPECT_THAT(reply("EHLO x"), AllOf(Not(HasSubstr("PIPELINING")), Not(HasSubstr("DSN"))));
  EXPECT_EQ(code("MAIL FROM:<a@b> RET=FULL"), 555);
}

TEST_F(DialogueTest, CommandsOutOfOrderAreRefused) {
  EXPECT_EQ(code("RCPT TO:<a@b>"), 503);
  EXPECT_EQ(code("DATA"), 503);
  EXPECT_EQ(code("MAIL FROM:<a@b>"), 250);
  EXPECT_EQ(code("MAIL FROM:<a@b>"), 503);
  EXPECT_EQ(code("DATA"), 554);
  EXPECT_EQ(code("RSET"), 250);
  EXPECT_EQ(code("RCPT TO:<a@b>"), 503);
  EXPECT_EQ(code("BOGUS"), 500);
  EXPECT_EQ(code(""), 500);
  EXPECT_EQ(code("EHLO"), 501);
  peer_ = std::make_unique<Peer>(options_, attempts_);
  EXPECT_EQ(code("MAIL FROM:<a@b>"), 503);
}

TEST_F(DialogueTest, ParametersAreChecked) {
  for (const auto* parameters :
       {"SIZE=x", "SIZE", "BODY=BINARYMIME", "SMTPUTF8=1", "RET=ALL", "ENVID", "SIZE=1 SIZE=2"}) {
    EXPECT_EQ(code("MAIL FROM:<a@b> " + std::string(parameters)), 501) << parameters;
  }
  EXPECT_EQ(code("MAIL FROM:<a@b> NOTIFY=NEVER"), 555);
  EXPECT_EQ(code("MAIL FROM:<a@b> SIZE=99999999999"), 552);
  EXPECT_EQ(code("MAIL FROM:<a@b>"), 250);
  for (const auto* parameters : {"NOTIFY=", "NOTIFY=NEVER,DELAY", "NOTIFY=SUCCESS,", "ORCPT=x",
                                 "ORCPT=;x", "ORCPT=rfc822;", "ORCPT"}) {
    EXPECT_EQ(code("RCPT TO:<a@b> " + std::string(parameters)), 501) << parameters;
  }
  EXPECT_EQ(code("RCPT TO:<a@b> RET=FULL"), 555);
}

TEST_F(DialogueTest, HeloKnowsNoParameters) {
  EXPECT_EQ(code("HELO client"), 250);
  EXPECT_EQ(code("MAIL FROM:<a@b> SIZE=1"), 555);
}

TEST_F(DialogueTest, AddressesBeyondAsciiNeedSmtputf8) {
  EXPECT_EQ(code("MAIL FROM:<j\xC3\xBCrgen@example.org>"), 553);
  EXPECT_EQ(code("MAIL FROM:<a@b>"), 250);
  EXPECT_EQ(code("RCPT TO:<j\xC3\xBCrgen@example.org>"), 553);
  say("RSET");
  EXPECT_EQ(code("MAIL FROM:<j\xC3\xBCrgen@example.org> SMTPUTF8"), 250);
  EXPECT_EQ(code("RCPT TO:<j\xC3\xBCrgen@example.org>"), 250);
  EXPECT_EQ(code("RCPT TO:<j\xFCrgen@example.org>"), 501);
}

TEST_F(DialogueTest, ControlCharactersAndLongAddressesAreRefused) {
  using namespace std::string_view_literals;
  EXPECT_EQ(code("MAIL FROM:<a\0b@c>"sv), 500);
  EXPECT_EQ(code("MAIL\tFROM:<a@b>"), 500);
  EXPECT_EQ(code("MAIL FROM:<a\r@b>"), 500);
  EXPECT_EQ(code("MAIL FROM:<" + std::string(400, 'a') + "@b>"), 501);
}

TEST_F(DialogueTest, EachRecipientHasItsOwnReply) {
  say("MAIL FROM:<me@example.org>");
  EXPECT_EQ(reply("RCPT TO:<refuse-550@example.com>"),
            "550 5.1.1 <refuse-550@example.com>: no such user here\r\n");
  EXPECT_THAT(reply("RCPT TO:<refuse-452@example.com>"), StartsWith("452 4.2.2 "));
  EXPECT_EQ(code("RCPT TO:<a@example.com>"), 250);
  say("DATA");
  content(".\r\n");
  EXPECT_THAT(messages()[0].recipients, ElementsAre(Path{"a@example.com", {}}));
}

TEST_F(DialogueTest, ASenderIsRefusedAtMail) {
  EXPECT_THAT(reply("MAIL FROM:<refuse-550@example.com>"), StartsWith("550 5.7.1 "));
  EXPECT_EQ(code("RCPT TO:<a@b>"), 503);
  EXPECT_EQ(code("MAIL FROM:<me@example.com>"), 250);
}

TEST_F(DialogueTest, Code421AlsoClosesTheConnection) {
  EXPECT_EQ(say("MAIL FROM:<refuse-421@b>").next, Next::end);
  EXPECT_EQ(submit({"refuse-data-421@b"}, ".\r\n").next, Next::end);
}

TEST_F(DialogueTest, GreylistingCountsPerSenderAndRecipient) {
  say("MAIL FROM:<me@example.org>");
  EXPECT_THAT(reply("RCPT TO:<greylist@example.com>"), StartsWith("450 4.7.1 "));
  EXPECT_EQ(code("RCPT TO:<greylist.other@example.com>"), 450);
  EXPECT_EQ(code("RCPT TO:<Greylist@example.com>"), 250);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(code("RCPT TO:<greylist-3@example.com>"), 450);
  EXPECT_EQ(code("RCPT TO:<greylist-3@example.com>"), 250);
  open();
  say("MAIL FROM:<you@example.org>");
  EXPECT_EQ(code("RCPT TO:<greylist@example.com>"), 450);
}

TEST_F(DialogueTest, ContentIsRefusedAtItsEndAndNotKept) {
  EXPECT_THAT(submit({"a@b", "refuse-data-554@b"}, "x\r\n.\r\n").reply, StartsWith("554 5.7.1 "));
  EXPECT_TRUE(messages().empty());
  EXPECT_EQ(submit({"a@b"}, "x\r\n.\r\n").reply, "250 2.0.0 kept as message 1\r\n");
}

TEST_F(DialogueTest, DropsHappenWhereTheNameSays) {
  EXPECT_EQ(say("MAIL FROM:<drop@b>").next, Next::end);
  say("MAIL FROM:<a@b>");
  const Reaction at_rcpt = say("RCPT TO:<drop@b>");
  EXPECT_EQ(at_rcpt.next, Next::end);
  EXPECT_EQ(at_rcpt.reply, "");
  open();
  EXPECT_EQ(submit({"drop-data@b"}, "half a li").next, Next::drop);
  EXPECT_TRUE(messages().empty());
  open();
  const Reaction at_end = submit({"drop-end@b"}, ".\r\n");
  EXPECT_EQ(at_end.next, Next::end);
  EXPECT_EQ(at_end.reply, "");
  EXPECT_EQ(messages().size(), 1U);
}

TEST_F(DialogueTest, NumberedDropsEnd) {
  EXPECT_EQ(submit({"drop-end-1@b"}, ".\r\n").reply, "");
  EXPECT_EQ(submit({"drop-end-1@b"}, ".\r\n").reply, "250 2.0.0 kept as message 2\r\n");
  EXPECT_EQ(say("MAIL FROM:<drop-1@b>").next, Next::end);
  EXPECT_EQ(code("MAIL FROM:<drop-1@b>"), 250);
}

TEST_F(DialogueTest, SlowNamesDelayTheReplyOnly) {
  const Reaction sender = say("MAIL FROM:<slow-2@b>");
  EXPECT_EQ(sender.delay, std::chrono::seconds(2));
  const Reaction recipient = say("RCPT TO:<slow-5@b>");
  EXPECT_EQ(recipient.delay, std::chrono::seconds(5));
  EXPECT_THAT(recipient.reply, StartsWith("250 "));
  EXPECT_EQ(say("RCPT TO:<a@b>").delay, std::chrono::seconds(0));
}

TEST_F(DialogueTest, ChunksAreTakenAsTheyAre) {
  say("MAIL FROM:<a@b>");
  say("RCPT TO:<a@b>");
  EXPECT_EQ(say("BDAT 7").next, Next::content);
  const auto taken = peer_->dialogue.content(".\r\n..\r\nBDAT");
  EXPECT_EQ(taken.octets, 7U);
  EXPECT_EQ(taken.reaction->reply, "250 2.0.0 chunk received\r\n");
  EXPECT_EQ(code("DATA"), 503);
  EXPECT_EQ(reply("BDAT 0 LAST"), "250 2.0.0 kept as message 1\r\n");
  EXPECT_EQ(messages()[0].content(), ".\r\n..\r\n");
}

TEST_F(DialogueTest, AChunkOutOfSequenceIsReadAndRefused) {
  EXPECT_EQ(say("BDAT 4 LAST").next, Next::content);
  const auto taken = peer_->dialogue.content("RSETRSET");
  EXPECT_EQ(taken.octets, 4U);
  EXPECT_THAT(taken.reaction->reply, StartsWith("503 "));
  const Reaction malformed = say("BDAT x");
  EXPECT_THAT(malformed.reply, StartsWith("501 "));
  EXPECT_EQ(malformed.next, Next::end);
}

TEST_F(DialogueTest, ContentBeyondTheLimitIsReadAndRefused) {
  options_.maximum_message_size = 10;
  open();
  EXPECT_THAT(submit({"a@b"}, "0123456789\r\n.\r\n").reply, StartsWith("552 5.3.4 "));
  EXPECT_EQ(submit({"a@b"}, "01234567\r\n.\r\n").reply, "250 2.0.0 kept as message 1\r\n");
}

TEST_F(DialogueTest, RecipientsAndCommandsWithoutEndAreBounded) {
  options_.maximum_recipients = 3;
  options_.maximum_commands = 20;
  open();
  say("MAIL FROM:<a@b>");
  for (int i = 0; i < 3; ++i) EXPECT_EQ(code("RCPT TO:<a@b>"), 250);
  EXPECT_EQ(reply("RCPT TO:<a@b>"), "452 4.5.3 too many recipients for one message\r\n");
  Reaction reaction;
  int commands = 0;
  while (reaction.next == Next::command && commands < 100) {
    reaction = say("NOOP");
    ++commands;
  }
  EXPECT_THAT(reaction.reply, StartsWith("421 4.7.0 "));
  EXPECT_EQ(reaction.next, Next::end);
}

TEST_F(DialogueTest, LinesThatAreTooLongCountAsCommands) {
  options_.maximum_commands = 3;
  open();
  EXPECT_THAT(peer_->dialogue.line(std::nullopt).reply, StartsWith("500 "));
  EXPECT_THAT(peer_->dialogue.line(std::nullopt).reply, StartsWith("500 "));
  EXPECT_EQ(peer_->dialogue.line(std::nullopt).next, Next::end);
}

TEST_F(DialogueTest, EnvelopesCountAgainstTheMemoryLimit) {
  options_.memory_limit = 4000;
  open();
  say("MAIL FROM:<a@b>");
  std::string last;
  for (int i = 0; i < 100 && !last.starts_with("452"); ++i) {
    last = reply("RCPT TO:<" + std::string(200, 'a') + "@b>");
  }
  EXPECT_THAT(last, StartsWith("452 "));
}

TEST_F(DialogueTest, AuthenticationIsRememberedWithoutThePassword) {
  options_.user = "user";
  options_.password = "pass";
  options_.require_authentication = true;
  open();
  EXPECT_THAT(reply("EHLO x"), HasSubstr("250-AUTH PLAIN LOGIN\r\n"));
  EXPECT_EQ(code("MAIL FROM:<a@b>"), 530);
  EXPECT_EQ(code("AUTH PLAIN AHVzZXIAd3Jvbmc="), 535);
  EXPECT_EQ(code("AUTH LOGIN"), 334);
  EXPECT_EQ(code("dXNlcg=="), 334);
  EXPECT_EQ(code("*"), 501);
  EXPECT_EQ(code("AUTH LOGIN dXNlcg=="), 334);
  EXPECT_EQ(code("cGFzcw=="), 235);
  EXPECT_EQ(code("AUTH PLAIN AHVzZXIAcGFzcw=="), 503);
  submit({"a@b"}, ".\r\n");
  ASSERT_EQ(messages().size(), 1U);
  EXPECT_EQ(messages()[0].auth_user, "user");
  for (const std::string& event : events_) {
    EXPECT_THAT(event, AllOf(Not(HasSubstr("pass")), Not(HasSubstr("wrong"))));
  }
}

TEST_F(DialogueTest, WithACertificateAuthenticationIsOfferedInsideTlsOnly) {
  options_.user = "user";
  options_.certificate_file = "certificate.pem";
  open();
  EXPECT_THAT(reply("EHLO x"), AllOf(HasSubstr("250-STARTTLS\r\n"), Not(HasSubstr("AUTH"))));
  EXPECT_EQ(code("AUTH PLAIN AHVzZXIAcGFzcw=="), 503);
  EXPECT_EQ(say("STARTTLS").next, Next::handshake);
  peer_->dialogue.secured("TLSv1.3");
  EXPECT_EQ(code("MAIL FROM:<a@b>"), 503) << "what was said in the clear is forgotten";
  EXPECT_THAT(reply("EHLO x"), AllOf(HasSubstr("250-AUTH"), Not(HasSubstr("STARTTLS"))));
}

TEST_F(DialogueTest, EventsTellOfRefusalsAndMessages) {
  submit({"a@b", "refuse-550@b"}, ".\r\n");
  EXPECT_THAT(events_,
              ElementsAre("127.0.0.1:1 was refused: 550 5.1.1 <refuse-550@b>: no such user here",
                          "127.0.0.1:1 left message 1 from <me@example.org> for 1 recipient(s), 0 "
                          "octets"));
}

}  // namespace
}  // namespace postern::catcher
