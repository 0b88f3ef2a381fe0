// Acceptance scenarios about reports and resending (mapi-submission.md §17).
#include <algorithm>

#include "tests/acceptance/mail_system.h"

namespace postern::acceptance {
namespace {

using mapi::SpecialFolder;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using testing::UnorderedElementsAre;

class Reports : public MailSystem {};
POSTERN_WITH_EVERY_STORE(Reports);

TEST_P(Reports, Scenario18_ResendReachesThoseWhoFailedAndShowsEverybody) {
  auto resent = letter_to({"has-it@b.example", "failed@b.example"});
  resent.set(mapi::PR_MESSAGE_FLAGS, mapi::MSGFLAG_UNSENT | mapi::MSGFLAG_RESEND);
  auto& served_before = resent.recipients[0];
  served_before.set(mapi::PR_RECIPIENT_TYPE,
                    served_before.get_or(mapi::PR_RECIPIENT_TYPE, 0) | mapi::MAPI_SUBMITTED);
  resent.recipients.push_back(mapi::make_recipient(mapi::RecipientType::p1, "failed@b.example"));
  const auto entry = submit(resent);
  send_all({&smtp()});
  EXPECT_THAT(served(), ElementsAre("failed@b.example"));
  const auto content = server.messages().at(0).content();
  EXPECT_THAT(content, HasSubstr("has-it@b.example"));
  EXPECT_THAT(content, HasSubstr("failed@b.example"));
  EXPECT_EQ(message(entry).recipients.size(), 2U) << "the envelope's row is not kept";
  EXPECT_THAT(messages_in(SpecialFolder::inbox), IsEmpty());
}

TEST_P(Reports, Scenario19_ReportsThatNobodyWantsAreNotMade) {
  auto letter = letter_to({"refuse-550@b.example", "refuse-551@b.example"});
  letter.set(mapi::PR_ORIGINATOR_NON_DELIVERY_REPORT_REQUESTED, false);
  letter.recipients[1].set(mapi::PR_ORIGINATOR_NON_DELIVERY_REPORT_REQUESTED, true);
  const auto entry = submit(letter);
  auto about_a_report = letter_to({"refuse-550@b.example"});
  about_a_report.set(mapi::PR_MESSAGE_CLASS, "Report.IPM.Note.NDR");
  submit(about_a_report);
  send_all({&smtp()});
  const auto reports = messages_in(SpecialFolder::inbox);
  ASSERT_EQ(reports.size(), 1U);
  ASSERT_EQ(reports[0].recipients.size(), 1U);
  EXPECT_EQ(reports[0].recipients[0].get(mapi::PR_EMAIL_ADDRESS), "refuse-551@b.example");
  EXPECT_EQ(outcome(entry, 0).verdict, Verdict::failed) << "its verdict is there all the same";
}

mapi::Binary entry_id_of(const std::string& name, const std::string& address) {
  return mapi::make_one_off({name, "SMTP", address}).bytes;
}

mapi::Message reported_to(mapi::Message message, const std::string& address) {
  message.set(mapi::PR_REPORT_ENTRYID, entry_id_of("Desk", address));
  message.set(mapi::PR_REPORT_NAME, "Desk");
  return message;
}

TEST_P(Reports, Scenario19_AReportGoesToWhomTheMessageNames) {
  auto letter = letter_to({"refuse-550@b.example", "fine@b.example"});
  letter.set(mapi::PR_INTERNET_MESSAGE_ID, "<19@example.com>");
  submit(reported_to(letter, "desk@c.example"));
  send_all({&smtp()});
  EXPECT_THAT(messages_in(SpecialFolder::inbox), IsEmpty()) << "the sender gets none";
  EXPECT_THAT(served(), UnorderedElementsAre("fine@b.example", "desk@c.example"));
  const auto sent = server.messages();
  const auto report = std::ranges::find_if(
      sent, [](const auto& caught) { return caught.recipients[0].address == "desk@c.example"; });
  ASSERT_NE(report, sent.end());
  EXPECT_EQ(report->sender.address, "");
  const auto content = report->content();
  EXPECT_THAT(content, HasSubstr("To: Desk <desk@c.example>\r\n"));
  EXPECT_THAT(content, HasSubstr("Auto-Submitted: auto-replied\r\n"));
  EXPECT_THAT(content, HasSubstr("Final-Recipient: rfc822; refuse-550@b.example\r\n"
                                 "Action: failed\r\n"
                                 "Status: 5."));
  EXPECT_THAT(content, HasSubstr("Diagnostic-Code: smtp; 550 "));
  EXPECT_THAT(content, HasSubstr("Message-ID: <19@example.com>\r\n")) << "the message is enclosed";
  EXPECT_THAT(content, Not(HasSubstr("Final-Recipient: rfc822; desk@c.example")));
  EXPECT_THAT(content, Not(HasSubstr("Final-Recipient: rfc822; fine@b.example")));
}

TEST_P(Reports, Scenario19_AReportThatIsRefusedMakesNone) {
  submit(reported_to(letter_to({"refuse-550@b.example"}), "refuse-551@c.example"));
  send_all({&smtp()});
  EXPECT_THAT(server.messages(), IsEmpty());
  EXPECT_THAT(messages_in(SpecialFolder::inbox), IsEmpty());
  EXPECT_THAT(messages_in(SpecialFolder::outbox), SizeIs(1)) << "the message itself, no report";
}

TEST_P(Reports, Scenario19_TheSenderNamedForReportsGetsThemAsUsual) {
  submit(reported_to(letter_to({"refuse-550@b.example"}), "ANN@example.com"));
  send_all({&smtp()});
  EXPECT_THAT(server.messages(), IsEmpty());
  EXPECT_THAT(messages_in(SpecialFolder::inbox), SizeIs(1));
}

/// §8.6, while the spooler is at work.
TEST_P(Reports, AReaderSendsTheReceiptThatWasAskedFor) {
  auto mail = letter_to({"reader@b.example"});
  mail.set(mapi::PR_READ_RECEIPT_REQUESTED, true);
  mail.set(mapi::PR_INTERNET_MESSAGE_ID, "<86@example.com>");
  mapi::set_address(mail, mapi::received_by_group, "reader@b.example", "Reader");
  const auto spooler = spool({&smtp()});
  client->set_read_flag(spooler_logon->receive(mail).message, 0);
  EXPECT_TRUE(spooler->wait_empty(soon()));
  const auto sent = server.messages();
  ASSERT_THAT(sent, SizeIs(1));
  EXPECT_EQ(sent[0].sender.address, "");
  EXPECT_THAT(served(), ElementsAre("ann@example.com"));
  EXPECT_THAT(sent[0].content(), HasSubstr("Final-Recipient: rfc822; reader@b.example\r\n"));
  EXPECT_THAT(sent[0].content(), HasSubstr("Original-Message-ID: <86@example.com>\r\n"));
  EXPECT_THAT(sent[0].content(), HasSubstr("MDN-sent-automatically; displayed\r\n"));
  EXPECT_THAT(messages_in(SpecialFolder::outbox), IsEmpty()) << "it is not kept";
}

TEST_P(Reports, TheSenderIsToldOfADelayOnceAndAtLastThatTheMessageIsGivenUp) {
  options.retry.delay_warning = std::chrono::milliseconds{1};
  options.retry.give_up_after = std::chrono::milliseconds{400};
  const auto entry = submit(letter_to({"has-it@b.example", "refuse-450@b.example"}));
  send_all({&smtp()});
  EXPECT_GT(mapi::attempts(message(entry).recipients[1]), 2)
      << "there was time for a second report";
  const auto reports = messages_in(SpecialFolder::inbox);
  ASSERT_EQ(reports.size(), 2U);
  EXPECT_EQ(reports[0].get(mapi::PR_MESSAGE_CLASS), "REPORT.IPM.Note.Delayed.DR");
  EXPECT_EQ(reports[1].get(mapi::PR_MESSAGE_CLASS), "REPORT.IPM.Note.NDR");
  ASSERT_EQ(reports[0].recipients.size(), 1U);
  EXPECT_EQ(reports[0].recipients[0].get(mapi::PR_EMAIL_ADDRESS), "refuse-450@b.example");
  EXPECT_THAT(std::string(reports[0].get_or(mapi::PR_BODY, "")),
              HasSubstr("The next attempt is at"));
}

}  // namespace
}  // namespace postern::acceptance
