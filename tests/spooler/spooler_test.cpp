#include "spooler/spooler.h"

#include <algorithm>
#include <future>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mapi/address.h"
#include "mapi/property_tags.h"
#include "mapi/recipient_outcome.h"
#include "tests/spooler/spooler_fixture.h"

namespace postern::spooler {
namespace {

using std::chrono::system_clock;
using test::long_enough;
using test::MemoryStore;
using test::message_to;
using test::ScriptedTransport;
using test::soon;
using test::SpoolerTest;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::UnorderedElementsAre;

TEST_F(SpoolerTest, DeliveredMessageIsFinishedWithoutAReport) {
  const auto entry = submit(message_to({"a@example.com", "b@example.com"}));
  run();
  EXPECT_EQ(verdict(entry, 0), Verdict::delivered);
  EXPECT_EQ(verdict(entry, 1), Verdict::delivered);
  EXPECT_THAT(store.inbox(), IsEmpty());
  EXPECT_THAT(transport.offered(), UnorderedElementsAre("a@example.com", "b@example.com"));
}

TEST_F(SpoolerTest, TemporaryFailureIsRetriedAloneAndNobodyIsServedTwice) {
  transport.script["later@example.com"] = {Verdict::retry, Verdict::retry, Verdict::delivered};
  transport.script["bad@example.com"] = {Verdict::failed};
  const auto entry = submit(message_to({"a@example.com", "bad@example.com", "later@example.com"}));
  run();
  EXPECT_THAT(transport.offered(),
              ElementsAre("a@example.com", "bad@example.com", "later@example.com",
                          "later@example.com", "later@example.com"));
  EXPECT_EQ(verdict(entry, 2), Verdict::delivered);
  EXPECT_EQ(mapi::attempts(store.message(entry).recipients[2]), 3);
  EXPECT_EQ(store.inbox().size(), 1U);
}

TEST_F(SpoolerTest, FailureMakesOneReportWithTheServersWordsAndTheOriginal) {
  transport.script["bad@example.com"] = {Verdict::failed};
  submit(message_to({"a@example.com", "bad@example.com"}));
  run();
  const auto reports = store.inbox();
  ASSERT_EQ(reports.size(), 1U);
  const auto& report = reports[0];
  EXPECT_EQ(report.get(mapi::PR_MESSAGE_CLASS), "REPORT.IPM.Note.NDR");
  EXPECT_EQ(report.get(mapi::PR_SUBJECT), "Undeliverable: Test");
  ASSERT_EQ(report.recipients.size(), 1U);
  const auto& row = report.recipients[0];
  EXPECT_EQ(row.get(mapi::PR_EMAIL_ADDRESS), "bad@example.com");
  EXPECT_EQ(row.get(mapi::PR_NDR_REASON_CODE), 1);
  EXPECT_EQ(row.get(mapi::PR_NDR_DIAG_CODE), 35);
  EXPECT_EQ(row.get(mapi::PR_NDR_STATUS_CODE), 511);
  EXPECT_EQ(row.get(mapi::PR_RECIPIENT_NUMBER), 2);
  EXPECT_THAT(std::string(row.get_or(mapi::PR_SUPPLEMENTARY_INFO, "")),
              HasSubstr("550 5.1.1 no such user"));
  EXPECT_THAT(std::string(report.get_or(mapi::PR_BODY, "")), HasSubstr("550 5.1.1 no such user"));
  ASSERT_EQ(report.attachments.size(), 1U);
  ASSERT_TRUE(report.attachments[0].embedded);
  EXPECT_EQ(report.attachments[0].embedded->get(mapi::PR_SUBJECT), "Test");
  EXPECT_EQ(report.attachments[0].embedded->recipients.size(), 2U);
  EXPECT_FALSE(mapi::outcome(report.attachments[0].embedded->recipients[1]));
  EXPECT_EQ(store.new_mail, 1);
}

TEST_F(SpoolerTest, DeliveryReportIsMadeWhenAsked) {
  auto message = message_to({"a@example.com", "b@example.com"});
  message.recipients[0].set(mapi::PR_ORIGINATOR_DELIVERY_REPORT_REQUESTED, true);
  submit(std::move(message));
  run();
  const auto reports = store.inbox();
  ASSERT_EQ(reports.size(), 1U);
  EXPECT_EQ(reports[0].get(mapi::PR_MESSAGE_CLASS), "REPORT.IPM.Note.DR");
  ASSERT_EQ(reports[0].recipients.size(), 1U);
  EXPECT_TRUE(reports[0].recipients[0].get(mapi::PR_DELIVER_TIME));
  EXPECT_FALSE(reports[0].recipients[0].get(mapi::PR_NDR_REASON_CODE));
  EXPECT_THAT(reports[0].attachments, IsEmpty());
}

TEST_F(SpoolerTest, DeliveryThatTheNextHopReportsIsNotReportedTwice) {
  transport.next_hop_reports = {"a@example.com"};
  auto message = message_to({"a@example.com", "b@example.com"});
  message.set(mapi::PR_ORIGINATOR_DELIVERY_REPORT_REQUESTED, true);
  submit(std::move(message));
  run();
  const auto reports = store.inbox();
  ASSERT_EQ(reports.size(), 1U);
  ASSERT_EQ(reports[0].recipients.size(), 1U);
  EXPECT_EQ(reports[0].recipients[0].get(mapi::PR_EMAIL_ADDRESS), "b@example.com");
}

TEST_F(SpoolerTest, ExplicitFalseSuppressesTheNonDeliveryReport) {
  transport.script["bad@example.com"] = {Verdict::failed};
  auto message = message_to({"bad@example.com"});
  message.set(mapi::PR_ORIGINATOR_NON_DELIVERY_REPORT_REQUESTED, false);
  submit(std::move(message));
  run();
  EXPECT_THAT(store.inbox(), IsEmpty());
}

TEST_F(SpoolerTest, ThereIsNoReportAboutAReport) {
  transport.script["bad@example.com"] = {Verdict::failed};
  auto message = message_to({"bad@example.com"});
  message.set(mapi::PR_MESSAGE_CLASS, "Report.IPM.Note.NDR");
  submit(message);
  run();
  EXPECT_THAT(store.inbox(), IsEmpty());
  message.set(mapi::PR_MESSAGE_CLASS, "IPM.Note");
  submit(message);
  run();
  EXPECT_THAT(store.inbox(), SizeIs(1));
}

TEST_F(SpoolerTest, WhatATransportSaysThroughStatusRecipsAloneIsReported) {
  transport.keeps_rows_bare = true;
  transport.script["bad@example.com"] = {Verdict::failed};
  for (const bool with_row_ids : {false, true}) {
    transport.reports_at_end = with_row_ids;
    auto message = message_to({"a@example.com", "bad@example.com"});
    message.set(mapi::PR_ORIGINATOR_DELIVERY_REPORT_REQUESTED, true);
    for (std::int32_t id = 0; with_row_ids && id < 2; ++id) {
      message.recipients[static_cast<std::size_t>(id)].set(mapi::PR_ROWID, id);
    }
    MemoryStore store_of_its_own;
    store_of_its_own.submit(store_of_its_own.folder(mapi::SpecialFolder::outbox),
                            std::move(message));
    {
      Spooler spooler(store_of_its_own, {&transport}, options);
      EXPECT_TRUE(spooler.wait_empty(soon()));
    }
    const auto reports = store_of_its_own.inbox();
    ASSERT_THAT(reports, SizeIs(2));
    ASSERT_THAT(reports[0].recipients, SizeIs(1));
    const auto& failed = reports[0].recipients[0];
    EXPECT_EQ(failed.get(mapi::PR_EMAIL_ADDRESS), "bad@example.com");
    EXPECT_EQ(failed.get(mapi::PR_NDR_REASON_CODE), 1);
    EXPECT_EQ(failed.get(mapi::PR_NDR_DIAG_CODE), 35);
    EXPECT_EQ(failed.get(mapi::PR_NDR_STATUS_CODE), 511);
    EXPECT_THAT(std::string(failed.get_or(mapi::PR_SUPPLEMENTARY_INFO, "")),
                HasSubstr("550 5.1.1 no such user"));
    EXPECT_TRUE(failed.get(mapi::PR_REPORT_TIME));
    ASSERT_THAT(reports[1].recipients, SizeIs(1));
    EXPECT_EQ(reports[1].recipients[0].get(mapi::PR_EMAIL_ADDRESS), "a@example.com");
    EXPECT_TRUE(reports[1].recipients[0].get(mapi::PR_DELIVER_TIME));
  }
}

TEST_F(SpoolerTest, ReportLeftUndoneByACrashIsMadeOnceAndNothingIsSentAgain) {
  auto message = message_to({"bad@example.com"});
  auto& row = message.recipients[0];
  mapi::set_outcome(row, {.verdict = Verdict::failed,
                          .stage = Stage::rcpt,
                          .code = 550,
                          .status = {5, 1, 1},
                          .text = "gone",
                          .host = "mx",
                          .time = std::chrono::system_clock::now()});
  row.set(mapi::PR_RESPONSIBILITY, true);
  const auto entry = submit(message_to({"bad@example.com"}));
  store.change(entry, [&row](mapi::Message& stored) {
    for (const auto& [id, value] : row.properties()) stored.recipients[0].set(id, value);
  });
  run();
  EXPECT_EQ(store.inbox().size(), 1U);
  EXPECT_EQ(transport.calls(), 0);
  EXPECT_EQ(store.message(entry).recipients[0].get(mapi::PR_POSTERN_REPORTED), true);
}

TEST_F(SpoolerTest, NetworkErrorIsRetriedOnSchedule) {
  transport.answers = {{mapi::MAPI_E_NETWORK_ERROR, {}}, {mapi::MAPI_E_WAIT, {}}};
  const auto entry = submit(message_to({"a@example.com"}));
  run();
  EXPECT_EQ(transport.calls(), 3);
  EXPECT_EQ(store.message(entry).get(mapi::PR_POSTERN_RETRIES), 2);
  EXPECT_EQ(verdict(entry, 0), Verdict::delivered);
}

TEST_F(SpoolerTest, BusyTransportIsAskedAgainSoonAndItIsNoAttempt) {
  options.retry.intervals = {std::chrono::hours{1}};
  transport.answers = {{mapi::MAPI_E_BUSY, {}}};
  const auto begin = system_clock::now();
  const auto entry = submit(message_to({"a@example.com"}));
  run_until_held();
  EXPECT_GE(pause(entry, begin), std::chrono::seconds{15});
  EXPECT_LE(pause(entry, system_clock::now()), std::chrono::seconds{15});
  EXPECT_FALSE(store.message(entry).get(mapi::PR_POSTERN_RETRIES));
}

TEST_F(SpoolerTest, PauseThatTheTransportNamesStandsInPlaceOfTheSchedule) {
  options.retry.intervals = {std::chrono::hours{1}};
  transport.answers = {{mapi::MAPI_E_WAIT, std::chrono::seconds{600}}};
  const auto entry = submit(message_to({"a@example.com"}));
  const auto before = std::chrono::system_clock::now();
  Spooler spooler(store, {&transport}, options);
  EXPECT_TRUE(spooler.wait_idle(soon()));
  const auto until = store.queue_row(entry)->next_attempt.value().time_point();
  EXPECT_GE(until, before + std::chrono::seconds{600});
  EXPECT_LE(until, std::chrono::system_clock::now() + std::chrono::seconds{600});
  EXPECT_FALSE(store.message(entry).get(mapi::PR_POSTERN_RETRIES)) << "it was no try";
}

TEST_F(SpoolerTest, TransportThatPacesItselfIsOfferedMessagesBehindACriticalError) {
  transport.answers = {{mapi::MAPI_E_LOGON_FAILED, std::chrono::seconds{600}}};
  transport.critical_error = "smtp://relay: 535 bad password";
  transport.paces_itself = true;
  options.sessions = 1;
  std::string reason;
  observer.suspended = [&](const std::string& text) { reason = text; };
  const auto first = submit(message_to({"a@example.com"}));
  const auto second = submit(message_to({"b@example.com"}));
  Spooler spooler(store, {&transport}, options, observer);
  EXPECT_TRUE(spooler.wait_idle(soon()));
  EXPECT_EQ(reason, "smtp://relay: 535 bad password");
  EXPECT_TRUE(store.queue_row(first));
  EXPECT_FALSE(store.queue_row(second));
}

TEST_F(SpoolerTest, FlushReachesTheTransports) {
  Spooler spooler(store, {&transport}, options);
  EXPECT_EQ(transport.flushes, 0);
  spooler.flush();
  EXPECT_GT(transport.flushes, 0);
}

TEST_F(SpoolerTest, TransportSaysWhenItWantsAMessageAgain) {
  options.retry.intervals = {std::chrono::hours{1}};
  for (const auto wanted : {std::chrono::seconds{5}, std::chrono::seconds{3 * 3600}}) {
    for (const auto code : {mapi::MAPI_E_WAIT, mapi::MAPI_E_NETWORK_ERROR}) {
      transport.answers = {{code, wanted}};
      const auto begin = system_clock::now();
      const auto entry = submit(message_to({"a@example.com"}));
      run_until_held();
      EXPECT_GE(pause(entry, begin), wanted);
      EXPECT_LE(pause(entry, system_clock::now()), wanted);
      store.abort_submit(entry);
    }
  }
}

TEST_F(SpoolerTest, MessageIsNotHeldBeyondTheTimeAtWhichItIsGivenUp) {
  transport.script["later@example.com"] = {Verdict::retry};
  transport.script["sooner@example.com"] = {Verdict::retry};
  options.retry.intervals = {std::chrono::hours{2}};
  options.retry.give_up_after = std::chrono::minutes{90};
  const auto begin = system_clock::now();
  auto urgent = message_to({"sooner@example.com"});
  const auto latest = mapi::FileTime::from(begin + std::chrono::minutes{30});
  urgent.set(mapi::PR_LATEST_DELIVERY_TIME, latest);
  const auto sooner = submit(std::move(urgent));
  const auto later = submit(message_to({"later@example.com"}));
  run_until_held();
  EXPECT_EQ(store.queue_row(sooner)->next_attempt, latest);
  EXPECT_GE(pause(later, begin), std::chrono::minutes{89});
  EXPECT_LE(pause(later, system_clock::now()), std::chrono::minutes{90});
}

TEST_F(SpoolerTest, TransportThatWantsAMessageAgainAtOnceGetsItThreeTimesInARow) {
  transport.leaves_everything = true;
  transport.end = mapi::EndMessage::resend_now;
  options.retry.intervals = {std::chrono::hours{1}};
  const auto begin = system_clock::now();
  const auto entry = submit(message_to({"a@example.com"}));
  run_until_held();
  EXPECT_EQ(transport.calls(), 3);
  EXPECT_GE(pause(entry, begin), std::chrono::hours{1});
}

TEST_F(SpoolerTest, MailForASuspendedTransportIsLeftAloneUntilTheSuspensionEnds) {
  transport.answers = {{mapi::MAPI_E_LOGON_FAILED, {}}};
  transport.critical_error = "smtp://relay: 535 bad password";
  options.sessions = 1;
  options.suspension = std::chrono::minutes{30};
  options.retry.intervals = {std::chrono::minutes{1}};
  submit(message_to({"a@example.com"}));
  const auto second = submit(message_to({"b@example.com"}));
  Spooler spooler(store, {&transport}, options);
  EXPECT_TRUE(spooler.wait_idle(soon()));
  EXPECT_EQ(transport.calls(), 1);
  EXPECT_FALSE(store.queue_row(second)->next_attempt);
  EXPECT_FALSE(spooler.wait_empty(std::chrono::steady_clock::now()));
}

TEST_F(SpoolerTest, CriticalErrorKeepsTheMailAndStopsOffering) {
  transport.answers = {{mapi::MAPI_E_LOGON_FAILED, {}}};
  transport.critical_error = "smtp://relay: 535 bad password";
  options.sessions = 1;
  std::string reason;
  observer.suspended = [&](const std::string& text) { reason = text; };
  const auto first = submit(message_to({"a@example.com"}));
  const auto second = submit(message_to({"b@example.com"}));
  {
    Spooler spooler(store, {&transport}, options, observer);
    EXPECT_TRUE(spooler.wait_idle(soon()));
    EXPECT_TRUE(store.queue_row(first));
    EXPECT_TRUE(store.queue_row(second));
    EXPECT_EQ(transport.calls(), 1);
    EXPECT_EQ(reason, "smtp://relay: 535 bad password");
    EXPECT_THAT(store.inbox(), IsEmpty());
    EXPECT_FALSE(store.message(second).get(mapi::PR_POSTERN_RETRIES)) << "it was not tried";
    spooler.flush();
    EXPECT_TRUE(spooler.wait_empty(soon()));
  }
  EXPECT_EQ(verdict(first, 0), Verdict::delivered);
}

TEST_F(SpoolerTest, TransportsShareRecipientsByAddressType) {
  ScriptedTransport fax;
  fax.types = {"fax"};
  auto message = message_to({"a@example.com", "b@example.com"});
  message.recipients[1].set(mapi::PR_ADDRTYPE, "FAX");
  submit(std::move(message));
  run({&transport, &fax});
  EXPECT_THAT(transport.offered(), ElementsAre("a@example.com"));
  EXPECT_THAT(fax.offered(), ElementsAre("b@example.com"));
}

TEST_F(SpoolerTest, WhatATransportDeclinesGoesToTheNextAndThenIntoAReport) {
  ScriptedTransport second;
  transport.leaves_everything = true;
  second.answers = {{mapi::MAPI_E_NOT_ME, {}}};
  const auto entry = submit(message_to({"a@example.com"}));
  run({&transport, &second});
  EXPECT_EQ(second.calls(), 1);
  EXPECT_EQ(verdict(entry, 0), Verdict::failed);
  EXPECT_EQ(store.inbox().size(), 1U);
}

TEST_F(SpoolerTest, UnknownAddressTypeAndUnresolvedRowsAreReportedByTheSpooler) {
  mapi::Message message = message_to({});
  auto x400 = mapi::Recipient{};
  x400.set(mapi::PR_ADDRTYPE, "X400");
  x400.set(mapi::PR_EMAIL_ADDRESS, "c=de;s=somebody");
  auto nobody = mapi::Recipient{};
  nobody.set(mapi::PR_DISPLAY_NAME, "Somebody");
  message.recipients = {x400, nobody};
  submit(std::move(message));
  run();
  const auto reports = store.inbox();
  ASSERT_EQ(reports.size(), 1U);
  ASSERT_EQ(reports[0].recipients.size(), 2U);
  const auto& first = reports[0].recipients[0];
  EXPECT_EQ(first.get(mapi::PR_NDR_REASON_CODE), 1);
  EXPECT_EQ(first.get(mapi::PR_NDR_DIAG_CODE), -1);
  EXPECT_EQ(first.get(mapi::PR_NDR_STATUS_CODE), 544);
  const auto& second = reports[0].recipients[1];
  EXPECT_EQ(second.get(mapi::PR_NDR_REASON_CODE), 1);
  EXPECT_EQ(second.get(mapi::PR_NDR_DIAG_CODE), 0);
  EXPECT_EQ(second.get(mapi::PR_NDR_STATUS_CODE), 510);
}

TEST_F(SpoolerTest, ExchangeRecipientWithAnSmtpAddressGoesBySmtp) {
  auto message = message_to({"a@example.com"});
  auto& row = message.recipients[0];
  row.set(mapi::PR_ADDRTYPE, "EX");
  row.set(mapi::PR_EMAIL_ADDRESS, "/o=org/cn=a");
  submit(std::move(message));
  run();
  EXPECT_THAT(transport.offered(), ElementsAre("a@example.com"));
}

TEST_F(SpoolerTest, WhatCannotBeDeliveredInTimeIsGivenUpWithTheLastAnswer) {
  transport.script["later@example.com"] = {Verdict::retry};
  options.retry.give_up_after = std::chrono::milliseconds{60};
  submit(message_to({"later@example.com"}));
  run();
  const auto reports = store.inbox();
  ASSERT_EQ(reports.size(), 1U);
  EXPECT_EQ(reports[0].recipients[0].get(mapi::PR_NDR_DIAG_CODE), 5);
  EXPECT_EQ(reports[0].recipients[0].get(mapi::PR_NDR_STATUS_CODE), 447);
  EXPECT_THAT(std::string(reports[0].get_or(mapi::PR_BODY, "")), HasSubstr("in time"));
}

TEST_F(SpoolerTest, DeferredMessageWaitsWhileLaterOnesOvertake) {
  auto deferred = message_to({"deferred@example.com"});
  deferred.set(mapi::PR_DEFERRED_SEND_TIME,
               mapi::FileTime::from(system_clock::now() + std::chrono::hours{1}));
  const auto entry = submit(std::move(deferred));
  submit(message_to({"prompt@example.com"}));
  options.sessions = 1;
  run_until_held();
  EXPECT_THAT(transport.offered(), ElementsAre("prompt@example.com"));
  EXPECT_TRUE(store.queue_row(entry));
}

TEST_F(SpoolerTest, DeferredMessageIsSentWhenItsTimeHasCome) {
  auto deferred = message_to({"deferred@example.com"});
  const auto time = mapi::FileTime::from(system_clock::now() + std::chrono::milliseconds{20});
  deferred.set(mapi::PR_DEFERRED_SEND_TIME, time);
  const auto entry = submit(std::move(deferred));
  run();
  EXPECT_GE(store.message(entry).recipients[0].get(mapi::PR_DELIVER_TIME), time);
}

TEST_F(SpoolerTest, WhatIsDeferredForMillenniaWaitsAndOutlooksNoneDoesNot) {
  for (const auto& [address, ticks] :
       {std::pair{"in1601@example.com", 0ULL},
        std::pair{"in4501@example.com", 0x0CB34557A3DD4000ULL},
        std::pair{"in2300@example.com", 220'582'656'000'000'000ULL},
        std::pair{"in9999@example.com", 2'650'466'880'000'000'000ULL},
        std::pair{"never@example.com", ~0ULL}}) {
    auto message = message_to({address});
    message.set(mapi::PR_DEFERRED_SEND_TIME, mapi::FileTime{ticks});
    submit(std::move(message));
  }
  run_until_held();
  EXPECT_THAT(transport.offered(),
              UnorderedElementsAre("in1601@example.com", "in4501@example.com"));
}

TEST_F(SpoolerTest, LatestDeliveryTimeOfAFarYearOrNoneIsNotPast) {
  for (const auto& [address, ticks] :
       {std::pair{"in9999@example.com", 2'650'466'880'000'000'000ULL},
        std::pair{"none@example.com", 0x0CB34557A3DD4000ULL},
        std::pair{"late@example.com", ~0ULL}}) {
    auto message = message_to({address});
    message.set(mapi::PR_LATEST_DELIVERY_TIME, mapi::FileTime{ticks});
    submit(std::move(message));
  }
  run();
  EXPECT_EQ(transport.offered().size(), 3U);
  EXPECT_THAT(store.inbox(), IsEmpty());
}

TEST_F(SpoolerTest, PausesLongerThanTheClockReachesAreHeld) {
  transport.script["later@example.com"] = {Verdict::retry};
  options.retry.intervals = {std::chrono::hours{24'000'000}};
  options.retry.give_up_after = std::chrono::hours{24'000'000};
  const auto entry = submit(message_to({"later@example.com"}));
  run_until_held();
  EXPECT_GT(store.queue_row(entry)->next_attempt, mapi::FileTime::now() + std::chrono::hours{24});
  run_until_held();
  EXPECT_EQ(transport.calls(), 1);
}

TEST_F(SpoolerTest, FlushAtStartTriesWhatAnEarlierSpoolerLeftWaitingButNotWhatTheSenderDeferred) {
  transport.script["later@example.com"] = {Verdict::retry, Verdict::delivered};
  options.retry.intervals = {std::chrono::hours{1}};
  submit(message_to({"later@example.com"}));
  {
    Spooler earlier(store, {&transport}, options);
    EXPECT_TRUE(earlier.wait_idle(soon()));
  }
  auto deferred = message_to({"deferred@example.com"});
  deferred.set(mapi::PR_DEFERRED_SEND_TIME,
               mapi::FileTime::from(std::chrono::system_clock::now() + std::chrono::hours{1}));
  submit(std::move(deferred));
  {
    Spooler patient(store, {&transport}, options);
    EXPECT_TRUE(patient.wait_idle(soon()));
  }
  EXPECT_THAT(transport.offered(), ElementsAre("later@example.com"));
  options.flush_at_start = true;
  Spooler flushing(store, {&transport}, options);
  EXPECT_TRUE(flushing.wait_idle(soon()));
  EXPECT_THAT(transport.offered(), ElementsAre("later@example.com", "later@example.com"));
}

TEST_F(SpoolerTest, MessagesLeaveInTheOrderTheyWereSubmitted) {
  std::vector<std::string> addresses;
  for (int i = 0; i < 1200; ++i) {
    addresses.push_back("user" + std::to_string(i) + "@example.com");
    submit(message_to({addresses.back()}));
  }
  options.sessions = 1;
  run();
  EXPECT_EQ(transport.offered(), addresses);
}

TEST_F(SpoolerTest, MessageSubmittedWhileTheSpoolerIdlesIsSent) {
  Spooler spooler(store, {&transport}, options);
  EXPECT_TRUE(spooler.wait_empty(soon()));
  const auto entry = submit(message_to({"a@example.com"}));
  EXPECT_TRUE(spooler.wait_empty(soon()));
  EXPECT_EQ(verdict(entry, 0), Verdict::delivered);
}

TEST_F(SpoolerTest, QueueWithAMessageThatNobodyHasToldOfIsNotEmpty) {
  Spooler spooler(store, {&transport}, options);
  EXPECT_TRUE(spooler.wait_empty(soon()));
  store.is_silent = true;
  const auto entry = submit(message_to({"a@example.com"}));
  EXPECT_FALSE(spooler.wait_empty(std::chrono::steady_clock::now()));
  store.is_silent = false;
  store.changed();
  EXPECT_TRUE(spooler.wait_empty(soon()));
  EXPECT_EQ(verdict(entry, 0), Verdict::delivered);
}

TEST_F(SpoolerTest, IdleSessionsLeaveTheQueueAlone) {
  options.sessions = 10;
  submit(message_to({"a@example.com"}));
  Spooler spooler(store, {&transport}, options);
  EXPECT_TRUE(spooler.wait_empty(soon()));
  // Each session may still be on its way to its first wait.
  std::this_thread::sleep_for(std::chrono::milliseconds{300});
  EXPECT_LE(store.claims, 50);
}

TEST_F(SpoolerTest, HeldMessageIsTriedInTimeWhileASessionIsBusyWithAnother) {
  options.sessions = 2;
  transport.script["later@example.com"] = {Verdict::retry, Verdict::delivered};
  std::promise<void> release;
  transport.hold["slow@example.com"] = release.get_future().share();
  const auto held = submit(message_to({"later@example.com"}));
  submit(message_to({"slow@example.com"}));
  Spooler spooler(store, {&transport}, options);
  const auto end = soon();
  while (store.queue_row(held) && std::chrono::steady_clock::now() < end) {
    std::this_thread::sleep_for(std::chrono::milliseconds{5});
  }
  EXPECT_FALSE(store.queue_row(held));
  release.set_value();
  EXPECT_TRUE(spooler.wait_empty(soon()));
}

TEST_F(SpoolerTest, AbortedMessageIsNotSent) {
  transport.script["later@example.com"] = {Verdict::retry};
  options.retry.intervals = {std::chrono::milliseconds{100}};
  const auto entry = submit(message_to({"later@example.com"}));
  Spooler spooler(store, {&transport}, options);
  EXPECT_TRUE(spooler.wait_idle(soon()));
  store.abort_submit(entry);
  EXPECT_TRUE(spooler.wait_empty(soon()));
  EXPECT_EQ(transport.calls(), 1);
}

TEST_F(SpoolerTest, AbortedAndSubmittedAnewItDoesNotWaitOutTheOldPause) {
  transport.script["later@example.com"] = {Verdict::retry, Verdict::delivered};
  options.retry.intervals = {std::chrono::hours{1}};
  const auto entry = submit(message_to({"later@example.com"}));
  Spooler spooler(store, {&transport}, options);
  ASSERT_TRUE(spooler.wait_idle(soon()));
  store.abort_submit(entry);
  store.open_entry(entry, mapi::Access::modify)->submit_message();
  EXPECT_TRUE(spooler.wait_empty(soon()));
  EXPECT_EQ(verdict(entry, 0), Verdict::delivered);
}

TEST_F(SpoolerTest, CancelIsNotLostThatComesWhileASenderIsMade) {
  std::promise<std::unique_ptr<Spooler>*> begun;
  std::unique_ptr<Spooler> spooler;
  const auto entry = submit(message_to({"a@example.com"}));
  transport.before_sender = [&, ready = begun.get_future().share()] {
    EXPECT_TRUE((*ready.get())->cancel(entry));
  };
  spooler = std::make_unique<Spooler>(store, std::vector<mapi::XPProvider*>{&transport}, options);
  begun.set_value(&spooler);
  EXPECT_TRUE(spooler->wait_empty(soon()));
  EXPECT_EQ(transport.calls(), 0);
  EXPECT_NE(store.message(entry).get_or(mapi::PR_MESSAGE_FLAGS, 0) & mapi::MSGFLAG_UNSENT, 0);
}

TEST_F(SpoolerTest, StoppingCancelsWhatRunsAndKeepsItQueued) {
  transport.blocks = true;
  const auto entry = submit(message_to({"a@example.com"}));
  {
    Spooler spooler(store, {&transport}, options);
    while (transport.calls() == 0) std::this_thread::yield();
    spooler.stop();
  }
  ASSERT_TRUE(store.queue_row(entry));
  EXPECT_EQ(store.queue_row(entry)->submit_flags, 0);
  transport.blocks = false;
  run();
  EXPECT_EQ(verdict(entry, 0), Verdict::delivered);
}

TEST_F(SpoolerTest, FailingStoreStopsTheSpoolerWithItsCodeAndSentence) {
  using Told = std::pair<mapi::Code, std::string>;
  std::promise<Told> failed;
  observer.failed = [&](const mapi::Failure& failure) {
    failed.set_value({failure.code(), failure.what()});
  };
  store.save_failure = mapi::MAPI_E_DISK_ERROR;
  const auto entry = submit(message_to({"a@example.com"}));
  Spooler spooler(store, {&transport}, options, observer);
  auto told = failed.get_future();
  ASSERT_EQ(told.wait_for(long_enough), std::future_status::ready);
  EXPECT_EQ(told.get(), Told(mapi::MAPI_E_DISK_ERROR, "the store failed"));
  EXPECT_FALSE(spooler.wait_empty(soon()));
  EXPECT_TRUE(store.queue_row(entry));
}

}  // namespace
}  // namespace postern::spooler
