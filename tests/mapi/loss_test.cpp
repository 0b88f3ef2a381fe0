#include "mapi/loss.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mapi/property_tags.h"

namespace postern::mapi {
namespace {

using testing::ElementsAre;

const Loss no_sender{LossKind::dropped, header_part("From"), "From is left out"};
const Loss link_only{LossKind::substituted, attachment_part("a.doc"), "the link is sent"};

TEST(Loss, PartsAreNamedInOneWay) {
  EXPECT_EQ(header_part("Reply-To"), "header Reply-To");
  EXPECT_EQ(recipient_part("Jane"), "recipient 'Jane'");
  EXPECT_EQ(attachment_part("a.doc"), "attachment 'a.doc'");
}

TEST(Loss, ALongSubjectOfAnAttachedMessageIsCut) {
  EXPECT_EQ(in_attached_message("Minutes"), "in the attached message 'Minutes': ");
  EXPECT_EQ(in_attached_message("ä" + std::string(100, 'x')),
            "in the attached message 'ä" + std::string(78, 'x') + "…': ");
  EXPECT_EQ(in_attached_message(std::string(79, 'x') + "ä"),
            "in the attached message '" + std::string(79, 'x') + "…': ");
}

TEST(KeptLosses, AreThereAgainWhateverTheirKind) {
  PropertyBag message;
  EXPECT_THAT(kept_losses(message), ElementsAre());
  for (const auto kind :
       {LossKind::dropped, LossKind::substituted, LossKind::guessed, LossKind::damaged}) {
    message = {};
    keep_losses(message, {{kind, body_part, std::string(name(kind))}});
    EXPECT_THAT(kept_losses(message), ElementsAre(Loss{kind, body_part, std::string(name(kind))}));
  }
}

TEST(KeptLosses, AreThereOnceHoweverOftenTheyAreTold) {
  PropertyBag message;
  keep_losses(message, {no_sender});
  keep_losses(message, {no_sender, link_only, link_only});
  keep_losses(message, {});
  EXPECT_THAT(kept_losses(message), ElementsAre(no_sender, link_only));
}

TEST(KeptLosses, NothingLostLeavesNothingBehind) {
  PropertyBag message;
  keep_losses(message, {});
  EXPECT_EQ(message.get(PR_POSTERN_LOSSES), std::nullopt);
}

TEST(KeptLosses, LineEndsAndTabsOfAMessageMakeNoFurtherLoss) {
  PropertyBag message;
  keep_losses(message, {{LossKind::guessed, "recipient 'a\tb'", "x\r\ndropped\tbody\ty"}});
  EXPECT_THAT(kept_losses(message),
              ElementsAre(Loss{LossKind::guessed, "recipient 'a b'", "x  dropped body y"}));
}

TEST(KeptLosses, AreBoundedInNumberAndLength) {
  PropertyBag message;
  std::string umlauts;
  for (int i = 0; i < 10'000; ++i) umlauts += "ä";
  const std::vector<Loss> long_one{{LossKind::dropped, body_part, "x" + umlauts}};
  for (int again = 0; again < 2; ++again) keep_losses(message, long_one);
  ASSERT_EQ(kept_losses(message).size(), 1U);
  const auto kept = kept_losses(message).front().sentence;
  EXPECT_EQ(kept.size(), 499U + std::string("…").size());
  EXPECT_TRUE(kept.ends_with("ä…"));

  for (int again = 0; again < 2; ++again) {
    std::vector<Loss> many;
    for (int i = 0; i < 1'000; ++i) {
      many.push_back({LossKind::dropped, body_part, std::to_string(i)});
    }
    keep_losses(message, many);
    ASSERT_EQ(kept_losses(message).size(), 101U);
    EXPECT_THAT(kept_losses(message).back().sentence, testing::HasSubstr("more"));
  }
}

}  // namespace
}  // namespace postern::mapi
