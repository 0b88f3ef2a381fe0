// Acceptance scenarios about reports and resending (mapi-submission.md §17).
#include "tests/acceptance/mail_system.h"
#include "transport/inbound_mail.h"

namespace postern::acceptance {
namespace {

using mapi::SpecialFolder;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

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
