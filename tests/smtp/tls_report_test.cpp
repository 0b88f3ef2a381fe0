#include "smtp/tls_report.h"

#include <filesystem>
#include <fstream>
#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace postern::smtp {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

const TlsReport::Day leap_day{std::chrono::year(2024) / 2 / 29};
const TlsReport::Time noon = leap_day + 12h;
const TlsReporter reporter{"Postern", "tls@postern.example", "2024-02-29@postern.example"};
const TlsReportPolicy sts_policy{
    TlsReportPolicy::Type::sts, "x.example", {"version: STSv1", "mode: testing"}, {"*.x.example"}};

TlsFailure expired(const std::string& ip) {
  TlsFailure failure;
  failure.type = TlsFailureType::certificate_expired;
  failure.sending_mta_ip = "192.0.2.1";
  failure.receiving_mx_hostname = "mx.x.example";
  failure.receiving_ip = ip;
  failure.failure_reason_code = "certificate has expired";
  return failure;
}

class TlsReportTest : public testing::Test {
 protected:
  ~TlsReportTest() override { std::filesystem::remove_all(directory_); }
  std::string directory_ = "/tmp/postern-tls-report-" + std::to_string(::getpid());
};

TEST_F(TlsReportTest, CountsSessionsAndTellsFailuresApart) {
  TlsReport report;
  report.success(sts_policy, noon);
  report.success(sts_policy, noon + 1h);
  report.failure(sts_policy, expired("192.0.2.7"), noon);
  report.failure(sts_policy, expired("192.0.2.7"), noon);
  report.failure(sts_policy, expired("192.0.2.8"), noon);
  const json value = json::parse(report.report(leap_day, "x.example", reporter));
  EXPECT_EQ(value, json::parse(R"({
    "organization-name": "Postern",
    "contact-info": "tls@postern.example",
    "report-id": "2024-02-29@postern.example",
    "date-range": {"start-datetime": "2024-02-29T00:00:00Z", "end-datetime": "2024-02-29T23:59:59Z"},
    "policies": [{
      "policy": {"policy-type": "sts", "policy-domain": "x.example",
                 "policy-string": ["version: STSv1", "mode: testing"], "mx-host": ["*.x.example"]},
      "summary": {"total-successful-session-count": 2, "total-failure-session-count": 3},
      "failure-details": [
        {"result-type": "certificate-expired", "sending-mta-ip": "192.0.2.1",
         "receiving-mx-hostname": "mx.x.example", "receiving-ip": "192.0.2.7",
         "failure-reason-code": "certificate has expired", "failed-session-count": 2},
        {"result-type": "certificate-expired", "sending-mta-ip": "192.0.2.1",
         "receiving-mx-hostname": "mx.x.example", "receiving-ip": "192.0.2.8",
         "failure-reason-code": "certificate has expired", "failed-session-count": 1}]
    }]})"));
}

TEST_F(TlsReportTest, KeepsDaysAndDomainsApart) {
  TlsReport report;
  TlsReportPolicy other = sts_policy;
  other.domain = "y.example";
  report.success(sts_policy, noon);
  report.success(other, noon);
  report.success(sts_policy, noon + 12h);
  EXPECT_THAT(report.domains(leap_day), ElementsAre("x.example", "y.example"));
  EXPECT_THAT(report.domains(leap_day + std::chrono::days(1)), ElementsAre("x.example"));
  EXPECT_THAT(json::parse(report.report(leap_day, "z.example", reporter)).at("policies"),
              IsEmpty());
}

TEST_F(TlsReportTest, SurvivesARestartInItsDirectory) {
  std::string before;
  {
    TlsReport report(directory_);
    report.success(sts_policy, noon);
    report.failure(sts_policy, expired("192.0.2.7"), noon);
    before = report.report(leap_day, "x.example", reporter);
  }
  TlsReport again(directory_);
  EXPECT_EQ(again.report(leap_day, "x.example", reporter), before);
  again.success(sts_policy, noon);
  const json value = json::parse(again.report(leap_day, "x.example", reporter));
  EXPECT_EQ(value["policies"][0]["summary"]["total-successful-session-count"], 2);
}

TEST_F(TlsReportTest, PassesOverFilesThatAreNotItsOwn) {
  std::filesystem::create_directories(directory_);
  for (const char* name : {"2024-02-29.json", "2024-02-30.json", "notes.txt", "x.json"}) {
    std::ofstream(directory_ + '/' + name) << R"({"x.example": [{"policy": 1}]})";
  }
  TlsReport report(directory_);
  EXPECT_THAT(report.domains(leap_day), IsEmpty());
}

TEST_F(TlsReportTest, ForgetsTheOldestDays) {
  TlsReport report(directory_);
  for (int day = 0; day < 20; ++day) {
    report.success(sts_policy, noon + std::chrono::days(day));
    report.save();
  }
  const auto files = std::filesystem::directory_iterator(directory_);
  EXPECT_EQ(std::distance(begin(files), end(files)), TlsReport::most_days);
  EXPECT_THAT(report.domains(leap_day), IsEmpty());
  report.success(sts_policy, noon);  // a clock that went back
  EXPECT_THAT(report.domains(leap_day), IsEmpty());
}

TEST_F(TlsReportTest, BoundsTheDetailsButNotTheCounts) {
  TlsReport report;
  for (int failure = 0; failure < 500; ++failure) {
    report.failure(sts_policy, expired("192.0.2." + std::to_string(failure)), noon);
  }
  const json value = json::parse(report.report(leap_day, "x.example", reporter))["policies"][0];
  EXPECT_THAT(value["failure-details"], SizeIs(TlsReport::most_failures));
  EXPECT_EQ(value["summary"]["total-failure-session-count"], 500);
}

TEST_F(TlsReportTest, WritesWhateverServersSay) {
  TlsReport report;
  TlsFailure failure = expired("192.0.2.7");
  failure.failure_reason_code = "\xFF\"\r\n";
  report.failure(sts_policy, failure, noon);
  EXPECT_FALSE(json::parse(report.report(leap_day, "x.example", reporter)).empty());
}

TEST(TlsReportAddresses, AreTakenFromTheOneRecordOfTheVersion) {
  EXPECT_THAT(tls_report_addresses({{"v=TLSRPTv1; rua=mailto:a@x.example"}}),
              ElementsAre("mailto:a@x.example"));
  EXPECT_THAT(
      tls_report_addresses({{"v=spf1"}, {"v=TLSRPTv1;rua=mailto:a@x, https://x.example/r"}}),
      ElementsAre("mailto:a@x", "https://x.example/r"));
  EXPECT_THAT(tls_report_addresses({{"v=TLSRPTv1; rua=ftp://x,mailto:, http://x,mailto:a b"}}),
              IsEmpty());
  EXPECT_THAT(
      tls_report_addresses({{"v=TLSRPTv1; rua=mailto:a@x"}, {"v=TLSRPTv1; rua=mailto:b@x"}}),
      IsEmpty());
  EXPECT_THAT(tls_report_addresses({{"v=TLSRPTv1; rua=mailto:a@x\r\nBcc: b"}}), IsEmpty());
}

}  // namespace
}  // namespace postern::smtp
