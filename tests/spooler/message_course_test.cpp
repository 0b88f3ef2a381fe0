// The course of one message through the transports, step by step: no store, no thread, no clock.
#include "spooler/course/message_course.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mapi/address.h"
#include "mapi/property_tags.h"
#include "mapi/recipient_outcome.h"
#include "tests/spooler/start_time.h"

namespace postern::spooler {
namespace {

using namespace std::chrono_literals;
using mapi::EndMessage;
using mapi::SubmitKind;
using test::start;
using testing::ElementsAre;
using testing::HasSubstr;

mapi::Registration takes(const std::string& type) {
  mapi::Registration registration;
  registration.address_types = {type};
  return registration;
}

class Course : public testing::Test {
 protected:
  /// Rows of the types, all open.
  void message_to(const std::vector<std::string>& types) {
    message.set(mapi::PR_CLIENT_SUBMIT_TIME, start);
    for (const auto& type : types) {
      auto row = mapi::make_recipient(mapi::RecipientType::to, "a@" + type);
      row.set(mapi::PR_ADDRTYPE, type);
      row.set(mapi::PR_RESPONSIBILITY, false);
      message.recipients.push_back(row);
    }
  }
  MessageCourse begin(std::optional<std::size_t> deferred_by = std::nullopt,
                      std::string trouble = {}) {
    return {{transports, retry}, deferred_by, std::move(trouble)};
  }
  Step next(MessageCourse& course) { return course.next(message, suspensions, now); }
  template <class Kind>
  Kind expect(MessageCourse& course) {
    const auto step = next(course);
    EXPECT_TRUE(std::holds_alternative<Kind>(step)) << "step " << step.index();
    return std::holds_alternative<Kind>(step) ? std::get<Kind>(step) : Kind{};
  }
  void answer(MessageCourse& course, const OfferRows& offer, mapi::Code code,
              EndMessage end = EndMessage::done, std::chrono::seconds retry_after = 0s) {
    course.answered(offer, {code, retry_after, {}}, end, message, now);
  }
  void settle(std::size_t index, Verdict verdict = Verdict::delivered) {
    auto& row = message.recipients[index];
    mapi::set_outcome(row, {.verdict = verdict,
                            .stage = Stage::end,
                            .code = verdict == Verdict::failed ? 550 : 250,
                            .status = {verdict == Verdict::failed ? 5 : 2, 0, 0},
                            .text = "said",
                            .host = "mx",
                            .time = now.time_point()});
    row.set(mapi::PR_RESPONSIBILITY, true);
  }

  void put_off(std::size_t index) {
    mapi::set_outcome(message.recipients[index], {.verdict = Verdict::retry,
                                                  .stage = Stage::rcpt,
                                                  .code = 450,
                                                  .status = {4, 2, 0},
                                                  .text = "try later",
                                                  .host = "mx",
                                                  .time = now.time_point()});
  }
  /// The steps of a run whose only attempt was in vain for the row; the first of them.
  Step run_in_vain(std::size_t index) {
    auto course = begin();
    const auto offer = expect<OfferRows>(course);
    put_off(index);
    answer(course, offer, mapi::MAPI_E_WAIT);
    return next(course);
  }

  session::TransportOrder transports{{takes("SMTP"), takes("FAX"), takes("FAX")}};
  RetrySchedule retry;
  Suspensions suspensions{std::nullopt, std::nullopt, std::nullopt};
  mapi::FileTime now = start;
  mapi::Message message;
};

TEST_F(Course, EachTransportGetsItsRowsAndTheMessageIsFinished) {
  message_to({"SMTP", "FAX", "SMTP"});
  auto course = begin();
  const auto first = expect<OfferRows>(course);
  EXPECT_EQ(first.transport, 0U);
  EXPECT_THAT(first.rows, ElementsAre(0, 2));
  settle(0);
  settle(2);
  answer(course, first, mapi::S_OK);
  const auto second = expect<OfferRows>(course);
  EXPECT_EQ(second.transport, 1U);
  EXPECT_THAT(second.rows, ElementsAre(1));
  settle(1);
  answer(course, second, mapi::S_OK);
  expect<FinishMessage>(course);
}

TEST_F(Course, WhatIsLeftOpenGoesToTheNextAndAtLastIntoAReport) {
  message_to({"FAX"});
  auto course = begin();
  const auto first = expect<OfferRows>(course);
  EXPECT_EQ(first.transport, 1U);
  answer(course, first, mapi::S_OK);
  const auto second = expect<OfferRows>(course);
  EXPECT_EQ(second.transport, 2U);
  answer(course, second, mapi::MAPI_E_NOT_ME);
  expect<SaveMessage>(course);
  EXPECT_EQ(message.recipients[0].get(mapi::PR_NDR_STATUS_CODE), 544);
  EXPECT_EQ(expect<MakeReport>(course).kind, session::ReportKind::non_delivery);
  message.recipients[0].set(mapi::PR_POSTERN_REPORTED, true);
  expect<FinishMessage>(course);
}

TEST_F(Course, WhatIsDeclinedGoesOnWhileTheRestWaits) {
  message_to({"FAX", "FAX", "FAX"});
  auto course = begin();
  const auto first = expect<OfferRows>(course);
  course.answered(first, {mapi::MAPI_E_NETWORK_ERROR, 0s, {}, {0, 2}}, EndMessage::done, message,
                  now);
  const auto second = expect<OfferRows>(course);
  EXPECT_EQ(second.transport, 2U);
  EXPECT_THAT(second.rows, ElementsAre(0, 2));
  settle(0);
  answer(course, second, mapi::S_OK);
  expect<SaveMessage>(course);
  EXPECT_EQ(mapi::outcome(message.recipients[2])->status, (EnhancedStatus{5, 4, 4}));
  EXPECT_EQ(expect<MakeReport>(course).kind, session::ReportKind::non_delivery);
  message.recipients[2].set(mapi::PR_POSTERN_REPORTED, true);
  expect<HoldMessage>(course);
  EXPECT_FALSE(message.recipients[1].get_or(mapi::PR_RESPONSIBILITY, false));
}

TEST_F(Course, WhatIsDeclinedIsNotOfferedToTheSameAgain) {
  message_to({"FAX", "FAX"});
  auto course = begin();
  course.answered(expect<OfferRows>(course), {mapi::S_OK, 0s, {}, {1}}, EndMessage::resend_now,
                  message, now);
  EXPECT_THAT(expect<OfferRows>(course).rows, ElementsAre(0));
}

TEST_F(Course, ReportsThatACrashLeftUndoneComeFirstAndNothingIsSentAgain) {
  message_to({"SMTP"});
  settle(0, Verdict::failed);
  auto course = begin();
  expect<MakeReport>(course);
  message.recipients[0].set(mapi::PR_POSTERN_REPORTED, true);
  expect<FinishMessage>(course);
}

TEST_F(Course, ReportsAreMadeAlsoWhereTheTransportThatSettledTheRowsAnswersAnError) {
  for (const auto code : {mapi::MAPI_E_CALL_FAILED, mapi::MAPI_E_WAIT, mapi::MAPI_E_CANCEL,
                          mapi::MAPI_E_USER_CANCEL}) {
    message = {};
    message_to({"SMTP"});
    auto course = begin();
    const auto offer = expect<OfferRows>(course);
    settle(0, Verdict::failed);
    answer(course, offer, code);
    EXPECT_EQ(expect<MakeReport>(course).kind, session::ReportKind::non_delivery);
  }
}

TEST_F(Course, WaitingRowsAreHeldByTheScheduleAndTheAttemptCounts) {
  message_to({"SMTP"});
  for (const auto pause : {1min, 5min, 15min}) {
    auto course = begin();
    answer(course, expect<OfferRows>(course), mapi::MAPI_E_WAIT);
    EXPECT_EQ(expect<HoldMessage>(course).until, now + pause);
    now = now + pause;
  }
  EXPECT_EQ(message.get(mapi::PR_POSTERN_RETRIES), 3);
  EXPECT_EQ(message.get(mapi::PR_POSTERN_FIRST_ATTEMPT), start);
}

TEST_F(Course, PauseOfTheTransportsOwnIsNoAttempt) {
  message_to({"SMTP"});
  auto course = begin();
  answer(course, expect<OfferRows>(course), mapi::MAPI_E_NETWORK_ERROR, EndMessage::done, 600s);
  EXPECT_EQ(expect<HoldMessage>(course).until, now + 600s);
  EXPECT_FALSE(message.get(mapi::PR_POSTERN_RETRIES));
  auto busy = begin();
  answer(busy, expect<OfferRows>(busy), mapi::MAPI_E_BUSY);
  EXPECT_EQ(expect<HoldMessage>(busy).until, now + 15s);
  EXPECT_FALSE(message.get(mapi::PR_POSTERN_RETRIES));
}

TEST_F(Course, SuspendedTransportIsNotAskedAndOthersAre) {
  message_to({"SMTP", "FAX"});
  suspensions[0] = now + 10min;
  auto course = begin();
  const auto offer = expect<OfferRows>(course);
  EXPECT_EQ(offer.transport, 1U);
  settle(1);
  answer(course, offer, mapi::S_OK);
  EXPECT_EQ(expect<HoldMessage>(course).until, now + 10min);
  EXPECT_FALSE(message.get(mapi::PR_POSTERN_RETRIES)) << "it was not tried";
}

TEST_F(Course, ResendNowOffersOnlyWhatIsOpenAndThreeTimesInARow) {
  message_to({"SMTP", "SMTP"});
  auto course = begin();
  auto offer = expect<OfferRows>(course);
  settle(0);
  answer(course, offer, mapi::S_OK, EndMessage::resend_now);
  offer = expect<OfferRows>(course);
  EXPECT_THAT(offer.rows, ElementsAre(1)) << "the other one has it";
  answer(course, offer, mapi::S_OK, EndMessage::resend_now);
  offer = expect<OfferRows>(course);
  answer(course, offer, mapi::S_OK, EndMessage::resend_now);
  EXPECT_EQ(expect<HoldMessage>(course).until, now + 1min) << "then it is treated as later";
}

TEST_F(Course, WhatTheTransportKeepsIsDeferredUntilItAsks) {
  message_to({"SMTP"});
  auto course = begin();
  auto offer = expect<OfferRows>(course);
  EXPECT_EQ(offer.kind, SubmitKind::normal);
  answer(course, offer, mapi::S_OK, EndMessage::dont_resend);
  EXPECT_EQ(expect<DeferMessage>(course).transport, 0U);
  auto again = begin(0);
  offer = expect<OfferRows>(again);
  EXPECT_EQ(offer.kind, SubmitKind::deferred);
  answer(again, offer, mapi::MAPI_E_CANCEL);
  EXPECT_EQ(expect<DeferMessage>(again).transport, 0U);
}

TEST_F(Course, SeveralEndFlagsMeanLater) {
  message_to({"SMTP"});
  auto course = begin();
  constexpr auto both = static_cast<EndMessage>(0x00010000 | 0x00040000);
  answer(course, expect<OfferRows>(course), mapi::S_OK, both);
  EXPECT_EQ(expect<HoldMessage>(course).until, now + 1min);
}

TEST_F(Course, GivesUpWhatWasTriedInVainWhenItsTimeIsUp) {
  message_to({"SMTP"});
  message.set(mapi::PR_POSTERN_FIRST_ATTEMPT, start + -24h * 6);
  auto course = begin();
  answer(course, expect<OfferRows>(course), mapi::MAPI_E_WAIT);
  expect<SaveMessage>(course);
  EXPECT_EQ(message.recipients[0].get(mapi::PR_NDR_STATUS_CODE), 447);
  expect<MakeReport>(course);
}

TEST_F(Course, MailThatWaitedLongIsTriedBeforeItIsGivenUp) {
  message_to({"SMTP"});
  now = start + 24h * 30;
  auto course = begin();
  answer(course, expect<OfferRows>(course), mapi::MAPI_E_WAIT);
  EXPECT_EQ(expect<HoldMessage>(course).until, now + 1min) << "its first attempt was now";
}

TEST_F(Course, RowsThatNoTransportCouldBeAskedAboutDoNotExpire) {
  message_to({"SMTP"});
  message.set(mapi::PR_POSTERN_FIRST_ATTEMPT, start + -24h * 6);
  suspensions[0] = now + 1h;
  auto course = begin();
  EXPECT_EQ(expect<HoldMessage>(course).until, now + 1h);
}

TEST_F(Course, LatestDeliveryTimeForbidsTheTry) {
  message_to({"SMTP"});
  message.set(mapi::PR_LATEST_DELIVERY_TIME, start);
  auto course = begin();
  expect<SaveMessage>(course);
  EXPECT_EQ(message.recipients[0].get(mapi::PR_NDR_STATUS_CODE), 447);
}

TEST_F(Course, TroubleThatLastsIsReportedByName) {
  message_to({"SMTP"});
  now = start + 24h * 6;
  auto course = begin(std::nullopt, "attachment 1 is damaged");
  expect<SaveMessage>(course);
  EXPECT_THAT(mapi::outcome(message.recipients[0])->text, HasSubstr("attachment 1 is damaged"));
}

TEST_F(Course, CancelledRunMakesReportsThatAreDueAndThenLeaves) {
  message_to({"SMTP", "SMTP"});
  auto course = begin();
  const auto offer = expect<OfferRows>(course);
  settle(0, Verdict::failed);
  answer(course, offer, mapi::MAPI_E_USER_CANCEL);
  expect<MakeReport>(course);
  message.recipients[0].set(mapi::PR_POSTERN_REPORTED, true);
  expect<LeaveMessage>(course);
}

TEST_F(Course, DelayIsReportedOnceAndThePlaceInTheScheduleChangesOnce) {
  message_to({"SMTP", "SMTP"});
  message.set(mapi::PR_POSTERN_FIRST_ATTEMPT, start + -4h);
  message.set(mapi::PR_POSTERN_RETRIES, 5);
  auto course = begin();
  const auto offer = expect<OfferRows>(course);
  settle(0);
  put_off(1);
  answer(course, offer, mapi::MAPI_E_WAIT);
  EXPECT_EQ(expect<MakeReport>(course).kind, session::ReportKind::delayed);
  const auto rows = session::rows_due(message, session::ReportKind::delayed);
  EXPECT_THAT(rows, ElementsAre(1));
  EXPECT_EQ(message.get(mapi::PR_POSTERN_NEXT_ATTEMPT), start + 2h) << "the report names it";
  session::mark_reported(message, session::ReportKind::delayed, rows);
  now = start + 1s;
  EXPECT_EQ(expect<HoldMessage>(course).until, start + 2h);
  EXPECT_EQ(message.get(mapi::PR_POSTERN_RETRIES), 6);
  now = start + 2h;
  EXPECT_TRUE(std::holds_alternative<HoldMessage>(run_in_vain(1))) << "it was told before";
}

TEST_F(Course, DelayIsNotReportedBeforeItsTimeNorWhereNobodyWantsToHearOfIt) {
  message_to({"SMTP"});
  message.set(mapi::PR_POSTERN_FIRST_ATTEMPT, start + -4h);
  now = start + -1s;
  EXPECT_TRUE(std::holds_alternative<HoldMessage>(run_in_vain(0))) << "it is not the time yet";
  now = start;
  retry.delay_warning = 0h;
  EXPECT_TRUE(std::holds_alternative<HoldMessage>(run_in_vain(0))) << "0 is never";
  retry.delay_warning = 4h;
  message.set(mapi::PR_MESSAGE_CLASS, "REPORT.IPM.Note.NDR");
  EXPECT_TRUE(std::holds_alternative<HoldMessage>(run_in_vain(0))) << "it is a report itself";
  message.set(mapi::PR_MESSAGE_CLASS, "IPM.Note");
  message.set(mapi::PR_ORIGINATOR_NON_DELIVERY_REPORT_REQUESTED, false);
  EXPECT_TRUE(std::holds_alternative<HoldMessage>(run_in_vain(0))) << "its sender said no";
  message.recipients[0].set(mapi::PR_ORIGINATOR_NON_DELIVERY_REPORT_REQUESTED, true);
  EXPECT_TRUE(std::holds_alternative<MakeReport>(run_in_vain(0))) << "but yes for this row";
}

TEST_F(Course, FaultOfATransportIsNobodysVerdictHoweverLongItLasts) {
  message_to({"SMTP"});
  message.set(mapi::PR_POSTERN_FIRST_ATTEMPT, start + -24h * 6);
  auto course = begin();
  answer(course, expect<OfferRows>(course), mapi::MAPI_E_LOGON_FAILED);
  expect<HoldMessage>(course);
  EXPECT_EQ(message.recipients[0].get(mapi::PR_RESPONSIBILITY), false);
}

}  // namespace
}  // namespace postern::spooler
