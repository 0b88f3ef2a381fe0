// Read receipts (mapi-submission.md §8.6).
#include "session/read_receipt.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mapi/address.h"
#include "mapi/error.h"
#include "mapi/property_tags.h"

namespace postern::session {
namespace {

constexpr auto READ = mapi::MSGFLAG_READ;
constexpr auto RN = mapi::MSGFLAG_RN_PENDING;
constexpr auto NRN = mapi::MSGFLAG_NRN_PENDING;

struct Case {
  std::int32_t flags;
  std::int32_t before;
  ReadFlagDecision after;
};

TEST(SetReadFlag, FollowsTheTable) {
  const std::vector<Case> cases{
      {0, RN | NRN, {READ, true, false}},
      {0, 0, {READ, false, false}},
      {0, NRN, {READ, false, false}},
      {0, READ | RN, {READ | RN, false, false}},
      {mapi::MAPI_DEFERRED_ERRORS, RN, {READ, true, false}},
      {mapi::SUPPRESS_RECEIPT, RN | NRN, {READ, false, false}},
      {mapi::SUPPRESS_RECEIPT, READ | RN, {READ | RN, false, false}},
      {mapi::CLEAR_READ_FLAG, READ | RN | NRN, {RN | NRN, false, false}},
      {mapi::GENERATE_RECEIPT_ONLY, RN | NRN, {0, true, false}},
      {mapi::GENERATE_RECEIPT_ONLY, READ | RN, {READ, true, false}},
      {mapi::GENERATE_RECEIPT_ONLY, NRN, {NRN, false, false}},
      {mapi::SUPPRESS_RECEIPT | mapi::GENERATE_RECEIPT_ONLY, RN | NRN, {0, false, true}},
      {mapi::CLEAR_RN_PENDING, RN | NRN, {NRN, false, false}},
      {mapi::CLEAR_NRN_PENDING, READ | RN | NRN, {READ | RN, false, false}},
      {mapi::CLEAR_RN_PENDING | mapi::GENERATE_RECEIPT_ONLY, RN | NRN, {NRN, false, false}},
      {mapi::CLEAR_RN_PENDING | mapi::CLEAR_READ_FLAG, READ | RN, {0, false, false}},
      {0, mapi::MSGFLAG_SUBMIT | RN, {mapi::MSGFLAG_SUBMIT | RN, false, false}},
      {0, mapi::MSGFLAG_HASATTACH, {READ | mapi::MSGFLAG_HASATTACH, false, false}},
  };
  for (const auto& [flags, before, after] : cases) {
    EXPECT_EQ(set_read_flag(before, flags), after) << flags << " with " << before;
  }
}

TEST(SetReadFlag, RefusesContradictionsAndWhatItDoesNotKnow) {
  const auto code_of = [](std::int32_t flags) {
    try {
      set_read_flag(0, flags);
    } catch (const mapi::Failure& failure) {
      return failure.code();
    }
    return mapi::S_OK;
  };
  EXPECT_EQ(code_of(mapi::SUPPRESS_RECEIPT | mapi::CLEAR_READ_FLAG),
            mapi::MAPI_E_INVALID_PARAMETER);
  EXPECT_EQ(code_of(mapi::CLEAR_READ_FLAG | mapi::GENERATE_RECEIPT_ONLY),
            mapi::MAPI_E_INVALID_PARAMETER);
  EXPECT_EQ(code_of(mapi::SUPPRESS_RECEIPT | mapi::CLEAR_READ_FLAG | mapi::GENERATE_RECEIPT_ONLY),
            mapi::MAPI_E_INVALID_PARAMETER);
  EXPECT_EQ(code_of(0x80), mapi::MAPI_E_UNKNOWN_FLAGS);
}

TEST(NonReadReport, IsOwedByWhatWasNeverRead) {
  EXPECT_TRUE(owes_non_read_report(NRN));
  EXPECT_FALSE(owes_non_read_report(NRN | READ));
  EXPECT_FALSE(owes_non_read_report(RN));
}

TEST(PendingReceipts, AreWhatTheSenderHasRequested) {
  mapi::Message message;
  EXPECT_EQ(pending_receipts(message), 0);
  message.set(mapi::PR_READ_RECEIPT_REQUESTED, true);
  EXPECT_EQ(pending_receipts(message), RN | NRN);
  message.set(mapi::PR_NON_RECEIPT_NOTIFICATION_REQUESTED, false);
  EXPECT_EQ(pending_receipts(message), RN);
}

mapi::Message received() {
  mapi::Message message;
  message.set(mapi::PR_MESSAGE_CLASS, "IPM.Note.Special");
  message.set(mapi::PR_SUBJECT, "Hello");
  message.set(mapi::PR_SEARCH_KEY, mapi::Binary(16));
  message.set(mapi::PR_INTERNET_MESSAGE_ID, "<1@example.com>");
  message.set(mapi::PR_MESSAGE_DELIVERY_TIME, mapi::FileTime{7});
  mapi::set_address(message, mapi::sender_group, "secretary@example.com");
  mapi::set_address(message, mapi::received_by_group, "me@example.com");
  return message;
}

/// The one recipient of the receipt; empty without one.
std::string receiver(const mapi::Message& message) {
  const auto report = read_receipt(message, true, mapi::FileTime{9});
  if (!report) return {};
  EXPECT_EQ(report->recipients.size(), 1U);
  return mapi::smtp_address(report->recipients.at(0), mapi::recipient_group).value_or("");
}

TEST(ReadReceipt, GoesToWhoeverAskedForIt) {
  auto message = received();
  EXPECT_EQ(receiver(message), "secretary@example.com");
  mapi::set_address(message, mapi::sent_representing_group, "boss@example.com");
  EXPECT_EQ(receiver(message), "boss@example.com");
  message.set(mapi::PR_REPORT_ENTRYID, mapi::make_one_off({"R", "SMTP", "reports@x.org"}).bytes);
  EXPECT_EQ(receiver(message), "reports@x.org");
  mapi::set_address(message, mapi::read_receipt_group, "receipts@x.org");
  EXPECT_EQ(receiver(message), "receipts@x.org");
}

TEST(ReadReceipt, SaysWhatItIsAboutAndFromWhom) {
  const auto report = *read_receipt(received(), true, mapi::FileTime{9});
  EXPECT_EQ(report.get(mapi::PR_MESSAGE_CLASS), "REPORT.IPM.Note.Special.IPNRN");
  EXPECT_EQ(report.get(mapi::PR_ORIG_MESSAGE_CLASS), "IPM.Note.Special");
  EXPECT_EQ(report.get(mapi::PR_ORIGINAL_SUBJECT), "Hello");
  EXPECT_EQ(report.get(mapi::PR_ORIGINAL_DELIVERY_TIME), mapi::FileTime{7});
  EXPECT_EQ(report.get(mapi::PR_RECEIPT_TIME), mapi::FileTime{9});
  EXPECT_EQ(report.get(mapi::PR_IN_REPLY_TO_ID), "<1@example.com>");
  EXPECT_EQ(*report.get(mapi::PR_ORIGINAL_SEARCH_KEY), mapi::Binary(16));
  EXPECT_EQ(report.get(mapi::PR_SEARCH_KEY), nullptr) << "it has a key of its own";
  EXPECT_EQ(report.get(mapi::PR_SENDER_EMAIL_ADDRESS), "me@example.com");
  EXPECT_EQ(report.get(mapi::PR_SENT_REPRESENTING_EMAIL_ADDRESS), "me@example.com");
  const auto unread = *read_receipt(received(), false, mapi::FileTime{9});
  EXPECT_EQ(unread.get(mapi::PR_MESSAGE_CLASS), "REPORT.IPM.Note.Special.IPNNRN");
  EXPECT_FALSE(unread.get(mapi::PR_RECEIPT_TIME));
  EXPECT_NE(unread.get(mapi::PR_BODY), report.get(mapi::PR_BODY));
}

TEST(ReadReceipt, ThereIsNoneAboutAReportOrToNobody) {
  auto report = received();
  report.set(mapi::PR_MESSAGE_CLASS, "Report.IPM.Note.DR");
  EXPECT_EQ(receiver(report), "");
  mapi::Message nobodys;
  EXPECT_EQ(receiver(nobodys), "");
}

}  // namespace
}  // namespace postern::session
