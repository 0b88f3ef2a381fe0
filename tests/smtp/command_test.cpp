#include "smtp/command.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace postern::smtp {
namespace {

using testing::HasSubstr;

const Capabilities everything =
    Capabilities::parse({250, "mx\nSIZE 1000000\n8BITMIME\nSMTPUTF8\nDSN\nPIPELINING"});
const Capabilities nothing;

TEST(AddressFault, AddressesThatServersTakeHaveNone) {
  for (const char* good : {"a@b", "first.last+tag@sub.example.org", "\"two words\"@example.com",
                           R"("a\"b@c"@example.com)", "user@[192.0.2.1]", "user@[IPv6:2001:db8::1]",
                           "j\xC3\xBCrgen@b\xC3\xBC"
                           "cher.example",
                           "o'neil/x=y@example.com", "a..b@example.com"}) {
    EXPECT_FALSE(address_fault(good)) << good;
  }
}

TEST(AddressFault, WhateverCouldBecomeACommandOrIsNoAddressHasOne) {
  using namespace std::string_literals;
  for (const std::string& bad : {""s,
                                 "nobody"s,
                                 "@example.com"s,
                                 "user@"s,
                                 "a b@example.com"s,
                                 "a@exa mple.com"s,
                                 "a@example.com\r\nRSET"s,
                                 "a@example.com\n"s,
                                 "a\0@example.com"s,
                                 "<a@example.com>"s,
                                 "a@example.com> SIZE=1"s,
                                 "\"<\"@example.com"s,
                                 "\"\r\n\"@example.com"s,
                                 "\"a@example.com"s,
                                 "\"a\"b\"@example.com"s,
                                 R"("a\"@example.com)"s,
                                 "a@.example.com"s,
                                 "a@example..com"s,
                                 "a@example.com."s,
                                 "a@[1.2.3.4"s,
                                 "a@[]"s,
                                 "a@[x\ty]"s,
                                 "a\x7f@example.com"s,
                                 "a@b@example.com"s,
                                 "\xFF@example.com"s,
                                 "a@\xC0\x80.com"s,
                                 std::string(250, 'a') + "@example.com"}) {
    EXPECT_TRUE(address_fault(bad)) << bad;
  }
}

TEST(AddressFault, SentenceNamesTheAddressWithoutItsControls) {
  EXPECT_EQ(address_fault("a\x1b@example.com"),
            "\"a?@example.com\" is no address: there is a control character in it");
}

TEST(EnvelopeIdFault, OnlyShortPrintableAsciiHasNone) {
  EXPECT_FALSE(envelope_id_fault("2024+x=y 1"));
  EXPECT_TRUE(envelope_id_fault("a\r\nb"));
  EXPECT_TRUE(envelope_id_fault("\xC3\xBC"));
  EXPECT_TRUE(envelope_id_fault(std::string(101, 'x')));
}

TEST(HeloNameFault, NamesAndLiteralsHaveNone) {
  EXPECT_FALSE(helo_name_fault("mail.example.org"));
  EXPECT_FALSE(helo_name_fault("[127.0.0.1]"));
  EXPECT_TRUE(helo_name_fault("a b"));
  EXPECT_TRUE(helo_name_fault("a\r\nRSET"));
  EXPECT_TRUE(helo_name_fault("a/b"));
  EXPECT_TRUE(helo_name_fault(""));
}

TEST(Xtext, EncodesWhatRfc3461Says) {
  EXPECT_EQ(xtext("a+b=c d\r\n"), "a+2Bb+3Dc+20d+0D+0A");
}

TEST(MailCommand, BearsWhatTheServerOffersAndTheMessageNeeds) {
  const Envelope envelope{"s@example.org", {}, ReturnContent::headers, "id 1"};
  EXPECT_EQ(mail_command(envelope, {1234, true, true}, true, everything, {}).octets,
            "MAIL FROM:<s@example.org> SIZE=1234 BODY=8BITMIME SMTPUTF8 RET=HDRS ENVID=id+201\r\n");
  EXPECT_EQ(mail_command(envelope, {1234, false, false}, false, nothing, {}).octets,
            "MAIL FROM:<s@example.org>\r\n");
  EXPECT_EQ(mail_command({}, {1, false, false}, false, nothing, {}).octets, "MAIL FROM:<>\r\n");
}

TEST(RcptCommand, BearsNotifyAndOrcptOnlyWithDsn) {
  const EnvelopeRecipient recipient{"r@example.org", {true, true, false, true}, "a+b@example.org"};
  EXPECT_EQ(rcpt_command(recipient, everything, {}).octets,
            "RCPT TO:<r@example.org> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;a+2Bb@example.org\r\n");
  EXPECT_EQ(rcpt_command(recipient, nothing, {}).octets, "RCPT TO:<r@example.org>\r\n");
  EXPECT_EQ(rcpt_command({"r@example.org", {true, false, false, false}, {}}, everything, {}).octets,
            "RCPT TO:<r@example.org> NOTIFY=NEVER\r\n");
}

TEST(RcptCommand, OriginalRecipientInUtf8GoesAsAscii) {
  EXPECT_EQ(rcpt_command({"r@example.org", {}, "j\xC3\xBCr+@x.example"}, everything, {}).octets,
            "RCPT TO:<r@example.org> ORCPT=utf-8;j\\x{FC}r\\x{2B}@x.example\r\n");
}

TEST(RefusedParameters, AreThoseTheReplyNamesAsWords) {
  const Envelope envelope{"s@example.org", {}, ReturnContent::full, "id"};
  const CommandLine line = mail_command(envelope, {1, false, false}, false, everything, {});
  const auto refused = [&line](int code, const char* text) {
    return refused_parameters({code, text}, line.parameters);
  };
  EXPECT_TRUE(refused(555, "5.5.4 Unsupported option: SIZE=1").has(Parameter::size));
  EXPECT_FALSE(refused(555, "5.5.4 Unsupported option: SIZE=1").has(Parameter::ret));
  EXPECT_TRUE(refused(501, "RET?").has(Parameter::ret));
  EXPECT_TRUE(refused(501, "no DSN here").has(Parameter::envid));
  EXPECT_TRUE(refused(501, "oversized, retired").empty());
  EXPECT_TRUE(refused(550, "SIZE").empty());
  const CommandLine without =
      mail_command(envelope, {1, false, false}, false, everything, refused(501, "DSN size"));
  EXPECT_EQ(without.octets, "MAIL FROM:<s@example.org>\r\n");
}

}  // namespace
}  // namespace postern::smtp
