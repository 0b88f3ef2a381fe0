#include "smtp/dialogue/verdict.h"

#include <gtest/gtest.h>

namespace postern::smtp {
namespace {

TEST(Status, ServersOwnIsTakenWhereItsClassFits) {
  EXPECT_EQ(status_of(Stage::rcpt, {550, "5.7.1 no"}).text(), "5.7.1");
  EXPECT_EQ(status_of(Stage::rcpt, {550, "5.7.1"}).text(), "5.7.1");
  EXPECT_EQ(status_of(Stage::rcpt, {550, "5.7.1\n5.7.1 no"}).text(), "5.7.1");
  EXPECT_EQ(status_of(Stage::rcpt, {550, "4.2.2 full"}).text(), "5.0.0");
  EXPECT_EQ(status_of(Stage::rcpt, {450, "5.1.1 who"}).text(), "4.0.0");
  EXPECT_EQ(status_of(Stage::rcpt, {250, "5.1.1 who"}).text(), "2.0.0");
}

TEST(Status, BareRepliesHaveTheTables) {
  struct Row {
    int code;
    Stage stage;
    const char* status;
  };
  for (const Row& row : {Row{421, Stage::data, "4.3.2"},     Row{450, Stage::rcpt, "4.2.0"},
                         Row{451, Stage::mail, "4.3.0"},     Row{452, Stage::rcpt, "4.5.3"},
                         Row{452, Stage::mail, "4.3.1"},     Row{452, Stage::end, "4.3.1"},
                         Row{454, Stage::starttls, "4.7.0"}, Row{455, Stage::rcpt, "4.5.4"},
                         Row{502, Stage::mail, "5.5.1"},     Row{501, Stage::rcpt, "5.1.3"},
                         Row{501, Stage::mail, "5.1.7"},     Row{504, Stage::mail, "5.5.4"},
                         Row{521, Stage::greeting, "5.3.2"}, Row{530, Stage::mail, "5.7.0"},
                         Row{535, Stage::auth, "5.7.8"},     Row{550, Stage::rcpt, "5.1.1"},
                         Row{550, Stage::mail, "5.7.1"},     Row{550, Stage::end, "5.7.1"},
                         Row{551, Stage::rcpt, "5.1.6"},     Row{552, Stage::rcpt, "5.2.2"},
                         Row{552, Stage::end, "5.3.4"},      Row{553, Stage::rcpt, "5.1.3"},
                         Row{553, Stage::mail, "5.1.7"},     Row{554, Stage::greeting, "5.3.2"},
                         Row{554, Stage::end, "5.0.0"},      Row{556, Stage::rcpt, "5.1.10"},
                         Row{450, Stage::mail, "4.0.0"},     Row{571, Stage::rcpt, "5.0.0"}}) {
    EXPECT_EQ(status_of(row.stage, {row.code, "no status"}).text(), row.status)
        << row.code << " at " << name(row.stage);
  }
}

TEST(ReplyMeaning, DependsOnThePlaceInTheDialogue) {
  EXPECT_EQ(meaning_of(Stage::rcpt, {251, {}}), ReplyMeaning::accepted);
  EXPECT_EQ(meaning_of(Stage::data, {354, {}}), ReplyMeaning::send_content);
  EXPECT_EQ(meaning_of(Stage::data, {250, {}}), ReplyMeaning::out_of_sync);
  EXPECT_EQ(meaning_of(Stage::end, {354, {}}), ReplyMeaning::out_of_sync);
  EXPECT_EQ(meaning_of(Stage::rcpt, {354, {}}), ReplyMeaning::out_of_sync);
  EXPECT_EQ(meaning_of(Stage::mail, {530, {}}), ReplyMeaning::refused);
  EXPECT_EQ(meaning_of(Stage::end, {421, {}}), ReplyMeaning::closing);
  EXPECT_EQ(meaning_of(Stage::mail, {150, {}}), ReplyMeaning::out_of_sync);
  EXPECT_EQ(meaning_of(Stage::mail, {999, {}}), ReplyMeaning::out_of_sync);
}

TEST(Names, AreTheFieldsOwn) {
  EXPECT_EQ(name(Verdict::unknown), "unknown");
  EXPECT_EQ(name(Stage::address), "address");
  EXPECT_EQ(name(Stage::end), "end");
}

}  // namespace
}  // namespace postern::smtp
