#include "smtp/dialogue/command.h"

#include <gtest/gtest.h>

namespace postern::smtp {
namespace {

const Capabilities everything =
    Capabilities::parse({250, "mx\nSIZE 1000000\n8BITMIME\nSMTPUTF8\nDSN\nPIPELINING"});
const Capabilities nothing;

TEST(EnvelopeIdFault, OnlyShortPrintableAsciiHasNone) {
  EXPECT_FALSE(envelope_id_fault("2024+x=y 1"));
  EXPECT_TRUE(envelope_id_fault("a\r\nb"));
  EXPECT_TRUE(envelope_id_fault("\xC3\xBC"));
  EXPECT_TRUE(envelope_id_fault(std::string(101, 'x')));
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
