// Acceptance scenarios about reports and resending (mapi-submission.md §17).
#include "tests/acceptance/mail_system.h"

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
