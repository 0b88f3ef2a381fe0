#include "smtp/tls_report/tls_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "smtp/tls_report/json.h"

namespace postern::smtp {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Key;
using testing::Not;
using testing::Pair;
using testing::SizeIs;

const TlsReport::Day reported_day{std::chrono::year(2024) / 2 / 29};
const TlsReport::Time noon = reported_day + 12h;
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

/// What was recorded of the leap day and x.example, as it is written.
json written(TlsReport& report) {
  TlsReport::Days days = report.take();
  return json::parse(write_tls_report(reported_day, days[reported_day]["x.example"], reporter));
}

TEST(TlsReport, CountsSessionsAndTellsFailuresApart) {
  TlsReport report;
  report.success(sts_policy, noon);
  report.success(sts_policy, noon + 1h);
  report.failure(sts_policy, expired("192.0.2.7"), noon);
  report.failure(sts_policy, expired("192.0.2.7"), noon);
  report.failure(sts_policy, expired("192.0.2.8"), noon);
  EXPECT_EQ(written(report), json::parse(R"({
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

TEST(TlsReport, KeepsDaysAndDomainsApart) {
  TlsReport report;
  TlsReportPolicy other = sts_policy;
  other.domain = "y.example";
  report.success(sts_policy, noon);
  report.success(other, noon);
  report.success(sts_policy, noon + 12h);
  EXPECT_THAT(
      report.take(),
      ElementsAre(Pair(reported_day, ElementsAre(Key("x.example"), Key("y.example"))),
                  Pair(reported_day + std::chrono::days(1), ElementsAre(Key("x.example")))));
}

TEST(TlsReport, GivesAwayWhatItHasOnce) {
  TlsReport report;
  report.success(sts_policy, noon);
  const TlsReport::Days taken = report.take();
  EXPECT_EQ(taken.at(reported_day).at("x.example").at(sts_policy).successes, 1);
  EXPECT_THAT(report.take(), IsEmpty());
  EXPECT_THAT(written(report).at("policies"), IsEmpty());
}

TEST(TlsReport, ForgetsTheOldestDays) {
  TlsReport report;
  for (int day = 0; day < 20; ++day) report.success(sts_policy, noon + std::chrono::days(day));
  report.success(sts_policy, noon);  // a clock that went back
  const TlsReport::Days days = report.take();
  EXPECT_THAT(days, SizeIs(TlsReport::max_days));
  EXPECT_THAT(days, Not(Contains(Key(reported_day))));
}

TEST(TlsReport, BoundsPoliciesAndTexts) {
  TlsReport report;
  TlsReportPolicy changing = sts_policy;
  for (int change = 0; change < 100; ++change) {
    changing.strings = {std::to_string(change)};
    report.success(changing, noon);
  }
  TlsFailure wordy = expired("192.0.2.7");
  wordy.receiving_mx_helo = wordy.failure_reason_code = std::string(100'000, 'x');
  changing.domain = "y.example";
  report.failure(changing, wordy, noon);
  TlsReport::Domains domains = report.take().at(reported_day);
  EXPECT_THAT(domains.at("x.example"), SizeIs(TlsReport::max_policies));
  const TlsFailure told = domains.at("y.example").begin()->second.details.begin()->first;
  EXPECT_THAT(told.failure_reason_code, SizeIs(TlsReport::longest_text));
  EXPECT_THAT(told.receiving_mx_helo, SizeIs(TlsReport::longest_text));
}

TEST(TlsReport, BoundsTheDetailsButNotTheCounts) {
  TlsReport report;
  for (int failure = 0; failure < 500; ++failure) {
    report.failure(sts_policy, expired("192.0.2." + std::to_string(failure)), noon);
  }
  const json value = written(report)["policies"][0];
  EXPECT_THAT(value["failure-details"], SizeIs(TlsReport::max_failures));
  EXPECT_EQ(value["summary"]["total-failure-session-count"], 500);
}

TEST(TlsReport, WritesWhateverServersSay) {
  TlsReport report;
  TlsFailure failure = expired("192.0.2.7");
  failure.failure_reason_code = "\xFF\"\r\n";
  report.failure(sts_policy, failure, noon);
  EXPECT_FALSE(written(report).empty());
}

}  // namespace
}  // namespace postern::smtp
