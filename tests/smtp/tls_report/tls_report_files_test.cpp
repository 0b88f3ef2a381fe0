// TLS reports in a directory, and the thread that puts them there.
#include <filesystem>
#include <fstream>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "smtp/tls_report/files.h"
#include "smtp/tls_report/writer.h"

namespace postern::smtp {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::Pair;
using testing::SizeIs;
using testing::UnorderedElementsAre;

const TlsReport::Day leap_day{std::chrono::year(2024) / 2 / 29};
const TlsReportPolicy policy{TlsReportPolicy::Type::no_policy_found, "x.example", {}, {}};

TlsReport::Days one_success(TlsReport::Day day = leap_day,
                            const std::string& domain = "x.example") {
  TlsReport report;
  TlsReportPolicy its = policy;
  its.domain = domain;
  report.success(its, day + 12h);
  return report.take();
}

TlsReport::Days one_failure(TlsFailureType type) {
  TlsReport report;
  TlsFailure failure;
  failure.type = type;
  report.failure(policy, failure, leap_day + 12h);
  return report.take();
}

class TlsReportFilesTest : public testing::Test {
 protected:
  TlsReportFilesTest() {
    std::string name = testing::TempDir() + "postern-tls-reports-XXXXXX";
    directory_ = mkdtemp(name.data());
  }
  ~TlsReportFilesTest() override { fs::remove_all(directory_); }
  [[nodiscard]] TlsReportFiles files() const { return {directory_, "we.example"}; }
  [[nodiscard]] std::vector<std::string> names(const std::string& in = "") const {
    std::vector<std::string> found;
    for (const auto& entry : fs::directory_iterator(directory_ / in)) {
      found.push_back(entry.path().filename());
    }
    return found;
  }
  fs::path directory_;
};

TEST_F(TlsReportFilesTest, EachDayAndDomainHasAReportAsItWouldBeSent) {
  TlsReport::Days days = one_success();
  days.merge(one_success(leap_day + std::chrono::days(1)));
  days.at(leap_day).merge(one_success(leap_day, "y.example").at(leap_day));
  files().add(days);
  EXPECT_THAT(names(), UnorderedElementsAre("2024-02-29", "2024-03-01"));
  EXPECT_THAT(names("2024-02-29"), UnorderedElementsAre("x.example.json", "y.example.json"));
  std::ifstream file(directory_ / "2024-02-29" / "x.example.json");
  EXPECT_EQ(nlohmann::json::parse(file), nlohmann::json::parse(R"({
    "organization-name": "we.example",
    "report-id": "2024-02-29.x.example@we.example",
    "date-range": {"start-datetime": "2024-02-29T00:00:00Z", "end-datetime": "2024-02-29T23:59:59Z"},
    "policies": [{
      "policy": {"policy-type": "no-policy-found", "policy-domain": "x.example"},
      "summary": {"total-successful-session-count": 1, "total-failure-session-count": 0}}]})"));
}

TEST_F(TlsReportFilesTest, WhatIsAddedIsMergedWithWhatIsThere) {
  files().add(one_success());
  files().add(one_failure(TlsFailureType::certificate_expired));
  files().add(one_failure(TlsFailureType::certificate_expired));
  files().add(one_failure(TlsFailureType::tlsa_invalid));
  const auto kept = files().read(leap_day, "x.example");
  ASSERT_TRUE(kept);
  ASSERT_THAT(*kept, ElementsAre(Pair(policy, testing::_)));
  const TlsReport::Counts& counts = kept->at(policy);
  EXPECT_EQ(counts.successes, 1);
  EXPECT_EQ(counts.failures, 3);
  std::map<TlsFailureType, std::uint64_t> types;
  for (const auto& [failure, sessions] : counts.details) types[failure.type] = sessions;
  EXPECT_THAT(types, UnorderedElementsAre(Pair(TlsFailureType::certificate_expired, 2),
                                          Pair(TlsFailureType::tlsa_invalid, 1)));
}

TEST_F(TlsReportFilesTest, ManyMayAddAtOnce) {
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([this] {
      const TlsReportFiles own = files();
      for (int time = 0; time < 25; ++time) own.add(one_success());
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(files().read(leap_day, "x.example")->at(policy).successes, 100);
}

TEST_F(TlsReportFilesTest, WhatIsNoReportIsBegunAnew) {
  fs::create_directory(directory_ / "2024-02-29");
  std::ofstream(directory_ / "2024-02-29" / "x.example.json") << R"({"policies": [1]})";
  EXPECT_FALSE(files().read(leap_day, "x.example"));
  files().add(one_success());
  EXPECT_EQ(files().read(leap_day, "x.example")->at(policy).successes, 1);
}

TEST_F(TlsReportFilesTest, OldDaysGoButNotWhatOthersPutThere) {
  fs::create_directory(directory_ / "2020-01-01");
  std::ofstream(directory_ / "2020-01-01" / "notes.txt") << "mine";
  std::ofstream(directory_ / "2020-01-01" / "x.example.json") << "{}";
  for (int day = 0; day < 20; ++day) files().add(one_success(leap_day + std::chrono::days(day)));
  EXPECT_THAT(names("2020-01-01"), ElementsAre("notes.txt"));
  EXPECT_THAT(names(), SizeIs(TlsReport::max_days + 1));
  EXPECT_FALSE(files().read(leap_day, "x.example"));
}

TEST_F(TlsReportFilesTest, NoDomainLeadsElsewhere) {
  for (const char* name : {"../x.example", "/tmp/x.example", "", ".."}) {
    files().add(one_success(leap_day, name));
    EXPECT_FALSE(files().read(leap_day, name));
  }
  EXPECT_THAT(names(), ElementsAre("2024-02-29"));
  EXPECT_THAT(names("2024-02-29"), SizeIs(0));
}

TEST_F(TlsReportFilesTest, RefusesADirectoryThatCannotBeUsed) {
  std::ofstream(directory_ / "file") << "x";
  EXPECT_THROW(TlsReportFiles(directory_ / "file", "we.example"), std::invalid_argument);
}

TEST_F(TlsReportFilesTest, KeeperWritesWhileItRunsAndAtTheEnd) {
  {
    TlsReportWriter keeper(directory_, "we.example", 1ms);
    keeper.report().success(policy, leap_day + 12h);
    while (!files().read(leap_day, "x.example")) std::this_thread::sleep_for(1ms);
  }
  {
    TlsReportWriter keeper(directory_, "we.example");
    keeper.report().success(policy, leap_day + 12h);
  }
  EXPECT_EQ(files().read(leap_day, "x.example")->at(policy).successes, 2);
}

}  // namespace
}  // namespace postern::smtp
