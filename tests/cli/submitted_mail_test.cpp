// What becomes of a mail that sendmail(1) is given, and of its envelope.
#include "cli/sendmail/submitted_mail.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/input/collected_mail.h"
#include "cli/option/usage_error.h"
#include "mapi/address.h"
#include "mapi/property_tags.h"
#include "session/resend.h"
#include "tests/losses.h"

namespace postern::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const LocalUser ann{"ann", "Ann Example", "host.test"};
constexpr auto addressed =
    "From: Bob <bob@a.test>\nTo: Carl <carl@a.test>, dan@a.test\nCc: eve@A.test\n"
    "Bcc: secret@a.test\nSubject: x\n\ntext\n";

using Words = std::vector<std::string>;

/// With the words of the command line.
mapi::Message made(std::string_view mail, const Words& words, const LocalUser& user = ann) {
  return submitted_mail(mapi::Content::from_text(mail), parse_sendmail_arguments(words), user)
      .message;
}

/// The rows that submission serves and those that it only shows, as text.
struct Rows {
  std::vector<std::string> served;
  std::vector<std::string> shown;
};
Rows rows_of(mapi::Message message) {
  const auto flags = message.get_or(mapi::PR_MESSAGE_FLAGS, 0);
  if ((flags & mapi::MSGFLAG_RESEND) != 0) session::prepare_resend(message);
  Rows rows;
  for (const auto& row : message.recipients) {
    constexpr std::array types{"?", "to ", "cc ", "bcc "};
    const auto type = static_cast<std::size_t>(row.get_or(mapi::PR_RECIPIENT_TYPE, 0));
    const bool is_shown = row.get_or(mapi::PR_RESPONSIBILITY, false);
    (is_shown ? rows.shown : rows.served).push_back(types.at(type) + mapi::address_text(row));
  }
  return rows;
}

TEST(SubmittedMail, GoesToTheRecipientsOfTheCommandLine) {
  const auto rows = rows_of(
      made(addressed, {"dan@A.TEST, <fay@a.test>", "eve@a.test", "root", "Fay <fay@a.test>"}));
  EXPECT_THAT(rows.served, ElementsAre("to dan@a.test", "cc eve@A.test", "bcc fay@a.test",
                                       "bcc root@host.test"));
  EXPECT_THAT(rows.shown, ElementsAre("to carl@a.test"));
}

TEST(SubmittedMail, GoesToThoseToWhomItIsResentIfThereAreSome) {
  const auto resent =
      "Resent-From: Ann <ann@a.test>\nResent-To: Gus\n <gus@a.test>,\n \"Carl \\\", his\" "
      "<carl@a.test>\n"
      "Resent-Bcc: hidden: hid@a.test, me;\n"
      "Resent-From: Somebody <once@a.test>\nResent-Cc: before@a.test\n" +
      std::string(addressed);
  const auto message = made(resent, {"-t", "root"});
  const auto rows = rows_of(message);
  EXPECT_THAT(rows.served, ElementsAre("to carl@a.test", "bcc root@host.test", "bcc gus@a.test",
                                       "bcc hid@a.test", "bcc me@host.test"));
  EXPECT_THAT(rows.shown, ElementsAre("to dan@a.test", "cc eve@A.test"));
  EXPECT_THAT(rows_of(made(resent, {"dan@a.test"})).served, ElementsAre("to dan@a.test"));
}

TEST(SubmittedMail, WasResentLastByTheFirstBlockOfSuchFields) {
  const auto resent =
      "Resent-From: ann@a.test\nResent-To: gus@a.test\nReceived: from b by a; now\n"
      "Resent-Cc: old@a.test\nResent-From: before@a.test\n" +
      std::string(addressed);
  EXPECT_THAT(rows_of(made(resent, {"-t"})).served, ElementsAre("bcc gus@a.test"));
  const auto to_nobody = "Resent-From: ann@a.test\nResent-Bcc:\n" + std::string(addressed);
  EXPECT_THAT(rows_of(made(to_nobody, {"-t"})).served,
              ElementsAre("to carl@a.test", "to dan@a.test", "cc eve@A.test", "bcc secret@a.test"));
}

TEST(SubmittedMail, GoesToThoseInItsHeaderIfAsked) {
  const auto rows = rows_of(made(addressed, {"-t", "fay@a.test", "dan@a.test"}));
  EXPECT_THAT(rows.served, ElementsAre("to carl@a.test", "to dan@a.test", "cc eve@A.test",
                                       "bcc secret@a.test", "bcc fay@a.test"));
  EXPECT_THAT(rows.shown, IsEmpty());
}

TEST(SubmittedMail, MayShowNobody) {
  const auto rows = rows_of(made("Subject: x\n\ntext\n", {"dan@a.test"}));
  EXPECT_THAT(rows.served, ElementsAre("bcc dan@a.test"));
  const auto hidden = rows_of(made("To: undisclosed-recipients:;\n\ntext\n", {"dan@a.test"}));
  EXPECT_THAT(hidden.served, ElementsAre("bcc dan@a.test"));
}

TEST(SubmittedMail, NeedsAddresses) {
  for (const char* wrong : {"-t", "-fann@a.test", "a b@a.test", "a@a.test\nBcc: x@a.test",
                            "@a.test", "a@", "/etc/passwd x", ":include:/etc/passwd"}) {
    EXPECT_THROW(made(addressed, {"--", wrong}), UsageError) << wrong;
    EXPECT_THROW(made(addressed, {"-f", wrong, "dan@a.test"}), UsageError) << wrong;
  }
  EXPECT_THROW(made("Subject: x\n\ntext\n", {"-t"}), UsageError);
  EXPECT_THROW(made(addressed, {" , "}), UsageError);
}

TEST(SubmittedMail, MakesNoCommandOfAnAddress) {
  const auto rows = rows_of(made(addressed, {"|/bin/sh", "/etc/passwd"}));
  EXPECT_THAT(rows.served, ElementsAre("bcc |/bin/sh@host.test", "bcc /etc/passwd@host.test"));
}

TEST(SubmittedMail, HasTheSenderThatItSays) {
  const auto message = made(addressed, {"-F", "Somebody", "dan"});
  EXPECT_EQ(mapi::smtp_address(message, mapi::sent_representing_group), "bob@a.test");
  EXPECT_EQ(message.get(mapi::PR_SENT_REPRESENTING_NAME), "Bob");
  EXPECT_FALSE(message.get(mapi::PR_POSTERN_REVERSE_PATH).has_value());
}

TEST(SubmittedMail, WithoutFromIsTheUsers) {
  const auto message = made("Subject: x\n\n", {"dan"});
  EXPECT_EQ(mapi::smtp_address(message, mapi::sent_representing_group), "ann@host.test");
  EXPECT_EQ(message.get(mapi::PR_SENT_REPRESENTING_NAME), "Ann Example");
  const auto named = made("Subject: x\n\n", {"-F", "Cron\r\nBcc: x", "dan"});
  EXPECT_EQ(named.get(mapi::PR_SENDER_NAME), "Cron\r\nBcc: x");
  const auto given = made("Subject: x\n\n", {"-f", "bob@a.test", "dan"});
  EXPECT_EQ(mapi::smtp_address(given, mapi::sender_group), "bob@a.test");
  EXPECT_THROW(made("Subject: x\n\n", {"dan"}, {"", "", "host.test"}), UnknownSender);
}

TEST(SubmittedMail, HasTheEnvelopesSender) {
  const auto message = made(addressed, {"-f", "list", "dan"});
  EXPECT_EQ(message.get(mapi::PR_POSTERN_REVERSE_PATH), "list@host.test");
  const auto report = mapi::parse_one_off(*message.get(mapi::PR_REPORT_ENTRYID));
  EXPECT_EQ(report->address, "list@host.test");
  const auto none = made(addressed, {"-f", "<>", "dan"});
  EXPECT_EQ(none.get(mapi::PR_POSTERN_REVERSE_PATH), "");
  EXPECT_EQ(none.get(mapi::PR_REPORT_ENTRYID), nullptr);
}

TEST(SubmittedMail, KeepsItsDate) {
  const auto message =
      made("subject: x\nDATE:  Tue, 1 Jul 2025\n 10:00:00 +0200 \nDate: no\n\n", {"dan"});
  EXPECT_THAT(std::string(message.get_or(mapi::PR_POSTERN_HEADER_DATE, "")),
              testing::StartsWith("Tue, 1 Jul 2025"));
  EXPECT_FALSE(made(addressed, {"dan"}).get(mapi::PR_POSTERN_HEADER_DATE));
}

TEST(SubmittedMail, SaysWhichReportsAreWanted) {
  const auto message = made(addressed, {"-N", "success", "dan"});
  EXPECT_EQ(message.get(mapi::PR_ORIGINATOR_DELIVERY_REPORT_REQUESTED), true);
  EXPECT_EQ(message.get(mapi::PR_ORIGINATOR_NON_DELIVERY_REPORT_REQUESTED), false);
  EXPECT_FALSE(made(addressed, {"dan"}).get(mapi::PR_ORIGINATOR_NON_DELIVERY_REPORT_REQUESTED));
}

TEST(SubmittedMail, TellsWhatIsLost) {
  const auto mail = submitted_mail(mapi::Content::from_text(addressed),
                                   parse_sendmail_arguments(Words{"-V", "my\r\nid", "dan"}), ann);
  EXPECT_THAT(mail.losses,
              ElementsAre(mapi::Loss{mapi::LossKind::substituted, "message",
                                     "the envelope id 'my??id' is not sent; reports have one of "
                                     "Postern's own, by which it knows them"}));
  // Each place that tells one is shown by a test.
  EXPECT_THAT(places_that_tell("src/cli"),
              ElementsAre(testing::Pair("sendmail/submitted_mail.cpp", 1)));
}

TEST(LocalUsers, HaveTheNamesOfTheirGecos) {
  EXPECT_EQ(full_name_in("Ann Example,Room 1,555", "ann"), "Ann Example");
  EXPECT_EQ(full_name_in("& Example", "ann"), "Ann Example");
  EXPECT_EQ(full_name_in("", "ann"), "");
  EXPECT_EQ(full_name_in("&", ""), "");
}

/// Gives so many octets at a time.
class Blocks final : public OctetReader {
 public:
  Blocks(std::string_view octets, std::size_t size) : octets_(octets), size_(size) {}
  std::size_t read(std::span<std::byte> into) override {
    const auto count = std::min({size_, into.size(), octets_.size()});
    std::ranges::copy(std::as_bytes(std::span(octets_.substr(0, count))), into.begin());
    octets_.remove_prefix(count);
    return count;
  }

 private:
  std::string_view octets_;
  std::size_t size_;
};

std::string collected(std::string_view octets, MailEnd end, std::size_t block) {
  Blocks reader(octets, block);
  const auto bytes = collect_mail(reader, end).read_all();
  std::string text;
  for (const auto byte : bytes) text += static_cast<char>(byte);
  return text;
}

TEST(CollectedMail, EndsAtALoneDot) {
  struct Row {
    std::string_view octets;
    std::string_view mail;
  };
  for (const auto& row :
       {Row{"a\n.\nb\n", "a\n"}, Row{"a\r\n.\r\nb", "a\r\n"}, Row{".\nb", ""}, Row{"a\n.", "a\n"},
        Row{"a\n.b\n..\n.\rc\n. \n", "a\n.b\n..\n.\rc\n. \n"}, Row{"a.\n.\n", "a.\n"},
        Row{"a\n.\r\r\n.\n", "a\n.\r\r\n"}, Row{"", ""}}) {
    for (const std::size_t block : {1U, 2U, 3U, 100U}) {
      EXPECT_EQ(collected(row.octets, MailEnd::lone_dot, block), row.mail) << row.octets;
      EXPECT_EQ(collected(row.octets, MailEnd::of_input, block), row.octets);
    }
  }
}

}  // namespace
}  // namespace postern::cli
