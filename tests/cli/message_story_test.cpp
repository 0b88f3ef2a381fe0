#include "cli/output/message_story.h"

#include <chrono>

#include <gtest/gtest.h>

#include "mapi/address.h"
#include "mapi/property_tags.h"
#include "mapi/recipient_outcome.h"

namespace postern::cli {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

const auto morning = std::chrono::system_clock::time_point{seconds{1'790'000'000}};
const auto told_at = mapi::FileTime::from(morning + hours{5});

mapi::Message letter(const std::vector<std::string>& recipients) {
  mapi::Message message;
  message.set(mapi::PR_MESSAGE_CLASS, "IPM.Note");
  message.set(mapi::PR_CLIENT_SUBMIT_TIME, mapi::FileTime::from(morning));
  for (const auto& address : recipients) {
    message.recipients.push_back(mapi::make_recipient(mapi::RecipientType::to, address));
  }
  return message;
}

Outcome outcome(Verdict verdict, int code, hours after, bool attempted = true) {
  Outcome result;
  result.verdict = verdict;
  result.stage = Stage::rcpt;
  result.code = code;
  result.text = "said the server";
  result.host = "mx.example.org";
  result.time = morning + after;
  result.attempted = attempted;
  return result;
}

std::vector<std::string> texts(const mapi::Message& message,
                               const std::optional<mapi::OutgoingQueueRow>& row) {
  std::vector<std::string> found;
  for (const auto& step : story_of(message, row, told_at)) found.push_back(step.text);
  return found;
}

TEST(Story, OfANewMessageIsShort) {
  EXPECT_EQ(
      texts(letter({"bob@example.org"}), mapi::OutgoingQueueRow{}),
      (std::vector<std::string>{"submitted", "next: it is sent as soon as a spooler takes it"}));
}

TEST(Story, TellsTheLastAttemptsInTheirOrder) {
  auto message = letter({"late@example.org", "early@example.org"});
  mapi::set_outcome(message.recipients[0], outcome(Verdict::retry, 450, hours{1}));
  mapi::set_outcome(message.recipients[0], outcome(Verdict::retry, 450, hours{3}));
  mapi::set_outcome(message.recipients[1], outcome(Verdict::failed, 550, hours{1}));
  message.recipients[1].set(mapi::PR_POSTERN_REPORTED, true);
  message.set(mapi::PR_POSTERN_FIRST_ATTEMPT, mapi::FileTime::from(morning + hours{1}));
  mapi::OutgoingQueueRow row;
  row.on_hold = true;
  EXPECT_EQ(texts(message, row),
            (std::vector<std::string>{
                "submitted",
                "attempt 1 failed for early@example.org: mx.example.org: 550 said the server",
                "attempt 2 was in vain for late@example.org: mx.example.org: 450 said the server",
                "its sender has a report about the failure for early@example.org",
                "next: nothing, until `postern release` ends its hold"}));
  const auto steps = story_of(message, row, told_at);
  EXPECT_EQ(steps[2].time, mapi::FileTime::from(morning + hours{3}));
  EXPECT_FALSE(steps[3].time);
}

TEST(Story, RemembersAFirstAttemptThatAnotherHasOvertaken) {
  auto message = letter({"bob@example.org"});
  message.set(mapi::PR_POSTERN_FIRST_ATTEMPT, mapi::FileTime::from(morning + hours{1}));
  mapi::set_outcome(message.recipients[0], outcome(Verdict::retry, 450, hours{1}));
  mapi::set_outcome(message.recipients[0], outcome(Verdict::delivered, 250, hours{2}));
  EXPECT_EQ(texts(message, std::nullopt),
            (std::vector<std::string>{
                "submitted", "the first attempt was in vain",
                "attempt 2 was delivered to bob@example.org: mx.example.org: 250 said the server",
                "every recipient has a final verdict; it left the queue"}));
}

TEST(Story, OfACancelledMessageEndsAsADraft) {
  auto message = letter({"bob@example.org"});
  message.set(mapi::PR_MESSAGE_FLAGS, mapi::MSGFLAG_UNSENT);
  EXPECT_EQ(texts(message, std::nullopt).back(), "it was taken out of the queue, and is a draft");
}

TEST(Story, OfWhatWasNeverSubmittedIsEmpty) {
  EXPECT_TRUE(story_of({}, std::nullopt, told_at).empty());
  auto report = letter({"bob@example.org"});
  report.set(mapi::PR_MESSAGE_CLASS, "REPORT.IPM.Note.NDR");
  EXPECT_TRUE(story_of(report, std::nullopt, told_at).empty());
}

}  // namespace
}  // namespace postern::cli
