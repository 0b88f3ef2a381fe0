// Messages are preprocessed before any transport sees them, and nothing of that stays behind
// (mapi-submission.md §§3.4, 3.5).
#include <algorithm>
#include <atomic>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/spooler/spooler_fixture.h"

namespace postern::spooler {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

/// Appends its mark to the subject, and takes it away again.
mapi::Preprocessor marker(const std::string& mark) {
  mapi::Preprocessor preprocessor;
  preprocessor.preprocess = [mark](mapi::Message& message) {
    message.set(mapi::PR_SUBJECT, std::string(message.get_or(mapi::PR_SUBJECT, "")) + mark);
    return mapi::PreprocessResult{};
  };
  preprocessor.remove_info = [mark](mapi::Message& message) {
    auto subject = std::string(message.get_or(mapi::PR_SUBJECT, ""));
    if (const auto place = subject.find(mark); place != std::string::npos) {
      message.set(mapi::PR_SUBJECT, subject.erase(place, mark.size()));
    }
  };
  return preprocessor;
}

mapi::Recipient undeliverable(const mapi::Message& message, const std::string& address) {
  auto row = *std::ranges::find_if(message.recipients, [&](const mapi::Recipient& recipient) {
    return recipient.get_or(mapi::PR_EMAIL_ADDRESS, "") == address;
  });
  mapi::set_outcome(row, {.verdict = Verdict::failed,
                          .stage = Stage::submit,
                          .code = 0,
                          .status = {5, 7, 5},
                          .text = "no certificate",
                          .host = {},
                          .time = std::chrono::system_clock::now()});
  return row;
}

class Preprocessing : public test::SpoolerTest {
 protected:
  std::string subject(const mapi::EntryId& entry) {
    return std::string(store.message(entry).get_or(mapi::PR_SUBJECT, ""));
  }
};

TEST_F(Preprocessing, ComesOnceInOrderBeforeTheTransportAndLeavesNoTrace) {
  transport.preprocessors = {marker(" [one]"), marker(" [two]")};
  transport.script["a@example.com"] = {Verdict::retry, Verdict::retry, Verdict::delivered};
  const auto entry = submit(test::message_to({"a@example.com"}));
  run();
  const std::string seen = "Test [one] [two]";
  EXPECT_THAT(transport.subjects(), ElementsAre(seen, seen, seen));
  EXPECT_EQ(subject(entry), "Test");
  EXPECT_FALSE(store.message(entry).get(mapi::PR_PREPROCESS));
}

TEST_F(Preprocessing, LeavesNoTraceInTheReportEither) {
  transport.preprocessors = {marker(" [one]")};
  transport.script["a@example.com"] = {Verdict::failed};
  submit(test::message_to({"a@example.com"}));
  run();
  EXPECT_THAT(transport.subjects(), ElementsAre("Test [one]"));
  const auto reports = store.inbox();
  ASSERT_EQ(reports.size(), 1U);
  EXPECT_EQ(reports[0].get(mapi::PR_ORIGINAL_SUBJECT), "Test");
  ASSERT_EQ(reports[0].attachments.size(), 1U);
  const auto& original = *reports[0].attachments[0].embedded;
  EXPECT_EQ(original.get(mapi::PR_SUBJECT), "Test");
  EXPECT_FALSE(original.get(mapi::PR_PREPROCESS));
}

TEST_F(Preprocessing, RowsThatItCannotServeAreReportedAndNotSent) {
  auto picky = marker(" [one]");
  picky.preprocess = [](mapi::Message& message) {
    return mapi::PreprocessResult{{}, {undeliverable(message, "b@example.com")}};
  };
  transport.preprocessors = {picky};
  const auto entry = submit(test::message_to({"a@example.com", "b@example.com"}));
  run();
  EXPECT_THAT(transport.offered(), ElementsAre("a@example.com"));
  ASSERT_EQ(store.inbox().size(), 1U);
  const auto report = store.inbox()[0];
  ASSERT_EQ(report.recipients.size(), 1U);
  EXPECT_EQ(report.recipients[0].get(mapi::PR_EMAIL_ADDRESS), "b@example.com");
  EXPECT_EQ(report.recipients[0].get(mapi::PR_NDR_STATUS_CODE), 575);
  EXPECT_TRUE(store.message(entry).recipients[1].get_or(mapi::PR_RESPONSIBILITY, false));
}

TEST_F(Preprocessing, FailureKeepsTheMessageAndChangesNothing) {
  int calls = 0;
  auto reluctant = marker(" [two]");
  reluctant.preprocess = [&, inner = reluctant.preprocess](mapi::Message& message) {
    if (++calls < 3) throw mapi::Failure(mapi::MAPI_E_NOT_FOUND, "the directory does not answer");
    return inner(message);
  };
  transport.preprocessors = {marker(" [one]"), reluctant};
  std::vector<std::string> troubles;
  observer.trouble = [&](const mapi::EntryId&, const std::string& why) { troubles.push_back(why); };
  const auto entry = submit(test::message_to({"a@example.com"}));
  run();
  EXPECT_THAT(transport.subjects(), ElementsAre("Test [one] [two]"));
  EXPECT_THAT(troubles, ElementsAre(HasSubstr("directory"), HasSubstr("directory")));
  EXPECT_EQ(subject(entry), "Test");
}

TEST_F(Preprocessing, FurtherMessagesAreSentAsTheyAre) {
  auto splitter = marker(" [one]");
  splitter.preprocess = [inner = splitter.preprocess](mapi::Message& message) {
    auto further = test::message_to({"further@example.com"});
    further.set(mapi::PR_SUBJECT, "Further");
    inner(message);
    return mapi::PreprocessResult{{further}, {}};
  };
  transport.preprocessors = {splitter};
  submit(test::message_to({"a@example.com"}));
  run();
  EXPECT_THAT(transport.subjects(), UnorderedElementsAre("Test [one]", "Further"));
}

TEST_F(Preprocessing, OnlyOfTransportsThatGetARecipient) {
  test::ScriptedTransport fax;
  fax.types = {"FAX"};
  fax.preprocessors = {marker(" [fax]")};
  transport.preprocessors = {marker(" [one]")};
  submit(test::message_to({"a@example.com"}));
  run({&fax, &transport});
  EXPECT_THAT(transport.subjects(), ElementsAre("Test [one]"));
}

TEST_F(Preprocessing, MessageThatNobodySecuresIsRefusedAndNotSentInTheClear) {
  auto secret = test::message_to({"a@example.com"});
  secret.set(mapi::PR_SECURITY_FLAGS, mapi::SECFLAG_ENCRYPTED);
  submit(secret);
  run();
  EXPECT_THAT(transport.offered(), IsEmpty());
  ASSERT_EQ(store.inbox().size(), 1U);
  const auto report = store.inbox().at(0);
  EXPECT_EQ(report.recipients.at(0).get(mapi::PR_NDR_STATUS_CODE), 574);
  EXPECT_THAT(std::string(report.get_or(mapi::PR_BODY, "")), HasSubstr("signed or encrypted"));
}

TEST_F(Preprocessing, MarkedMessageWithoutAnyPreprocessorWaits) {
  auto marked = test::message_to({"a@example.com"});
  marked.set(mapi::PR_PREPROCESS, true);
  std::string trouble;
  observer.trouble = [&](const mapi::EntryId&, const std::string& why) { trouble = why; };
  options.retry.intervals = {std::chrono::hours{1}};
  const auto entry = submit(marked);
  run_until_held();
  EXPECT_THAT(transport.offered(), IsEmpty());
  EXPECT_THAT(trouble, HasSubstr("preprocessor"));
  const auto row = store.queue_row(entry);
  ASSERT_TRUE(row);
  EXPECT_EQ(row->submit_flags, mapi::SUBMITFLAG_PREPROCESS);
}

TEST_F(Preprocessing, IsNotDoneWhereItIsNotNeeded) {
  std::atomic<int> calls = 0;
  auto idle = marker(" [idle]");
  idle.is_needed = [&calls](const mapi::Message& message) {
    ++calls;
    return message.get_or(mapi::PR_SECURITY_FLAGS, 0) != 0;
  };
  transport.preprocessors = {idle};
  transport.script["a@example.com"] = {Verdict::retry, Verdict::delivered};
  options.retry.intervals = {std::chrono::hours{1}};
  const auto entry = submit(test::message_to({"a@example.com"}));
  EXPECT_EQ(store.queue_row(entry).value().submit_flags, 0);
  run_until_held();
  EXPECT_GT(calls, 0);
  EXPECT_EQ(subject(entry), "Test");
  EXPECT_FALSE(store.message(entry).get(mapi::PR_PREPROCESS));
}

TEST_F(Preprocessing, SecondPassSendsWhatWasPreprocessedAndKeepsItsPlace) {
  options.sessions = 1;
  auto secret = test::message_to({"a@example.com"});
  secret.set(mapi::PR_SECURITY_FLAGS, mapi::SECFLAG_SIGNED);
  transport.preprocessors = {marker(" [one]")};
  const auto entry = submit(secret);
  const auto submitted = store.message(entry).get(mapi::PR_CLIENT_SUBMIT_TIME);
  submit(test::message_to({"b@example.com"}));
  run();
  EXPECT_THAT(transport.offered(), ElementsAre("a@example.com", "b@example.com"));
  EXPECT_EQ(store.message(entry).get(mapi::PR_CLIENT_SUBMIT_TIME), submitted);
  EXPECT_EQ(subject(entry), "Test");
}

TEST_F(Preprocessing, WhatACrashLeftBehindIsRemovedFirst) {
  auto secret = test::message_to({"a@example.com"});
  secret.set(mapi::PR_SECURITY_FLAGS, mapi::SECFLAG_SIGNED);
  transport.preprocessors = {marker(" [one]")};
  const auto entry = submit(secret);
  store.change(entry, [](mapi::Message& message) { message.set(mapi::PR_SUBJECT, "Test [one]"); });
  run();
  EXPECT_THAT(transport.subjects(), ElementsAre("Test [one]"));
  EXPECT_EQ(subject(entry), "Test");
}

TEST_F(Preprocessing, CancelledBeforeItTheMessageMayBeSentWithout) {
  auto secret = test::message_to({"a@example.com"});
  secret.set(mapi::PR_SECURITY_FLAGS, mapi::SECFLAG_SIGNED);
  const auto entry = submit(secret);
  store.abort_submit(entry);
  const auto handle = store.open_entry(entry, mapi::Access::modify);
  handle->edit().erase(mapi::PR_SECURITY_FLAGS);
  handle->submit_message();
  EXPECT_EQ(store.queue_row(entry).value().submit_flags, 0);
  run();
  EXPECT_THAT(transport.offered(), ElementsAre("a@example.com"));
}

TEST_F(Preprocessing, CancelledBehindItTheMessageIsPreprocessedAnew) {
  options.retry.intervals = {std::chrono::hours{1}};
  transport.preprocessors = {marker(" [one]")};
  transport.script["a@example.com"] = {Verdict::retry, Verdict::delivered};
  const auto entry = submit(test::message_to({"a@example.com"}));
  run_until_held();
  store.abort_submit(entry);
  EXPECT_EQ(subject(entry), "Test [one]");
  store.open_entry(entry, mapi::Access::modify)->submit_message();
  EXPECT_EQ(store.queue_row(entry).value().submit_flags, mapi::SUBMITFLAG_PREPROCESS);
  run();
  EXPECT_THAT(transport.subjects(), ElementsAre("Test [one]", "Test [one]"));
  EXPECT_EQ(subject(entry), "Test");
}

TEST_F(Preprocessing, RowsThatNobodyTakesNeedNone) {
  auto secret = test::message_to({"a@example.com"});
  secret.set(mapi::PR_SECURITY_FLAGS, mapi::SECFLAG_ENCRYPTED);
  secret.recipients[0].set(mapi::PR_ADDRTYPE, "FAX");
  secret.recipients[0].erase(mapi::PR_SMTP_ADDRESS);
  submit(secret);
  run();
  ASSERT_EQ(store.inbox().size(), 1U);
  EXPECT_EQ(store.inbox()[0].recipients[0].get(mapi::PR_NDR_STATUS_CODE), 544);
}

}  // namespace
}  // namespace postern::spooler
