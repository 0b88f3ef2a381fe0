#include "smtp/engine/destination_shares.h"

#include <gtest/gtest.h>

namespace postern::smtp {
namespace {

TEST(DestinationShares, RoomIsToldToWhoWasRefused) {
  DestinationShares shares;
  EXPECT_TRUE(shares.has_room("a"));
  EXPECT_EQ(shares.update("a", 2, 2), 0U);
  EXPECT_EQ(shares.update("a", 1, 2), 0U) << "nobody waits";
  shares.update("a", 2, 2);
  EXPECT_FALSE(shares.has_room("a"));
  EXPECT_TRUE(shares.has_room("b"));
  EXPECT_EQ(shares.update("a", 0, 2), 2U);
  EXPECT_TRUE(shares.has_room("a"));
}

TEST(DestinationShares, WhoWaitsBehindOthersIsToldAsWell) {
  DestinationShares shares;
  shares.wait("a");
  EXPECT_TRUE(shares.has_room("a")) << "nothing is in the air";
  EXPECT_EQ(shares.update("a", 1, 3), 2U);
  shares.wait("a");
  EXPECT_EQ(shares.update("a", 0, 0), 0U) << "the destination is forgotten";
  EXPECT_TRUE(shares.has_room("a"));
}

}  // namespace
}  // namespace postern::smtp
