#include "smtp/seven_bit/filler.h"

#include <gtest/gtest.h>

namespace postern::smtp {
namespace {

TEST(Filler, LosesItsEightBitOctetsAndCannotBecomeADelimiter) {
  std::string out;
  append_replacing_8bit("pr\xE4\r\n--b\xE4\n--b\r-x", out);
  EXPECT_EQ(out, "pr?\r\n?-b?\n--b\r-x");
}

}  // namespace
}  // namespace postern::smtp
