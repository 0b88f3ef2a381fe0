#include <cerrno>
#include <chrono>
#include <exception>
#include <limits>
#include <new>
#include <stdexcept>
#include <system_error>

#include <gtest/gtest.h>

#include "mapi/error.h"
#include "mapi/property_tags.h"

namespace postern::mapi {
namespace {

TEST(PropertyTag, HasTheValueOfTheHeaders) {
  EXPECT_EQ(PR_SUBJECT.value(), 0x0037001FU);
  EXPECT_EQ(PR_RESPONSIBILITY.value(), 0x0E0F000BU);
  EXPECT_EQ(PR_HTML.value(), 0x10130102U);
  EXPECT_EQ(PR_CLIENT_SUBMIT_TIME.value(), 0x00390040U);
}

TEST(PropertyTag, SetsHaveTheirGuids) {
  const std::array<std::uint8_t, 16> internet_headers{0x86, 0x03, 0x02, 0x00, 0, 0, 0, 0,
                                                      0xC0, 0,    0,    0,    0, 0, 0, 0x46};
  EXPECT_EQ(PS_INTERNET_HEADERS.bytes, internet_headers);
  EXPECT_EQ(PSETID_Common.bytes[0], 0x08);
  EXPECT_EQ(PSETID_Common.bytes[1], 0x20);
  EXPECT_EQ(PSETID_Common.bytes[2], 0x06);
}

TEST(TypeOf, NamesTheMapiType) {
  EXPECT_EQ(type_of(PropertyValue{std::string()}), 0x001F);
  EXPECT_EQ(type_of(PropertyValue{true}), 0x000B);
  EXPECT_EQ(type_of(PropertyValue{std::vector<std::string>{}}), 0x101F);
  EXPECT_EQ(type_of(PropertyValue{Binary{}}), 0x0102);
}

TEST(Code, HasItsName) {
  EXPECT_EQ(name(MAPI_E_SUBMITTED), "MAPI_E_SUBMITTED");
  EXPECT_EQ(name(static_cast<Code>(0x80041234)), "0x80041234");
}

TEST(Exhaustion, IsFoundInWhatWasThrown) {
  const auto found = [](const auto& thrown) {
    const auto lack = exhaustion(std::make_exception_ptr(thrown));
    return lack ? lack->code() : S_OK;
  };
  EXPECT_EQ(found(Failure(MAPI_E_NOT_ENOUGH_DISK, "x")), MAPI_E_NOT_ENOUGH_DISK);
  EXPECT_EQ(found(Failure(MAPI_E_NOT_ENOUGH_RESOURCES, "x")), MAPI_E_NOT_ENOUGH_RESOURCES);
  EXPECT_EQ(found(Failure(MAPI_E_CORRUPT_DATA, "x")), S_OK);
  EXPECT_EQ(found(std::bad_alloc()), MAPI_E_NOT_ENOUGH_MEMORY);
  EXPECT_EQ(found(std::system_error(EMFILE, std::generic_category())), MAPI_E_NOT_ENOUGH_RESOURCES);
  EXPECT_EQ(found(std::system_error(EACCES, std::generic_category())), S_OK);
  EXPECT_EQ(found(std::runtime_error("x")), S_OK);
}

TEST(SystemFailure, IsTheLacksOwnWhereThereIsOne) {
  const auto refused = system_failure(MAPI_E_NOT_FOUND, "'a' cannot be read", EACCES);
  EXPECT_EQ(refused.code(), MAPI_E_NOT_FOUND);
  EXPECT_STREQ(refused.what(), "'a' cannot be read: Permission denied");
  const auto lack = system_failure(MAPI_E_NOT_FOUND, "'a' cannot be read", EMFILE);
  EXPECT_EQ(lack.code(), MAPI_E_NOT_ENOUGH_RESOURCES);
  EXPECT_NE(std::string(lack.what()).find("ulimit -n"), std::string::npos) << lack.what();
  EXPECT_EQ(system_failure(MAPI_E_NOT_FOUND, "x", ENOMEM).code(), MAPI_E_NOT_ENOUGH_MEMORY);
}

TEST(FileTime, CountsFrom1601) {
  EXPECT_EQ(FileTime{116444736000000000}.unix_seconds(), 0);
  const auto time = std::chrono::system_clock::time_point{std::chrono::seconds{1700000000}};
  EXPECT_EQ(FileTime::from(time).time_point(), time);
}

/// The ticks of a day's beginning.
FileTime day(int year, unsigned month, unsigned number) {
  const std::chrono::sys_days at{std::chrono::year{year} / static_cast<int>(month) /
                                 static_cast<int>(number)};
  return FileTime::from({}) + std::chrono::days{at.time_since_epoch()};
}

TEST(FileTime, TheClockEndsIn1677And2262AndTimesBeyondAreItsEnds) {
  using Time = std::chrono::system_clock::time_point;
  EXPECT_EQ(FileTime{0}.time_point(), Time::min());
  EXPECT_EQ(day(1677, 9, 21).time_point(), Time::min());
  EXPECT_GT(day(1677, 9, 22).time_point(), Time::min());
  EXPECT_EQ(day(1970, 1, 1).time_point(), Time{});
  EXPECT_LT(day(2262, 4, 11).time_point(), Time::max());
  EXPECT_EQ(day(2262, 4, 12).time_point(), Time::max());
  for (const FileTime late : {day(4501, 1, 1), day(9999, 12, 31), FileTime{1ULL << 63},
                              FileTime{std::numeric_limits<std::uint64_t>::max()}}) {
    EXPECT_EQ(late.time_point(), Time::max()) << late.ticks;
    EXPECT_GT(late, FileTime::now());
  }
  EXPECT_LT(FileTime::from(Time::min()), day(1677, 9, 22));
  EXPECT_GT(FileTime::from(Time::max()), day(2262, 4, 11));
}

TEST(FileTime, DaysOfFarYearsAreInOrder) {
  EXPECT_EQ(day(1601, 1, 1), FileTime{0});
  EXPECT_EQ(day(9999, 12, 31).unix_seconds(), 253402214400);
  EXPECT_LT(day(2262, 4, 11), day(4501, 1, 1));
  EXPECT_LT(day(4501, 1, 1), day(9999, 12, 31));
}

TEST(FileTime, SumsEndWhereATimeDoes) {
  using namespace std::chrono_literals;
  constexpr FileTime last{std::numeric_limits<std::uint64_t>::max()};
  EXPECT_EQ(FileTime{5} + 1ms, FileTime{10'005});
  EXPECT_EQ(FileTime{20'000'005} + -2s, FileTime{5});
  EXPECT_EQ(FileTime{5} + -1s, FileTime{0});
  EXPECT_EQ(last + 1ms, last);
  EXPECT_EQ(day(9999, 12, 31) + std::chrono::milliseconds::max(), last);
  EXPECT_EQ(day(9999, 12, 31) + std::chrono::seconds::max(), last);
  EXPECT_EQ(day(9999, 12, 31) + std::chrono::milliseconds::min(), FileTime{0});
}

TEST(FileTime, OutlooksNoneIsNone) {
  EXPECT_TRUE(day(4501, 1, 1).is_none());
  EXPECT_FALSE((day(4501, 1, 1) + std::chrono::seconds{1}).is_none());
  EXPECT_FALSE(day(9999, 12, 31).is_none());
  EXPECT_FALSE(FileTime{}.is_none());
}

}  // namespace
}  // namespace postern::mapi
