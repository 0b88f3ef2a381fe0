// Recurrence blobs and time zones, without a message around them.
#include <limits>

#include <gtest/gtest.h>

#include "mime/calendar/recurrence_blob.h"
#include "mime/calendar/recurrence_rule.h"
#include "mime/calendar/time_zone.h"
#include "tests/mime/item/blob_writer.h"

namespace postern::mime {
namespace {

using namespace std::chrono_literals;
using std::chrono::local_days;
using std::chrono::sys_days;

std::string rule_of(const RecurrenceBlob& blob) {
  const auto parsed = parse_recurrence(blob.blob());
  return parsed ? recurrence_rule(*parsed, "UNTIL") : "none";
}

TEST(RecurrenceRule, SaysWhatEachPatternMeans) {
  struct Case {
    RecurrenceBlob blob;
    std::string rule;
  };
  RecurrenceBlob base;
  const auto with = [&base](std::uint32_t frequency, std::uint32_t pattern, std::uint32_t period,
                            std::vector<std::uint32_t> specific) {
    auto blob = base;
    blob.frequency = frequency;
    blob.pattern = pattern;
    blob.period = period;
    blob.specific = std::move(specific);
    return blob;
  };
  const std::vector<Case> cases{
      {with(0x200A, 0, 1440, {}), "FREQ=DAILY"},
      {with(0x200A, 0, 4320, {}), "FREQ=DAILY;INTERVAL=3"},
      {with(0x200A, 1, 1, {0x3E}), "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR;WKST=MO"},
      {with(0x200B, 1, 2, {0x12}), "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TH;WKST=MO"},
      {with(0x200C, 2, 1, {15}), "FREQ=MONTHLY;BYMONTHDAY=15"},
      {with(0x200C, 2, 1, {30}), "FREQ=MONTHLY;BYMONTHDAY=28,29,30;BYSETPOS=-1"},
      {with(0x200C, 2, 1, {31}), "FREQ=MONTHLY;BYMONTHDAY=-1"},
      {with(0x200C, 4, 1, {31}), "FREQ=MONTHLY;BYMONTHDAY=-1"},
      {with(0x200C, 3, 2, {0x04, 2}), "FREQ=MONTHLY;INTERVAL=2;BYDAY=TU;BYSETPOS=2"},
      {with(0x200C, 3, 1, {0x3E, 5}), "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1"},
      {with(0x200D, 2, 12, {30}), "FREQ=YEARLY;BYMONTHDAY=30;BYMONTH=6"},
      {with(0x200D, 2, 36, {3}), "FREQ=YEARLY;INTERVAL=3;BYMONTHDAY=3;BYMONTH=6"},
      {with(0x200D, 3, 12, {0x10, 4}), "FREQ=YEARLY;BYDAY=TH;BYSETPOS=4;BYMONTH=6"},
      {with(0x200C, 2, 24, {3}), "FREQ=MONTHLY;INTERVAL=24;BYMONTHDAY=3"}};
  for (const auto& each : cases) EXPECT_EQ(rule_of(each.blob), each.rule);
}

TEST(RecurrenceRule, EndsAsTheBlobSays) {
  RecurrenceBlob blob;
  blob.end = 0x2022;
  blob.count = 7;
  blob.end_date = minutes_at(2024, 7, 15);
  EXPECT_EQ(rule_of(blob), "FREQ=WEEKLY;BYDAY=MO;WKST=MO;COUNT=7");
  blob.end = 0x2021;
  EXPECT_EQ(rule_of(blob), "FREQ=WEEKLY;BYDAY=MO;WKST=MO;UNTIL=UNTIL");
  blob.end = 0xFFFFFFFF;
  EXPECT_EQ(rule_of(blob), "FREQ=WEEKLY;BYDAY=MO;WKST=MO");
}

TEST(RecurrenceBlob, WhatNoRuleSaysIsNotRead) {
  const auto changed = [](auto change) {
    RecurrenceBlob blob;
    change(blob);
    return rule_of(blob);
  };
  EXPECT_EQ(changed([](auto& blob) { blob.frequency = 0x2009; }), "none");
  EXPECT_EQ(changed([](auto& blob) { blob.pattern = 5; }), "none");
  EXPECT_EQ(changed([](auto& blob) { blob.period = 0; }), "none");
  EXPECT_EQ(changed([](auto& blob) { blob.specific = {0}; }), "none");
  EXPECT_EQ(changed([](auto& blob) { blob.first_weekday = 7; }), "none");
  EXPECT_EQ(changed([](auto& blob) { blob.end = 0x2022; }), "none") << "0 occurrences";
  const auto monthly = [](auto& blob, std::uint32_t calendar, std::uint32_t day) {
    blob.frequency = 0x200C;
    blob.pattern = 2;
    blob.calendar = calendar;
    blob.specific = {day};
  };
  EXPECT_EQ(changed([&](auto& blob) { monthly(blob, 6, 1); }), "none") << "a Hijri month";
  EXPECT_EQ(changed([&](auto& blob) { monthly(blob, 0, 32); }), "none");
  EXPECT_EQ(changed([&](auto& blob) { monthly(blob, 1, 1); }), "FREQ=MONTHLY;BYMONTHDAY=1");
}

TEST(RecurrenceBlob, EachTruncationIsNoticed) {
  RecurrenceBlob blob;
  blob.deleted = {minutes_at(2024, 6, 10), minutes_at(2024, 6, 17)};
  blob.changes = 1;
  blob.changes_octets = std::string(14, '\0');
  blob.extension_octets = std::string(8, '\0');
  const auto whole = blob.blob();
  ASSERT_TRUE(parse_recurrence(whole));
  const auto without_extensions = whole.size() - 16;
  for (std::size_t size = 0; size < whole.size() - 4; ++size) {
    const bool is_read = parse_recurrence(std::span(whole).first(size)).has_value();
    EXPECT_EQ(is_read, size == without_extensions) << size;
  }
}

TEST(RecurrenceBlob, CountsAreNotBelieved) {
  const auto with_deleted_count = [](std::uint32_t count) {
    auto octets = RecurrenceBlob().blob();
    for (std::size_t i = 0; i < 4; ++i) {
      octets[38 + i] = static_cast<std::byte>(count >> (8 * i) & 0xFFU);
    }
    return octets;
  };
  EXPECT_TRUE(parse_recurrence(with_deleted_count(0)));
  for (const auto count : {1U << 30U, 0x7FFFFFFFU, 0x80000000U, 0xFFFFFFFFU}) {
    EXPECT_FALSE(parse_recurrence(with_deleted_count(count))) << count;
  }
  RecurrenceBlob blob;
  blob.changes = 0xFFFF;
  EXPECT_FALSE(parse_recurrence(blob.blob()));
}

TEST(TimeZone, KnowsSummerTimeOnBothHemispheres) {
  const auto berlin = parse_zone_definition(ZoneBlob().definition(), ZoneUse::single, 2024y);
  ASSERT_TRUE(berlin);
  EXPECT_EQ(berlin->name, "W. Europe Standard Time");
  EXPECT_EQ(berlin->local(sys_days{2024y / 1 / 15} + 9h), local_days{2024y / 1 / 15} + 10h);
  EXPECT_EQ(berlin->local(sys_days{2024y / 7 / 15} + 9h), local_days{2024y / 7 / 15} + 11h);
  // Changes at 01:00 UTC on 31 March and 27 October.
  EXPECT_EQ(berlin->local(sys_days{2024y / 3 / 31} + 59min), local_days{2024y / 3 / 31} + 119min);
  EXPECT_EQ(berlin->local(sys_days{2024y / 3 / 31} + 1h), local_days{2024y / 3 / 31} + 3h);
  EXPECT_EQ(berlin->local(sys_days{2024y / 10 / 27} + 59min), local_days{2024y / 10 / 27} + 179min);
  EXPECT_EQ(berlin->local(sys_days{2024y / 10 / 27} + 1h), local_days{2024y / 10 / 27} + 2h);

  const ZoneBlob sydney_blob{"AUS Eastern Standard Time", -600, -60, {4, 0, 1, 3}, {10, 0, 1, 2}};
  const auto sydney = parse_zone_definition(sydney_blob.definition(), ZoneUse::single, 2024y);
  ASSERT_TRUE(sydney);
  EXPECT_EQ(sydney->local(sys_days{2024y / 1 / 15}), local_days{2024y / 1 / 15} + 11h);
  EXPECT_EQ(sydney->local(sys_days{2024y / 7 / 15}), local_days{2024y / 7 / 15} + 10h);
}

TEST(TimeZone, LocalTimesComeBack) {
  const auto zone = parse_zone_struct(ZoneBlob().structure(), "Zone");
  ASSERT_TRUE(zone);
  for (auto time = sys_days{2024y / 1 / 1} + 0min; time < sys_days{2025y / 1 / 1}; time += 30min) {
    const auto back = zone->utc(zone->local(time));
    EXPECT_TRUE(back == time || back == time - 1h) << time.time_since_epoch().count();
  }
}

TEST(TimeZone, NamesAreSafeToWriteAndNeverMissing) {
  const auto name_of = [](const std::string& text) {
    const auto zone = parse_zone_struct(ZoneBlob().structure(), text);
    return zone ? zone->name : "";
  };
  EXPECT_EQ(name_of("(UTC+01:00) Berlin, Rom\r\nX: \"y\";"), "(UTC+0100) Berlin Rom X y");
  EXPECT_EQ(name_of(""), "UTC+0100");
}

TEST(TimeZone, DamagedOnesAreNoZones) {
  const auto definition = ZoneBlob().definition();
  for (std::size_t size = 0; size < definition.size(); ++size) {
    EXPECT_FALSE(parse_zone_definition(std::span(definition).first(size), ZoneUse::single, 2024y));
  }
  ZoneBlob blob;
  blob.bias = 100'000;
  EXPECT_FALSE(parse_zone_definition(blob.definition(), ZoneUse::single, 2024y));
  blob.bias = std::numeric_limits<std::int32_t>::min();
  EXPECT_FALSE(parse_zone_struct(blob.structure(), ""));
}

}  // namespace
}  // namespace postern::mime
