#include "smtp/dialogue/refusal.h"

#include <gtest/gtest.h>

namespace postern::smtp {
namespace {

using Subject = RefusalSubject;

constexpr Before first{.pipelined = false, .recipients = 3, .accepted = 0, .limit_reached = false};
constexpr Before later{.pipelined = false, .recipients = 3, .accepted = 2, .limit_reached = false};

Subject of_rcpt(int code, const char* text, const Before& before = first) {
  return subject_of(Stage::rcpt, {code, text}, before);
}

TEST(Refusal, OfOurNameIsAboutUsWhateverTheCode) {
  for (const Stage stage : {Stage::mail, Stage::rcpt, Stage::data, Stage::content, Stage::end}) {
    for (const auto& [code, text] : std::initializer_list<std::pair<int, const char*>>{
             {504, "5.5.2 <vm>: Helo command rejected: need fully-qualified hostname"},
             {450, "4.7.1 <vm>: Helo command rejected: Host not found"},
             {550, "5.7.1 <vm>: Helo command rejected: Host not found"},
             {501, "5.5.2 <a_b>: Helo command rejected: Invalid name"},
             {550, "HELO/EHLO argument is not valid"},
             {554, "bad EHLO"},
             {504, "need fully qualified\nhostname"}}) {
      EXPECT_EQ(subject_of(stage, {code, text}, first), Subject::our_name) << text;
    }
  }
}

TEST(Refusal, ThatNamesHeloElsewhereIsNotAboutOurName) {
  for (const char* text :
       {"5.1.1 <helo@x.example>: unknown", "5.1.1 info@ehlo.example is unknown",
        "5.7.1 SPF fails: see https://spf.example/why?helo=vm", "5.1.1 heloise is unknown",
        "5.5.2 <user>: Recipient address rejected: need fully-qualified address"}) {
    EXPECT_EQ(of_rcpt(550, text), Subject::recipient) << text;
    EXPECT_EQ(subject_of(Stage::end, {550, text}, first), Subject::message) << text;
  }
}

TEST(Refusal, OfCredentialsIsAboutUs) {
  for (const int code : {530, 534, 535, 538}) {
    EXPECT_EQ(subject_of(Stage::mail, {code, "no"}, first), Subject::credentials) << code;
    EXPECT_EQ(of_rcpt(code, "no", later), Subject::credentials) << code;
  }
  EXPECT_EQ(of_rcpt(550, "5.7.8 who?"), Subject::credentials);
  EXPECT_EQ(of_rcpt(554, "5.7.13 disabled"), Subject::credentials);
  EXPECT_EQ(subject_of(Stage::mail, {550, "Authentication required."}, first),
            Subject::credentials);
}

TEST(Refusal, OfAMessageThatIsNotAuthenticatedIsAboutTheMessage) {
  EXPECT_EQ(subject_of(Stage::end, {550, "5.7.26 Unauthenticated email is not accepted"}, first),
            Subject::message);
  EXPECT_EQ(of_rcpt(550, "5.7.1 authentication required"), Subject::recipient);
}

TEST(Refusal, OutOfSequenceIsTheFlightsOrOurs) {
  Before flight = first;
  flight.pipelined = true;
  EXPECT_EQ(subject_of(Stage::mail, {503, "no"}, flight), Subject::flight);
  EXPECT_EQ(of_rcpt(503, "5.5.1 need MAIL", flight), Subject::flight);
  EXPECT_EQ(of_rcpt(550, "improper command pipelining", flight), Subject::flight);
  EXPECT_EQ(subject_of(Stage::mail, {554, "SMTP synchronization error"}, flight), Subject::flight);
  EXPECT_EQ(subject_of(Stage::mail, {503, "EHLO first"}, first), Subject::our_name);
  EXPECT_EQ(subject_of(Stage::mail, {503, "no"}, first), Subject::sequence);
  EXPECT_EQ(of_rcpt(503, "no", later), Subject::sequence);
  flight.accepted = 1;
  EXPECT_EQ(of_rcpt(503, "no", flight), Subject::sequence);
  EXPECT_EQ(subject_of(Stage::data, {503, "no"}, flight), Subject::flight);
}

TEST(Refusal, OfOneTooManyIsSaidInManyWays) {
  for (const auto& [code, text] : std::initializer_list<std::pair<int, const char*>>{
           {452, "too many"},
           {452, "4.5.3 enough"},
           {550, "5.5.3 enough"},
           {552, "enough"},
           {552, "4.5.3 enough"},
           {550, "Too many recipients"},
           {451, "4.7.1 the number of recipients is limited to 5"},
           {450, "4.7.1 recipient limit exceeded"}}) {
    EXPECT_EQ(of_rcpt(code, text, later), Subject::recipient_count) << text;
    EXPECT_EQ(of_rcpt(code, text, first), Subject::recipient) << text;
  }
  for (const auto& [code, text] : std::initializer_list<std::pair<int, const char*>>{
           {552, "5.2.2 full"}, {452, "4.2.2 full"}, {450, "later"}, {550, "no"}}) {
    EXPECT_EQ(of_rcpt(code, text, later), Subject::recipient) << text;
  }
}

TEST(Refusal, OfTheMessageForItsRecipientsIsAboutTheirNumber) {
  const Before one{.pipelined = false, .recipients = 1, .accepted = 1, .limit_reached = false};
  for (const Stage stage : {Stage::data, Stage::content, Stage::end}) {
    for (const auto& [code, text] : std::initializer_list<std::pair<int, const char*>>{
             {554, "Too many recipients"}, {550, "5.5.3 no"}, {452, "4.5.3 no"}}) {
      EXPECT_EQ(subject_of(stage, {code, text}, later), Subject::recipient_count) << text;
      EXPECT_EQ(subject_of(stage, {code, text}, one), Subject::message) << text;
    }
    EXPECT_EQ(subject_of(stage, {552, "too big"}, later), Subject::message);
    EXPECT_EQ(subject_of(stage, {452, "full"}, later), Subject::message);
    Before surplus = later;
    surplus.limit_reached = true;
    EXPECT_EQ(subject_of(stage, {554, "no"}, surplus), Subject::recipient_count);
  }
}

TEST(Refusal, AboutUsHasAnAdvice) {
  for (const Subject subject : {Subject::our_name, Subject::credentials, Subject::sequence}) {
    EXPECT_TRUE(is_about_us(subject));
    EXPECT_FALSE(advice_about(subject).empty());
  }
  EXPECT_FALSE(is_about_us(Subject::recipient));
}

}  // namespace
}  // namespace postern::smtp
