#include "cli/output/verdict_view.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "cli/output/exit_status.h"
#include "mapi/address.h"
#include "mapi/property_tags.h"

namespace postern::cli {
namespace {

mapi::Message message_with_two_recipients() {
  mapi::Message message;
  message.set(mapi::PR_SUBJECT, "Subject");
  message.set(mapi::PR_INTERNET_MESSAGE_ID, "<1@example.com>");
  message.recipients.push_back(mapi::make_recipient(mapi::RecipientType::cc, "a@example.com"));
  message.recipients.push_back(mapi::make_recipient(mapi::RecipientType::bcc, "b@example.com"));
  mapi::set_outcome(message.recipients[0], {.verdict = Verdict::failed,
                                            .stage = Stage::rcpt,
                                            .code = 550,
                                            .status = {5, 1, 1},
                                            .text = "5.1.1 no such user",
                                            .host = "mx.example.com",
                                            .time = std::chrono::system_clock::now()});
  return message;
}

TEST(VerdictView, JsonHasTheAgreedKeysInOrder) {
  const auto message = message_with_two_recipients();
  const auto object = to_json("a.msg", "7", message, recipients_of(message));
  EXPECT_EQ(object.dump(),
            R"({"file":"a.msg","id":"7","message_id":"<1@example.com>","subject":"Subject",)"
            R"("recipients":[{"address":"a@example.com","type":"cc","verdict":"failed",)"
            R"("stage":"rcpt","code":550,"status":"5.1.1","text":"5.1.1 no such user",)"
            R"("host":"mx.example.com","attempts":1},{"address":"b@example.com","type":"bcc",)"
            R"("verdict":"retry","stage":"","code":0,"status":"","text":"not tried yet",)"
            R"("host":"","attempts":0}]})");
}

TEST(VerdictView, ErrorHasTheSameKeys) {
  EXPECT_EQ(error_json("a.msg", "it is empty").dump(),
            R"({"file":"a.msg","id":"","message_id":"","subject":"","error":"it is empty",)"
            R"("recipients":[]})");
}

TEST(VerdictView, AnswerSaysCodeAndStatusOnce) {
  RecipientView view;
  view.code = 550;
  view.status = "5.1.1";
  view.text = "5.1.1 no such user";
  EXPECT_EQ(answer(view), "550 5.1.1 no such user");
  view.text = "no such user";
  EXPECT_EQ(answer(view), "550 5.1.1 no such user");
  view.code = 0;
  view.status.clear();
  view.text = "not tried yet";
  EXPECT_EQ(answer(view), "not tried yet");
}

TEST(VerdictView, RowWithoutOutcomeSaysWhatItWaitsFor) {
  const auto message = message_with_two_recipients();
  EXPECT_EQ(recipients_of(message, "535 bad password").at(1).text, "535 bad password");
}

TEST(ExitStatus, FollowsSysexits) {
  EXPECT_EQ(exit_status_of(mapi::MAPI_E_NOT_FOUND), 66);
  EXPECT_EQ(exit_status_of(mapi::MAPI_E_NO_ACCESS), 77);
  EXPECT_EQ(exit_status_of(mapi::MAPI_E_BUSY), 75);
  EXPECT_EQ(exit_status_of(mapi::MAPI_E_NOT_ENOUGH_DISK), 74);
  EXPECT_EQ(exit_status_of(mapi::MAPI_E_NOT_ENOUGH_RESOURCES), 71);
  EXPECT_EQ(exit_status_of(mapi::MAPI_E_NOT_ENOUGH_MEMORY), 71);
  EXPECT_EQ(exit_status_of(mapi::MAPI_E_NO_RECIPIENTS), 65);
}

}  // namespace
}  // namespace postern::cli
