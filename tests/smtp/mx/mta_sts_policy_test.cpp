#include "smtp/mx/mta_sts_policy.h"

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "smtp/mx/mta_sts_cache.h"
#include "tests/temporary_directory.h"

namespace postern::smtp {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using Mode = MtaStsPolicy::Mode;

constexpr std::string_view good =
    "version: STSv1\r\nmode: enforce\r\nmx: mail.example\r\nmx: *.example.net\r\nmax_age: "
    "604800\r\n";

MtaStsPolicy policy_of(std::string_view text) {
  const auto parsed = parse_mta_sts_policy(text);
  const auto* policy = std::get_if<MtaStsPolicy>(&parsed);
  EXPECT_TRUE(policy) << text;
  return policy == nullptr ? MtaStsPolicy{} : *policy;
}

std::string fault_of(std::string_view text) {
  const auto parsed = parse_mta_sts_policy(text);
  const auto* fault = std::get_if<std::string>(&parsed);
  return fault == nullptr ? "none" : *fault;
}

TEST(MtaStsPolicy, IsRead) {
  const auto policy = policy_of(good);
  EXPECT_EQ(policy.mode, Mode::enforce);
  EXPECT_THAT(policy.mx, ElementsAre("mail.example", "*.example.net"));
  EXPECT_EQ(policy.max_age, 604800s);
}

TEST(MtaStsPolicy, TakesBareLineFeedsBlanksExtensionsAndAnyOrder) {
  const auto policy =
      policy_of("max_age:1\nfuture: thing\nmode:\ttesting  \n\nmx:MAIL.example.\nversion:STSv1");
  EXPECT_EQ(policy.mode, Mode::testing);
  EXPECT_THAT(policy.mx, ElementsAre("mail.example"));
}

TEST(MtaStsPolicy, OfARepeatedFieldTheFirstCounts) {
  const auto policy = policy_of(
      "version: STSv1\nmode: enforce\nmode: none\nmode: rubbish\n"
      "mx: a.example\nmax_age: 5\nmax_age: 6\n");
  EXPECT_EQ(policy.mode, Mode::enforce);
  EXPECT_EQ(policy.max_age, 5s);
}

TEST(MtaStsPolicy, CutsAnAgeOfMoreThanAYear) {
  EXPECT_EQ(policy_of("version: STSv1\nmode: none\nmax_age: 9999999999\n").max_age, 31557600s);
}

TEST(MtaStsPolicy, RefusesWhatIsOutOfTheGrammar) {
  EXPECT_THAT(fault_of(""), HasSubstr("no version"));
  EXPECT_THAT(fault_of("<html>"), HasSubstr("the line \"<html>\""));
  EXPECT_THAT(fault_of("version: STSv2\nmode: none\nmax_age: 1"), HasSubstr("version \"STSv2\""));
  EXPECT_THAT(fault_of("version: STSv1\nmax_age: 1"), HasSubstr("no mode"));
  EXPECT_THAT(fault_of("version: STSv1\nmode: none"), HasSubstr("no max_age"));
  EXPECT_THAT(fault_of("version: STSv1\nmode: strict\nmax_age: 1"), HasSubstr("mode \"strict\""));
  EXPECT_THAT(fault_of("version: STSv1\nmode: enforce\nmax_age: 1"), HasSubstr("no mx"));
  for (const std::string age : {"", "-1", "1x", "12345678901", "+1", "1.5"}) {
    EXPECT_THAT(fault_of("version: STSv1\nmode: none\nmax_age: " + age), HasSubstr("max_age"));
  }
  for (const std::string mx : {"", "*", "*.", "a.*.example", "*a.example", "192.0.2.1", "a b",
                               "[192.0.2.1]", "bücher.example"}) {
    EXPECT_THAT(fault_of("version: STSv1\nmode: enforce\nmax_age: 1\nmx: " + mx),
                HasSubstr("mx \""));
  }
  EXPECT_THAT(fault_of(std::string(65'537, '\n')), HasSubstr("64 KiB"));
  EXPECT_THAT(fault_of("version: STSv1\nx: \xFF\n"), HasSubstr("UTF-8"));
  std::string many = "version: STSv1\nmode: enforce\nmax_age: 1\n";
  for (int line = 0; line < 300; ++line) many += "mx: a.example\n";
  EXPECT_THAT(fault_of(many), HasSubstr("mx lines"));
}

TEST(MtaStsPolicy, AStarStandsForOneLabel) {
  const MtaStsPolicy policy{Mode::enforce, {"mail.example", "*.example.net"}, 1s};
  EXPECT_TRUE(policy.covers("mail.example"));
  EXPECT_TRUE(policy.covers("MAIL.example"));
  EXPECT_TRUE(policy.covers("mx1.example.net"));
  EXPECT_FALSE(policy.covers("example.net"));
  EXPECT_FALSE(policy.covers("a.mx1.example.net"));
  EXPECT_FALSE(policy.covers("mail.example.evil"));
  EXPECT_FALSE(policy.covers("xmail.example"));
  EXPECT_FALSE(policy.covers(""));
}

TEST(MtaStsPolicy, IsTheSameAfterItsOwnLines) {
  std::string text;
  for (const auto& line : policy_of(good).lines()) text += line + '\n';
  EXPECT_EQ(policy_of(text), policy_of(good));
}

TEST(MtaStsId, IsTakenFromTheOneRecordOfTheVersion) {
  EXPECT_EQ(mta_sts_id({{"v=STSv1; id=20240229T1;"}}), "20240229T1");
  EXPECT_EQ(mta_sts_id({{"v=STSv1;x=y;id = a1"}}), "a1");
  EXPECT_EQ(mta_sts_id({{"v=spf1 -all"}, {"v=STSv1; id=1"}}), "1");
  EXPECT_FALSE(mta_sts_id({}));
  EXPECT_FALSE(mta_sts_id({{"v=STSv1; id=1"}, {"v=STSv1; id=2"}}));
  EXPECT_FALSE(mta_sts_id({{"id=1; v=STSv1"}}));
  EXPECT_FALSE(mta_sts_id({{"v=STSv1;"}}));
  EXPECT_FALSE(mta_sts_id({{"v=STSv1; id="}}));
  EXPECT_FALSE(mta_sts_id({{"v=STSv1; id=a-b"}}));
  EXPECT_FALSE(mta_sts_id({{"v=STSv1; id=" + std::string(33, 'a')}}));
  EXPECT_FALSE(mta_sts_id({{"v=STSv10; id=1"}}));
}

// The cache

class MtaStsCacheTest : public testing::Test {
 protected:
  postern::test::TemporaryDirectory parent_;
  std::string directory_ = parent_.path() / "policies";
  StoredMtaStsPolicy::Time noon_{1'700'000'000s};
  StoredMtaStsPolicy stored_{"id1", noon_, policy_of(good)};
};

TEST_F(MtaStsCacheTest, KeepsAPolicyUntilItExpires) {
  MtaStsCache cache;
  EXPECT_EQ(cache.find("x.example", noon_), nullptr);
  cache.store("x.example", stored_);
  ASSERT_NE(cache.find("x.example", noon_ + 604799s), nullptr);
  EXPECT_EQ(cache.find("x.example", noon_)->id, "id1");
  EXPECT_EQ(cache.find("x.example", noon_ + 604800s), nullptr);
}

TEST_F(MtaStsCacheTest, SurvivesARestartInItsDirectory) {
  MtaStsCache(directory_).store("x.example", stored_);
  MtaStsCache again(directory_);
  const auto* found = again.find("x.example", noon_ + 1h);
  ASSERT_NE(found, nullptr);
  EXPECT_EQ(found->id, "id1");
  EXPECT_EQ(found->fetched, noon_);
  EXPECT_EQ(found->policy, stored_.policy);
  EXPECT_EQ(again.find("x.example", noon_ + 604800s), nullptr);
  EXPECT_TRUE(std::filesystem::is_empty(directory_));
}

TEST_F(MtaStsCacheTest, AClockThatWentBackDoesNotProlongAPolicy) {
  MtaStsCache(directory_).store("x.example", stored_);
  MtaStsCache again(directory_);
  ASSERT_NE(again.find("x.example", noon_ - 1000h), nullptr);
  EXPECT_EQ(again.find("x.example", noon_ - 1000h + 604800s), nullptr);
}

TEST_F(MtaStsCacheTest, PassesOverFilesThatAreNotItsOwn) {
  MtaStsCache cache(directory_);
  for (const char* content : {"", "rubbish", "[]", "{}", R"({"id":1,"fetched":2,"policy":"x"})",
                              R"({"id":"a","fetched":-2,"policy":""})"}) {
    std::ofstream(directory_ + "/x.example.json") << content;
    EXPECT_EQ(cache.find("x.example", noon_), nullptr) << content;
  }
}

TEST_F(MtaStsCacheTest, RefusesADirectoryThatCannotBe) {
  EXPECT_THROW(MtaStsCache("/proc/none/such"), std::invalid_argument);
}

}  // namespace
}  // namespace postern::smtp
