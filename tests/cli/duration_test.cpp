#include "cli/option/duration.h"

#include <gtest/gtest.h>

namespace postern::cli {
namespace {

using namespace std::chrono_literals;

TEST(Durations, AreReadWithTheirUnits) {
  EXPECT_EQ(parse_duration("5"), 5s);
  EXPECT_EQ(parse_duration("250ms"), 250ms);
  EXPECT_EQ(parse_duration("2m"), 2min);
  EXPECT_EQ(parse_duration("1d"), 24h);
  for (const char* bad : {"", "s", "-1s", "1x", "1.5s", "99999999999999999999s"}) {
    EXPECT_FALSE(parse_duration(bad)) << bad;
  }
  EXPECT_EQ(parse_duration("1000000d"), 1'000'000 * 24h);
  for (const char* too_long : {"1000001d", "1000001ms", "9223372036854775807", "99999999999999d"}) {
    EXPECT_FALSE(parse_duration(too_long)) << too_long;
  }
  EXPECT_EQ(parse_intervals("1s, 5s,2m"), (std::vector<std::chrono::milliseconds>{1s, 5s, 2min}));
  EXPECT_FALSE(parse_intervals("1s,,2s"));
}

}  // namespace
}  // namespace postern::cli
