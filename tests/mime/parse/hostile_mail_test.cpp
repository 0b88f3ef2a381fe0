// Mails that are damaged, or made to do harm.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mapi/error.h"
#include "tests/mime/parse/mails.h"

namespace postern::mime {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(HostileMail, HostileStructureIsRefusedInOneSentence) {
  std::string deep;
  for (int i = 0; i < 500; ++i) {
    const auto boundary = "b" + std::to_string(i);
    deep.append("Content-Type: multipart/mixed; boundary=").append(boundary);
    deep.append("\n\n--").append(boundary).append("\n");
  }
  std::string many = "Content-Type: multipart/mixed; boundary=b\n\n";
  for (int i = 0; i < 20'000; ++i) many += "--b\n\n\n";
  for (const auto& mail : {deep, many, "X: " + std::string(2'000'000, 'x') + "\n\n"}) {
    try {
      read(mail);
      ADD_FAILURE() << "read";
    } catch (const mapi::Failure& failure) {
      EXPECT_EQ(failure.code(), mapi::MAPI_E_TOO_COMPLEX) << failure.what();
    }
  }
}

TEST(HostileMail, GroupsWithinGroupsWithoutEndAreRead) {
  std::string groups;
  for (int i = 0; i < 200'000; ++i) groups += "g:";
  const auto message =
      read("To: x: a@a.example;, y:z: b@b.example;\nCc: " + groups + "\n\n").message;
  EXPECT_THAT(addresses(message, mapi::RecipientType::to),
              testing::Contains("a@a.example <a@a.example>"));
}

struct ListCase {
  const char* name;
  std::string list;
  std::vector<std::string> expected;
};
class ReadAddresses : public testing::TestWithParam<ListCase> {};

TEST_P(ReadAddresses, NobodyIsPassedOver) {
  const auto message = read("To: " + GetParam().list + "\n\n").message;
  EXPECT_THAT(addresses(message, mapi::RecipientType::to),
              testing::ElementsAreArray(GetParam().expected));
}

INSTANTIATE_TEST_SUITE_P(
    Lists, ReadAddresses,
    testing::Values(ListCase{"semicolons",
                             "x@a.example; Zed <z@a.example>",
                             {"x@a.example <x@a.example>", "Zed <z@a.example>"}},
                    ListCase{"dots",
                             "d.@a.example, z@a.example",
                             {"\"d.\"@a.example <\"d.\"@a.example>", "z@a.example <z@a.example>"}},
                    ListCase{"no_address",
                             "x@a.example, foo bar, z@@a.example",
                             {"x@a.example <x@a.example>", "foo bar <>", "z@@a.example <>"}},
                    ListCase{"group_and_more",
                             "Team: a@a.example, b@a.example;, c@a.example",
                             {"a@a.example <a@a.example>", "b@a.example <b@a.example>",
                              "c@a.example <c@a.example>"}},
                    ListCase{"commas_within",
                             "\"A, B\" <a@a.example>, (x, y) b@a.example",
                             {"A, B <a@a.example>", "b@a.example <b@a.example>"}}),
    [](const auto& tested) { return tested.param.name; });

TEST(HostileMail, ABlankBeforeTheColonIsNoPartOfTheName) {
  const auto message = read("From : a@a.example\nTo\t: b@b.example\nSubject : s\n\n").message;
  EXPECT_EQ(message.get(mapi::PR_SUBJECT), "s");
  EXPECT_EQ(mapi::smtp_address(message, mapi::sent_representing_group), "a@a.example");
  EXPECT_EQ(message.recipients.size(), 1U);
}

TEST(HostileMail, ACarriageReturnBeginsNoField) {
  for (const auto* before : {"Subject: hello", "From: a@a.example\nSubject: hello"}) {
    const auto text = std::string(before) + "\rBcc: victim@a.example\r\rX: y\nDate: now\n\nhi\n";
    const auto message = read_message(mapi::Content::from_text(text)).message;
    EXPECT_THAT(message.recipients, IsEmpty()) << before;
    EXPECT_EQ(message.get(mapi::PR_BODY), "hi\n") << before;
  }
  const auto of_a_mac =
      read_message(mapi::Content::from_text("Subject: s\rTo: a@a.example\r\rhi\r"));
  EXPECT_EQ(of_a_mac.message.recipients.size(), 1U);
}

TEST(HostileMail, BlindCopiesWithinWhatWouldBeKeptAreNotSentOn) {
  const std::string inner =
      "Content-Type: message/rfc822\n\nBcc: secret@a.example\nSubject: s\n\nx\n";
  const std::string within_a_journey =
      "Content-Type: message/rfc822\n\nReceived: x\nSubject: outer\nContent-Type: multipart/mixed; "
      "boundary=c\n\n--c\n" +
      inner + "--c--\n";
  for (const auto& part :
       {inner + "--b\nContent-Type: image/png\n\nnameless\n", within_a_journey}) {
    const auto message =
        read("Content-Type: multipart/mixed; boundary=b\n\n--b\n\nText\n--b\n" + part + "--b--\n")
            .message;
    EXPECT_THAT(file_of(message), Not(HasSubstr("secret"))) << part;
    EXPECT_THAT(file_of(message), HasSubstr("Subject: s"));
  }
}

TEST(HostileMail, PartsInBinaryKeepTheirOctets) {
  const std::string octets = "A\nB\rC\r\nD";
  const auto message =
      read_message(mapi::Content::from_text(
                       "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nText\r\n--b\r\n"
                       "Content-Type: image/png\r\nContent-Transfer-Encoding: binary\r\n\r\n" +
                       octets + "\r\n--b--\r\n"))
          .message;
  ASSERT_EQ(message.attachments.size(), 1U);
  EXPECT_EQ(data_of(message.attachments[0]), octets);
}

TEST(HostileMail, LossesAreToldWithinBounds) {
  std::string people;
  for (int i = 0; i < 10'000; ++i) people += "nobody,";
  const auto [message, losses] =
      read("Subject: o\nContent-Type: message/rfc822\n\nSubject: " + std::string(50'000, 's') +
           "\nCc: " + people + "\n\nhi\n");
  EXPECT_LE(losses.size(), 100U);
  for (const auto& loss : losses) EXPECT_LT(loss.sentence.size(), 500U);
}

TEST(HostileMail, DeepMessagesAreFiles) {
  std::string mail;
  for (int i = 0; i < 60; ++i) mail += "Content-Type: message/rfc822\n\n";
  const auto [message, losses] = read(mail + "Subject: innermost\n\nText\n");
  EXPECT_NO_THROW(file_of(message));
}

TEST(HostileMail, RubbishIsReadAsFarAsItGoes) {
  for (const auto* mail :
       {"", "\n", "no header", "From: <<<>>>\nTo: ,,;:;\nSubject: =?x\nDate: never\n\n",
        "Content-Type: multipart/mixed\n\nno boundary\n",
        "Content-Type: multipart/mixed; boundary=\n\n",
        "Content-Type: multipart/related; boundary=b\n\n",
        "Content-Type: multipart/alternative; boundary=b\n\n--b--\n",
        "Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\nU3ViamVjdDogeAo=\n",
        "Content-Type: text/html; charset=\"\n\n\xff"}) {
    const auto read_once = read(mail);
    EXPECT_NO_THROW(file_of(read_once.message)) << mail;
  }
}

}  // namespace
}  // namespace postern::mime
