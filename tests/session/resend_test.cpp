// Resending a message (mapi-submission.md §10, scenario 18).
#include "session/resend.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mapi/address.h"
#include "mapi/error.h"
#include "mapi/property_tags.h"
#include "mapi/recipient_outcome.h"
#include "session/store_support.h"
#include "session/submission.h"

namespace postern::session {
namespace {

using mapi::make_recipient;
using mapi::RecipientType;
using testing::ElementsAre;

constexpr auto p1 = static_cast<std::int32_t>(RecipientType::p1);

mapi::Recipient addressed(std::int32_t type, const std::string& name) {
  auto recipient = make_recipient(RecipientType::to, name + "@example.com");
  recipient.set(mapi::PR_RECIPIENT_TYPE, type);
  return recipient;
}

mapi::Message resent(std::vector<mapi::Recipient> rows) {
  mapi::Message message;
  message.set(mapi::PR_MESSAGE_FLAGS, mapi::MSGFLAG_RESEND);
  message.recipients = std::move(rows);
  return message;
}

std::string local_part(const mapi::Recipient& recipient) {
  const auto address = recipient.get_or(mapi::PR_EMAIL_ADDRESS, "");
  return std::string(address.substr(0, address.find('@')));
}

/// "to ann": shown; "to! ann": served already, "p1 ann": of the envelope; with "+" if it is to be
/// served.
std::vector<std::string> shapes(const mapi::Message& message) {
  const std::vector<std::string> types{"orig", "to", "cc", "bcc"};
  std::vector<std::string> result;
  for (const auto& recipient : message.recipients) {
    const auto type = recipient.get_or(mapi::PR_RECIPIENT_TYPE, 0);
    const auto plain = type & ~mapi::MAPI_SUBMITTED;
    const auto settled = recipient.get(mapi::PR_RESPONSIBILITY);
    result.push_back((plain == p1 ? "p1" : types.at(static_cast<std::size_t>(plain))) +
                     (type != plain ? "!" : "") + (settled && !*settled ? "+ " : " ") +
                     local_part(recipient));
  }
  return result;
}

mapi::Code prepare_code(mapi::Message message) {
  const auto before = message.recipients;
  try {
    prepare_resend(message);
  } catch (const mapi::Failure& failure) {
    EXPECT_EQ(message.recipients, before) << "it failed and changed the message";
    return failure.code();
  }
  return mapi::S_OK;
}

TEST(PrepareSubmit, ByTheTable) {
  auto message = resent({addressed(1 | mapi::MAPI_SUBMITTED, "served"), addressed(2, "failed"),
                         addressed(3, "new"), addressed(p1, "failed"), addressed(p1, "hidden")});
  DefaultStoreSupport().prepare_submit(message);
  EXPECT_THAT(shapes(message),
              ElementsAre("to served", "cc failed", "bcc+ new", "p1+ failed", "p1+ hidden"));
}

TEST(PrepareSubmit, RefusesWhatItCannotRead) {
  EXPECT_EQ(prepare_code(resent({addressed(p1 | mapi::MAPI_SUBMITTED, "ann")})),
            mapi::MAPI_E_NON_STANDARD);
  EXPECT_EQ(prepare_code(resent({addressed(7, "ann"), addressed(1, "bob")})),
            mapi::MAPI_E_NON_STANDARD);
  EXPECT_EQ(prepare_code(resent({addressed(7 | mapi::MAPI_SUBMITTED, "ann"), addressed(1, "bob")})),
            mapi::MAPI_E_NON_STANDARD);
}

TEST(PrepareSubmit, WantsSomebodyWhoDoesNotHaveIt) {
  EXPECT_EQ(prepare_code(resent({addressed(1 | mapi::MAPI_SUBMITTED, "ann")})),
            mapi::MAPI_E_NO_RECIPIENTS);
  EXPECT_EQ(prepare_code(resent({addressed(1 | mapi::MAPI_SUBMITTED, "ann"), addressed(0, "bob")})),
            mapi::S_OK);
}

void settle(mapi::Recipient& recipient, Verdict verdict) {
  mapi::set_outcome(recipient, {.verdict = verdict,
                                .stage = Stage::rcpt,
                                .code = verdict == Verdict::delivered ? 250 : 550,
                                .status = {},
                                .text = "said the server",
                                .host = {},
                                .time = {}});
  recipient.set(mapi::PR_RESPONSIBILITY, true);
}

mapi::Message sent() {
  mapi::Message message;
  message.set(mapi::PR_MESSAGE_CLASS, "IPM.Note");
  message.set(mapi::PR_SUBJECT, "Hello");
  message.set(mapi::PR_INTERNET_MESSAGE_ID, "<1@example.com>");
  message.set(mapi::PR_ENTRYID, mapi::Binary(5));
  message.set(mapi::PR_SEARCH_KEY, mapi::Binary(16));
  message.set(mapi::PR_DEFERRED_SEND_NUMBER, 3);
  mapi::set_address(message, mapi::sender_group, "me@example.com");
  mapi::set_address(message, mapi::sent_representing_group, "boss@example.com");
  message.recipients = {addressed(1, "ann"), addressed(2, "bob"), addressed(3, "carl")};
  settle(message.recipients[0], Verdict::delivered);
  settle(message.recipients[1], Verdict::failed);
  settle(message.recipients[2], Verdict::failed);
  message.attachments.push_back(mapi::make_attachment("a.txt", mapi::Content::from_text("text")));
  return message;
}

TEST(Resend, ReachesThoseWhoFailedAndShowsEverybody) {
  const auto found = undelivered(sent());
  ASSERT_TRUE(found);
  auto message = resend(*found);
  EXPECT_THAT(shapes(message), ElementsAre("to! ann", "cc bob", "bcc carl", "p1 bob", "p1 carl"));
  for (const auto& recipient : message.recipients) EXPECT_FALSE(mapi::outcome(recipient));
  DefaultStoreSupport().prepare_submit(message);
  EXPECT_THAT(shapes(message), ElementsAre("to ann", "cc bob", "bcc carl", "p1+ bob", "p1+ carl"));
}

TEST(Resend, CopiesTheMessageAndNotWhoSentItHow) {
  auto original = sent();
  original.set(mapi::PR_POSTERN_REVERSE_PATH, "bounces@example.com");
  original.set(mapi::PR_POSTERN_HEADER_DATE, "1 Jul 2025 10:00 +0200");
  const auto message = resend(*undelivered(original));
  EXPECT_EQ(message.get(mapi::PR_SUBJECT), "Hello");
  EXPECT_FALSE(message.get(mapi::PR_POSTERN_REVERSE_PATH));
  EXPECT_FALSE(message.get(mapi::PR_POSTERN_HEADER_DATE));
  EXPECT_EQ(message.get(mapi::PR_INTERNET_MESSAGE_ID), "<1@example.com>");
  EXPECT_EQ(message.get(mapi::PR_MESSAGE_FLAGS), mapi::MSGFLAG_RESEND | mapi::MSGFLAG_UNSENT);
  EXPECT_EQ(*message.get(mapi::PR_ORIGINAL_ENTRYID), mapi::Binary(5));
  EXPECT_EQ(message.attachments.size(), 1U);
  EXPECT_EQ(message.get(mapi::PR_ENTRYID), nullptr);
  EXPECT_EQ(message.get(mapi::PR_SEARCH_KEY), nullptr);
  EXPECT_FALSE(message.get(mapi::PR_SENDER_EMAIL_ADDRESS));
  EXPECT_FALSE(message.get(mapi::PR_SENT_REPRESENTING_EMAIL_ADDRESS));
  EXPECT_FALSE(message.get(mapi::PR_DEFERRED_SEND_NUMBER)) << "it was deferred once already";
}

TEST(Resend, ToACorrectedAddressShowsTheRecipientsOfTheOriginal) {
  auto message = resend(*undelivered(sent()), {addressed(1, "robert")});
  EXPECT_THAT(shapes(message), ElementsAre("to! ann", "cc! bob", "bcc! carl", "p1 robert"));
  EXPECT_EQ(prepare_code(message), mapi::S_OK);
}

TEST(Resend, AReportNamesTheFailedAndEnclosesTheOriginal) {
  mapi::Message report;
  report.set(mapi::PR_MESSAGE_CLASS, "REPORT.IPM.Note.Special.NDR");
  report.set(mapi::PR_ORIG_MESSAGE_CLASS, "IPM.Note.Special");
  report.recipients = {addressed(2, "bob")};
  EXPECT_FALSE(undelivered(report)) << "it encloses nothing";
  auto original = sent();
  for (auto& recipient : original.recipients) mapi::clear_outcome(recipient);
  report.attachments.push_back(mapi::make_attachment(original));
  const auto message = resend(*undelivered(report));
  EXPECT_THAT(shapes(message), ElementsAre("to! ann", "cc bob", "bcc! carl", "p1 bob"));
  EXPECT_EQ(message.get(mapi::PR_MESSAGE_CLASS), "IPM.Note.Special");
}

TEST(Resend, OfAMessageThatReachedEverybodyThereIsNothing) {
  auto message = sent();
  message.recipients.resize(1);
  EXPECT_FALSE(undelivered(message));
}

/// Submitted, partly served, taken out of the queue, and submitted again.
TEST(UndoSubmission, WhoHasTheResendDoesNotGetItAgain) {
  auto message = resend(*undelivered(sent()));
  message.recipients.push_back(addressed(1, "new"));
  message.recipients.push_back(addressed(1, "newer"));
  DefaultStoreSupport support;
  prepare_submission(message, support, mapi::FileTime::now());
  ASSERT_THAT(shapes(message), ElementsAre("to ann", "cc bob", "bcc carl", "p1+ bob", "p1+ carl",
                                           "to+ new", "to+ newer"));
  settle(message.recipients[3], Verdict::delivered);
  settle(message.recipients[4], Verdict::failed);
  settle(message.recipients[5], Verdict::delivered);
  settle(message.recipients[6], Verdict::failed);
  undo_submission(message, 0);
  EXPECT_THAT(shapes(message),
              ElementsAre("to! ann", "cc! bob", "bcc! carl", "p1 carl", "to! new", "to newer"));
  EXPECT_EQ(mapi::outcome(message.recipients[1])->verdict, Verdict::delivered);
  prepare_submission(message, support, mapi::FileTime::now());
  EXPECT_THAT(shapes(message),
              ElementsAre("to ann", "cc bob", "bcc carl", "p1+ carl", "to new", "to+ newer"));
}

TEST(UndoSubmission, AResendThatHasReachedEverybodyIsOver) {
  auto message = resend(*undelivered(sent()));
  DefaultStoreSupport support;
  prepare_submission(message, support, mapi::FileTime::now());
  settle(message.recipients[3], Verdict::delivered);
  settle(message.recipients[4], Verdict::delivered);
  undo_submission(message, 0);
  EXPECT_EQ(prepare_code(message), mapi::MAPI_E_NO_RECIPIENTS);
}

TEST(FinishSubmission, TheSentCopyShowsWhatBecameOfEachRecipient) {
  auto message = resend(*undelivered(sent()));
  DefaultStoreSupport support;
  prepare_submission(message, support, mapi::FileTime::now());
  settle(message.recipients[3], Verdict::delivered);
  settle(message.recipients[4], Verdict::failed);
  finish_submission(message);
  EXPECT_THAT(shapes(message), ElementsAre("to ann", "cc bob", "bcc carl"));
  EXPECT_EQ(mapi::outcome(message.recipients[1])->verdict, Verdict::delivered);
  EXPECT_EQ(mapi::outcome(message.recipients[2])->verdict, Verdict::failed);
  EXPECT_THAT(shapes(resend(*undelivered(message))),
              ElementsAre("to! ann", "cc! bob", "bcc carl", "p1 carl"));
}

}  // namespace
}  // namespace postern::session
