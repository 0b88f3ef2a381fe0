#include "catcher/behaviour.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace postern::catcher {
namespace {

using testing::Eq;
using testing::HasSubstr;
using testing::Optional;

struct Case {
  std::string_view address;
  Behaviour behaviour;
};

TEST(Behaviour, FollowsTheTableForRecipients) {
  const Case cases[] = {
      {"refuse-550@example.com", {Act::refuse, 550}},
      {"refuse-421@example.com", {Act::refuse, 421}},
      {"refuse-data-554@example.com", {Act::refuse_content, 554}},
      {"greylist@example.com", {Act::greylist, 1}},
      {"greylist-3@example.com", {Act::greylist, 3}},
      {"drop@example.com", {Act::drop, 0}},
      {"drop-2@example.com", {Act::drop, 2}},
      {"drop-data@example.com", {Act::drop_content, 0}},
      {"drop-end@example.com", {Act::drop_end, 0}},
      {"drop-end-1@example.com", {Act::drop_end, 1}},
      {"slow-5@example.com", {Act::wait, 5}},
  };
  for (const Case& expected : cases) {
    EXPECT_THAT(recipient_behaviour(expected.address), Optional(expected.behaviour))
        << expected.address;
  }
}

TEST(Behaviour, IgnoresSuffixesAndCase) {
  for (const auto* address : {"refuse-550.alice@example.com", "refuse-550+1.x@example.com",
                              "Refuse-550@EXAMPLE.COM", "refuse-550"}) {
    EXPECT_THAT(recipient_behaviour(address), Optional(Behaviour{Act::refuse, 550})) << address;
  }
}

TEST(Behaviour, OrdinaryNamesAndNumbersOutOfRangeAreAccepted) {
  for (const auto* address :
       {"alice@example.com", "", "@", "refuse@example.com", "refuse-@example.com",
        "refuse-250@example.com", "refuse-600@example.com", "refuse-55x@example.com",
        "refuse-5500@example.com", "refuse-99999999999@example.com", "greylist-0@example.com",
        "greylists@example.com", "slow@example.com", "slow-601@example.com", "dropper@example.com",
        "alice@refuse-550.example.com"}) {
    EXPECT_THAT(recipient_behaviour(address), Eq(std::nullopt)) << address;
  }
}

TEST(Behaviour, SendersAreRefusedDroppedOrMadeToWaitOnly) {
  EXPECT_THAT(sender_behaviour("refuse-451@example.com"), Optional(Behaviour{Act::refuse, 451}));
  EXPECT_THAT(sender_behaviour("drop@example.com"), Optional(Behaviour{Act::drop, 0}));
  EXPECT_THAT(sender_behaviour("slow-1@example.com"), Optional(Behaviour{Act::wait, 1}));
  for (const auto* address : {"greylist@example.com", "refuse-data-554@example.com",
                              "drop-data@example.com", "drop-end@example.com", ""}) {
    EXPECT_THAT(sender_behaviour(address), Eq(std::nullopt)) << address;
  }
}

TEST(Behaviour, EveryRefusalHasAnEnhancedStatusOfItsCodesClass) {
  for (const RefusalStage stage : {RefusalStage::mail, RefusalStage::rcpt, RefusalStage::content}) {
    for (int code = 400; code <= 599; ++code) {
      const std::string text = refusal_text(stage, code, "x@example.com");
      EXPECT_EQ(text.substr(0, 2), std::to_string(code / 100) + ".") << text;
      EXPECT_THAT(text, HasSubstr(" <x@example.com>: "));
    }
  }
  EXPECT_EQ(refusal_text(RefusalStage::rcpt, 550, "refuse-550@example.com"),
            "5.1.1 <refuse-550@example.com>: no such user here");
}

TEST(Behaviour, TheTableForPeopleNamesEveryBehaviour) {
  const std::string table = behaviour_table();
  for (const auto* name : {"refuse-550@", "refuse-data-554@", "greylist@", "greylist-3@", "drop@",
                           "drop-data@", "drop-end@", "slow-5@"}) {
    EXPECT_THAT(table, HasSubstr(name));
  }
}

}  // namespace
}  // namespace postern::catcher
