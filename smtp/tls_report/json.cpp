#include "smtp/tls_report/json.h"

#include <algorithm>
#include <charconv>
#include <stdexcept>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace postern::smtp {
namespace {

using nlohmann::json;

constexpr std::array<std::string_view, 3> policy_names{"tlsa", "sts", "no-policy-found"};

/// The members of failure-details that are text, as the report calls them.
struct TextMember {
  std::string_view name;
  std::string TlsFailure::*member;
};
constexpr std::array text_members{
    TextMember{"sending-mta-ip", &TlsFailure::sending_mta_ip},
    TextMember{"receiving-mx-hostname", &TlsFailure::receiving_mx_hostname},
    TextMember{"receiving-mx-helo", &TlsFailure::receiving_mx_helo},
    TextMember{"receiving-ip", &TlsFailure::receiving_ip},
    TextMember{"additional-information", &TlsFailure::additional_information},
    TextMember{"failure-reason-code", &TlsFailure::failure_reason_code},
};

template <std::size_t size>
std::size_t index_of(const std::array<std::string_view, size>& names, const json& value) {
  const auto& name = value.get_ref<const std::string&>();
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) throw std::runtime_error("unknown name");
  return static_cast<std::size_t>(found - names.begin());
}

json json_of(const TlsReportPolicy& policy) {
  json value{{"policy-type", policy_names.at(static_cast<std::size_t>(policy.type))},
             {"policy-domain", policy.domain}};
  if (!policy.strings.empty()) value["policy-string"] = policy.strings;
  if (!policy.mx_hosts.empty()) value["mx-host"] = policy.mx_hosts;
  return value;
}

json json_of(const TlsFailure& failure, std::uint64_t sessions) {
  json value{{"result-type", name(failure.type)}, {"failed-session-count", sessions}};
  for (const auto& [key, member] : text_members) {
    if (!(failure.*member).empty()) value[std::string(key)] = failure.*member;
  }
  return value;
}

json json_of(const TlsReport::Domain& domain) {
  json policies = json::array();
  for (const auto& [policy, counts] : domain) {
    json value{{"policy", json_of(policy)},
               {"summary",
                {{"total-successful-session-count", counts.successes},
                 {"total-failure-session-count", counts.failures}}}};
    for (const auto& [failure, sessions] : counts.details) {
      value["failure-details"].push_back(json_of(failure, sessions));
    }
    policies.push_back(std::move(value));
  }
  return policies;
}

/// What comes from servers may be no UTF-8, which must not stop a report.
std::string text_of(const json& value) {
  return value.dump(2, ' ', false, json::error_handler_t::replace) + '\n';
}

TlsReportPolicy policy_of(const json& value) {
  const json empty = json::array();
  TlsReportPolicy policy;
  policy.type = static_cast<TlsReportPolicy::Type>(index_of(policy_names, value.at("policy-type")));
  policy.domain = value.at("policy-domain").get<std::string>();
  policy.strings = value.value("policy-string", empty).get<std::vector<std::string>>();
  policy.mx_hosts = value.value("mx-host", empty).get<std::vector<std::string>>();
  return policy;
}

TlsFailure failure_of(const json& value) {
  TlsFailure failure;
  failure.type = static_cast<TlsFailureType>(index_of(tls_failure_names, value.at("result-type")));
  for (const auto& [key, member] : text_members) {
    failure.*member = value.value(std::string(key), std::string());
  }
  return failure;
}

TlsReport::Domain domain_of(const json& policies) {
  TlsReport::Domain domain;
  for (const json& value : policies) {
    TlsReport::Counts& counts = domain[policy_of(value.at("policy"))];
    const json& summary = value.at("summary");
    counts.successes = summary.at("total-successful-session-count").get<std::uint64_t>();
    counts.failures = summary.at("total-failure-session-count").get<std::uint64_t>();
    for (const json& detail : value.value("failure-details", json::array())) {
      counts.details[failure_of(detail)] = detail.at("failed-session-count").get<std::uint64_t>();
    }
  }
  return domain;
}

}  // namespace

std::string date_text(TlsReport::Day day) {
  const std::chrono::year_month_day date(day);
  return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
}

std::optional<TlsReport::Day> parse_date(std::string_view text) {
  constexpr std::size_t year_end = 4;
  constexpr std::size_t month_end = 7;
  if (text.size() != 10 || text[year_end] != '-' || text[month_end] != '-') return std::nullopt;
  const auto number = [&](std::size_t begin, std::size_t end) {
    int value = -1;
    const auto result = std::from_chars(text.data() + begin, text.data() + end, value);
    return result.ptr == text.data() + end ? value : -1;
  };
  const int year = number(0, year_end);
  const int month = number(year_end + 1, month_end);
  const int day = number(month_end + 1, text.size());
  if (year < 0 || month < 0 || day < 0) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(year),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (!date.ok()) return std::nullopt;
  return std::chrono::sys_days(date);
}

std::string write_tls_report(TlsReport::Day day, const TlsReport::Domain& domain,
                             const TlsReporter& reporter) {
  const std::string date = date_text(day);
  json value{{"organization-name", reporter.organization_name},
             {"report-id", reporter.report_id},
             {"date-range",
              {{"start-datetime", date + "T00:00:00Z"}, {"end-datetime", date + "T23:59:59Z"}}},
             {"policies", json_of(domain)}};
  if (!reporter.contact_info.empty()) value["contact-info"] = reporter.contact_info;
  return text_of(value);
}

std::optional<TlsReport::Domain> read_tls_report(std::string_view text) {
  try {
    return domain_of(json::parse(text).at("policies"));
  } catch (const std::exception&) {  // of the JSON library's and ours: no report
    return std::nullopt;
  }
}

}  // namespace postern::smtp
