// Acceptance scenarios about reports and resending (mapi-submission.md §17).
#include <algorithm>

#include "tests/acceptance/mail_system.h"
#include "transport/inbound_mail.h"

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

/// A spooler with a transport that brings mail in.
class InboundReports : public MailSystem {
 protected:
  mapi::EntryId sent(const std::vector<std::string>& addresses) {
    for (const auto& address : addresses) scripted.next_hop_reports.insert(address);
    const auto entry = submit(letter_to(addresses));
    send_all({&scripted});
    return entry;
  }
  [[nodiscard]] mapi::InboundMessage notification(const mapi::EntryId& about,
                                                  const std::string& fields,
                                                  const std::string& own_id = "<1@mx.test>") {
    const std::string envelope_id(message(about).get_or(mapi::PR_POSTERN_ENVELOPE_ID, ""));
    EXPECT_FALSE(envelope_id.empty());
    return transport::read_inbound_mail(
        mapi::Content::from_text(
            "Message-ID: " + own_id +
            "\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n"
            "--b\r\nContent-Type: message/delivery-status\r\n\r\n"
            "Reporting-MTA: dns; mx.test\r\nOriginal-Envelope-Id: " +
            envelope_id + "\r\n\r\n" + fields + "\r\n\r\n--b--\r\n"),
        mapi::FileTime::now());
  }
  void bring_in(std::vector<mapi::InboundMessage> mails) {
    scripted.inbound = std::move(mails);
    const auto spooler = spool({&scripted});
    scripted.support().new_mail();
    const auto end = soon();
    while (scripted.inbound_left() != 0 && std::chrono::steady_clock::now() < end) {
      std::this_thread::sleep_for(std::chrono::milliseconds{1});
    }
    EXPECT_EQ(scripted.inbound_left(), 0U);
  }

  static constexpr const char* refusal =
      "Final-Recipient: rfc822; bob@b.example\r\nAction: failed\r\nStatus: 5.2.2\r\n"
      "Remote-MTA: dns; inside.b.example\r\nDiagnostic-Code: smtp; 552 5.2.2 mailbox full";

  ScriptedTransport scripted;
};
POSTERN_WITH_EVERY_STORE(InboundReports);

TEST_P(InboundReports, Scenario22_AFailureThatComesBackIsAReportOnceAndTheOriginalTellsIt) {
  const auto entry = sent({"bob@b.example", "cid@b.example"});
  ASSERT_EQ(outcome(entry, 0).verdict, Verdict::delivered);
  bring_in({notification(entry, refusal), notification(entry, refusal)});
  const auto reports = messages_in(SpecialFolder::inbox);
  ASSERT_EQ(reports.size(), 1U);
  EXPECT_EQ(reports[0].get(mapi::PR_MESSAGE_CLASS), "REPORT.IPM.Note.NDR");
  ASSERT_EQ(reports[0].recipients.size(), 1U);
  EXPECT_EQ(reports[0].recipients[0].get(mapi::PR_EMAIL_ADDRESS), "bob@b.example");
  const auto original = message(entry);
  EXPECT_EQ(outcome(entry, 0).verdict, Verdict::failed);
  EXPECT_EQ(outcome(entry, 0).text, "5.2.2 mailbox full");
  EXPECT_EQ(outcome(entry, 1).verdict, Verdict::delivered) << "nothing was said of it";
  EXPECT_EQ(original.recipients[0].get(mapi::PR_RESPONSIBILITY), true);
  const std::string transcript(original.get_or(mapi::PR_POSTERN_TRANSCRIPT, ""));
  EXPECT_THAT(transcript, HasSubstr("bob@b.example failed, inside.b.example: 552 5.2.2 mailbox"));
  EXPECT_THAT(transcript, HasSubstr("before: delivered, mx.example.net: 250 2.0.0 ok"));
}

TEST_P(InboundReports, Scenario22_ADeliveryThatComesBackIsADeliveryReport) {
  const auto entry = sent({"bob@b.example"});
  bring_in({notification(
      entry, "Final-Recipient: rfc822; bob@b.example\r\nAction: delivered\r\nStatus: 2.0.0")});
  const auto reports = messages_in(SpecialFolder::inbox);
  ASSERT_EQ(reports.size(), 1U);
  EXPECT_EQ(reports[0].get(mapi::PR_MESSAGE_CLASS), "REPORT.IPM.Note.DR");
  EXPECT_TRUE(reports[0].recipients.at(0).get(mapi::PR_DELIVER_TIME));
  EXPECT_FALSE(outcome(entry, 0).next_hop_reports) << "nothing more is promised";
}

TEST_P(InboundReports, AReportAboutAMessageThatIsStillQueuedLeavesWhatIsToBeSent) {
  scripted.script["cid@b.example"] = {Verdict::retry};
  options.retry.intervals = {std::chrono::hours{1}};
  const auto entry = submit(letter_to({"bob@b.example", "cid@b.example"}));
  send_what_goes({&scripted});
  ASSERT_TRUE(is_queued(entry));
  bring_in({notification(entry, refusal),
            notification(entry,
                         "Final-Recipient: rfc822; cid@b.example\r\nAction: failed\r\n"
                         "Status: 5.0.0",
                         "<2@mx.test>")});
  EXPECT_EQ(outcome(entry, 0).verdict, Verdict::failed);
  EXPECT_EQ(outcome(entry, 1).verdict, Verdict::retry);
  EXPECT_EQ(message(entry).recipients[1].get(mapi::PR_RESPONSIBILITY), false);
  EXPECT_TRUE(is_queued(entry));
}

TEST_P(InboundReports, AMailAboutNoMessageOfTheStoreIsKeptOnce) {
  const auto mail = transport::read_inbound_mail(
      mapi::Content::from_text("Subject: Out of office\r\n\r\nBack on Monday.\r\n"),
      mapi::FileTime::now());
  bring_in({mail, mail});
  const auto kept = messages_in(SpecialFolder::inbox);
  ASSERT_EQ(kept.size(), 1U);
  EXPECT_EQ(kept[0].get(mapi::PR_MESSAGE_CLASS), "IPM.Note");
  EXPECT_EQ(kept[0].get(mapi::PR_SUBJECT), "Out of office");
}

}  // namespace
}  // namespace postern::acceptance
