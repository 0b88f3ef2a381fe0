#include "cli/option/send_time.h"

#include <cstdlib>
#include <ctime>

#include <gtest/gtest.h>

#include "cli/output/time_text.h"

namespace postern::cli {
namespace {

class SendTimes : public ::testing::Test {
 protected:
  SendTimes() { set_zone("UTC"); }
  ~SendTimes() override { set_zone("UTC"); }
  SendTimes(const SendTimes&) = delete;
  SendTimes& operator=(const SendTimes&) = delete;

  static void set_zone(const char* zone) {
    ::setenv("TZ", zone, 1);
    ::tzset();
  }
  /// In UTC; empty: it is no time.
  [[nodiscard]] std::string read(std::string_view text) const {
    const auto time = parse_send_time(text, now);
    return time ? iso_time(*time) : "";
  }

  const mapi::FileTime now = *parse_send_time("2026-11-30T12:00:00Z", {});
};

TEST_F(SendTimes, AreDatesWithTimes) {
  for (const char* text :
       {"2026-12-01 08:00", "2026-12-01T08:00", " 2026-12-01 08:00:00 ", "2026-12-01T08:00Z",
        "2026-12-01 09:00 +01:00", "2026-12-01T03:30-0430", "2026-12-02T07:59:00+23:59"}) {
    EXPECT_EQ(read(text), "2026-12-01T08:00:00Z") << text;
  }
  EXPECT_EQ(read("2028-02-29T23:59:59Z"), "2028-02-29T23:59:59Z");
}

TEST_F(SendTimes, AreSpansFromNowOn) {
  EXPECT_EQ(read("+2h"), "2026-11-30T14:00:00Z");
  EXPECT_EQ(read("+90m"), "2026-11-30T13:30:00Z");
  EXPECT_EQ(read("+1d"), "2026-12-01T12:00:00Z");
}

TEST_F(SendTimes, WithoutAZoneAreLocal) {
  set_zone("CET-1CEST,M3.5.0,M10.5.0/3");
  EXPECT_EQ(read("2026-12-01 08:00"), "2026-12-01T07:00:00Z");
  EXPECT_EQ(read("2026-07-01 08:00"), "2026-07-01T06:00:00Z");
  EXPECT_EQ(read("2026-07-01 08:00Z"), "2026-07-01T08:00:00Z");
}

TEST_F(SendTimes, AreNothingElse) {
  for (const char* text : {"",
                           "+",
                           "+2x",
                           "2h",
                           "tomorrow",
                           "2026-12-01",
                           "2026-12-01 ",
                           "2026-12-01 8:00",
                           "2026-02-30 08:00",
                           "2026-13-01 08:00",
                           "2026-12-00 08:00",
                           "2026-12-01 24:00",
                           "2026-12-01 08:60",
                           "2026-12-01 08:00:60",
                           "2026-12-01 08:00 CET",
                           "2026-12-01T08:00+1",
                           "2026-12-01T08:00+24:00",
                           "2026-12-01T08:00Zz",
                           "1969-12-31T23:59Z",
                           "2026/12/01 08:00",
                           "20261201T0800",
                           "-1h"}) {
    EXPECT_EQ(read(text), "") << text;
  }
}

}  // namespace
}  // namespace postern::cli
