#include <gtest/gtest.h>

#include "cli/bench/timings.h"

namespace postern::cli {
namespace {

using namespace std::chrono_literals;

TEST(BenchTimings, PercentilesAreTimesThatWereMeasured) {
  Durations each;
  for (int i = 100; i > 0; --i) each.emplace_back(i * 1ms);  // in any order
  const Timings timings = timings_of(each, 10s);
  EXPECT_EQ(timings.count, 100U);
  EXPECT_DOUBLE_EQ(timings.per_second, 10);
  EXPECT_DOUBLE_EQ(timings.median_ms, 50);
  EXPECT_DOUBLE_EQ(timings.p99_ms, 99);
}

TEST(BenchTimings, OfFewTheSlowestIsThe99thPercentile) {
  const Timings three = timings_of({3ms, 1ms, 2ms}, 1s);
  EXPECT_DOUBLE_EQ(three.median_ms, 2);
  EXPECT_DOUBLE_EQ(three.p99_ms, 3);
  const Timings one = timings_of({7ms}, 1s);
  EXPECT_DOUBLE_EQ(one.median_ms, 7);
  EXPECT_DOUBLE_EQ(one.p99_ms, 7);
  const Timings two = timings_of({1ms, 9ms}, 1s);
  EXPECT_DOUBLE_EQ(two.median_ms, 1);
}

TEST(BenchTimings, OfNoneAllIsZero) {
  const Timings none = timings_of({}, 1s);
  EXPECT_EQ(none.count, 0U);
  EXPECT_EQ(none.per_second, 0);
  EXPECT_EQ(none.median_ms, 0);
  EXPECT_EQ(none.p99_ms, 0);
  EXPECT_EQ(timings_of({0ms}, 0s).per_second, 0) << "a clock that has not moved";
}

TEST(BenchTimings, WhatIsDoneOneAfterTheOtherTakesItsSum) {
  EXPECT_DOUBLE_EQ(timings_of(Durations{100ms, 300ms}).per_second, 5);
}

TEST(BenchTimings, NumbersHaveThreeDigitsThatSaySomething) {
  EXPECT_EQ(number_text(1234567), "1,234,567");
  EXPECT_EQ(number_text(999.6), "1,000");
  EXPECT_EQ(number_text(812.4), "812");
  EXPECT_EQ(number_text(99.96), "100");
  EXPECT_EQ(number_text(12.34), "12.3");
  EXPECT_EQ(number_text(9.996), "10.0");
  EXPECT_EQ(number_text(1.234), "1.23");
  EXPECT_EQ(number_text(0.0534), "0.0534");
  EXPECT_EQ(number_text(0), "0");
  EXPECT_EQ(milliseconds_text(1.2), "1.20 ms");
}

TEST(BenchTimings, RoughNumbersHaveTwo) {
  EXPECT_EQ(rough_text(2949), "2,900");
  EXPECT_EQ(rough_text(2951), "3,000");
  EXPECT_EQ(rough_text(99.6), "100");
  EXPECT_EQ(rough_text(42.3), "42");
  EXPECT_EQ(rough_text(0.25), "0.250");
}

}  // namespace
}  // namespace postern::cli
