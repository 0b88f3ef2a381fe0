// What is the same for the folders of every store.
#include "session/folders.h"

#include <gtest/gtest.h>

#include "mapi/address.h"
#include "mapi/property_tags.h"
#include "mapi/recipient_outcome.h"
#include "session/logoff.h"

namespace postern::session {
namespace {

TEST(ReceiveFolders, GoByTheLongestPrefixOfWholeParts) {
  const std::vector<std::string> classes{"", "IPM.NOTE", "IPM.NOTE.SMIME", "REPORT"};
  EXPECT_EQ(longest_prefix(classes, "IPM.Note"), "IPM.NOTE");
  EXPECT_EQ(longest_prefix(classes, "ipm.note.smime.MultipartSigned"), "IPM.NOTE.SMIME");
  EXPECT_EQ(longest_prefix(classes, "IPM.Notebook"), "");
  EXPECT_EQ(longest_prefix(classes, "IPM"), "");
  EXPECT_EQ(longest_prefix({"REPORT"}, "IPM.Note"), std::nullopt);
  EXPECT_EQ(longest_prefix({}, ""), std::nullopt);
}

TEST(TableText, EndsWithAWholeCharacter) {
  EXPECT_EQ(table_text("short"), "short");
  const std::string all(255, 'x');
  EXPECT_EQ(table_text(all), all);
  EXPECT_EQ(table_text(all + "y"), all);
  const std::string euro = "\xE2\x82\xAC";
  EXPECT_EQ(table_text(std::string(253, 'x') + euro), std::string(253, 'x'));
  EXPECT_EQ(table_text(std::string(252, 'x') + euro + "z"), std::string(252, 'x') + euro);
  EXPECT_EQ(table_text(std::string(300, '\x82')), "") << "no text at all";
}

TEST(Copies, HaveNothingOfASubmission) {
  mapi::Message message;
  message.set(mapi::PR_MESSAGE_FLAGS, mapi::MSGFLAG_SUBMIT | mapi::MSGFLAG_READ);
  message.set(mapi::PR_SUBMIT_FLAGS, mapi::SUBMITFLAG_LOCKED);
  message.set(mapi::PR_POSTERN_RETRIES, 3);
  message.set(mapi::PR_POSTERN_LOSSES, "dropped\tbody\tit was lost\n");
  message.recipients.push_back(mapi::make_recipient(mapi::RecipientType::to, "a@example.com"));
  message.recipients[0].set(mapi::PR_RESPONSIBILITY, true);
  const auto copy = copied(message);
  EXPECT_EQ(copy.get(mapi::PR_MESSAGE_FLAGS), mapi::MSGFLAG_UNSENT | mapi::MSGFLAG_READ);
  EXPECT_FALSE(copy.get(mapi::PR_SUBMIT_FLAGS));
  EXPECT_FALSE(copy.get(mapi::PR_POSTERN_RETRIES));
  EXPECT_FALSE(copy.get(mapi::PR_POSTERN_LOSSES));
  EXPECT_EQ(copy.recipients[0].get(mapi::PR_RESPONSIBILITY), false);
}

TEST(Copies, OfWhatWasSentKeepItsOutcomes) {
  mapi::Message message;
  message.set(mapi::PR_MESSAGE_FLAGS, mapi::MSGFLAG_READ);
  message.recipients.push_back(mapi::make_recipient(mapi::RecipientType::to, "a@example.com"));
  message.recipients[0].set(mapi::PR_RESPONSIBILITY, true);
  EXPECT_EQ(copied(message).recipients, message.recipients);
  EXPECT_EQ(copied(message).get(mapi::PR_MESSAGE_FLAGS), mapi::MSGFLAG_READ);
}

TEST(Logoff, IsCompleteUnlessSomethingIsInProgressThatItLeavesAlone) {
  using mapi::Logoff;
  for (const auto how :
       {Logoff::no_wait, Logoff::orderly, Logoff::purge, Logoff::abort, Logoff::quiet}) {
    const bool waits = how == Logoff::abort || how == Logoff::quiet;
    EXPECT_EQ(logoff(how, true, true).complete, !waits);
    EXPECT_TRUE(logoff(how, true, true).outbound);
    EXPECT_EQ(logoff(how, false, true),
              (mapi::LogoffResult{.complete = true, .outbound_queue = true}));
  }
}

}  // namespace
}  // namespace postern::session
