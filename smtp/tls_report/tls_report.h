// The results of TLS towards each domain, for reports to its owner (RFC 8460).
//
// Counts per day (UTC), policy domain and policy, with the failure details of the RFC; in memory,
// until they are taken (smtp/tls_report/files.h stores them). Bounded: days, domains a day,
// policies of a domain, different failures under a policy; beyond the last bound failures are
// counted without details. Reports are not sent here. May be used from any thread.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace postern::smtp {

/// Result types of RFC 8460 §4.3.
enum class TlsFailureType {
  starttls_not_supported,
  certificate_host_mismatch,
  certificate_expired,
  certificate_not_trusted,
  validation_failure,
  tlsa_invalid,
  dnssec_invalid,
  dane_required,
  sts_policy_fetch_error,
  sts_policy_invalid,
  sts_webpki_invalid,
};
/// In the order of TlsFailureType (RFC 8460 §4.3).
inline constexpr std::array<std::string_view, 11> tls_failure_names{
    "starttls-not-supported", "certificate-host-mismatch",
    "certificate-expired",    "certificate-not-trusted",
    "validation-failure",     "tlsa-invalid",
    "dnssec-invalid",         "dane-required",
    "sts-policy-fetch-error", "sts-policy-invalid",
    "sts-webpki-invalid"};
std::string_view name(TlsFailureType type);

/// The policy that was applied (RFC 8460 §4.4, "policy").
struct TlsReportPolicy {
  enum class Type { tlsa, sts, no_policy_found };
  Type type = Type::no_policy_found;
  std::string domain;                 ///< of the recipients
  std::vector<std::string> strings;   ///< the TLSA records, or the lines of the MTA-STS policy
  std::vector<std::string> mx_hosts;  ///< MTA-STS: the patterns; DANE: the host
  // NOLINTNEXTLINE(modernize-use-nullptr)
  friend auto operator<=>(const TlsReportPolicy&, const TlsReportPolicy&) = default;
};

/// "failure-details"; empty members are left out of the report.
struct TlsFailure {
  TlsFailureType type = TlsFailureType::validation_failure;
  std::string sending_mta_ip;
  std::string receiving_mx_hostname;
  std::string receiving_mx_helo;
  std::string receiving_ip;
  std::string additional_information;
  std::string failure_reason_code;
  // NOLINTNEXTLINE(modernize-use-nullptr)
  friend auto operator<=>(const TlsFailure&, const TlsFailure&) = default;
};

/// The reporting organization (RFC 8460 §4.4).
struct TlsReporter {
  std::string organization_name;
  std::string contact_info;  ///< an e-mail address; empty: left to who sends the report
  std::string report_id;     ///< unique for the reporter
};

class TlsReport {
 public:
  using Time = std::chrono::system_clock::time_point;
  using Day = std::chrono::sys_days;
  struct Counts {
    std::uint64_t successes = 0;
    std::uint64_t failures = 0;
    std::map<TlsFailure, std::uint64_t> details;
  };
  using Domain = std::map<TlsReportPolicy, Counts>;
  using Domains = std::map<std::string, Domain>;
  using Days = std::map<Day, Domains>;
  static constexpr std::size_t max_days = 8;
  static constexpr std::size_t max_domains = 10'000;  ///< a day
  static constexpr std::size_t max_policies = 20;     ///< of a domain a day
  static constexpr std::size_t max_failures = 100;    ///< different ones, for a policy a day
  static constexpr std::size_t longest_text = 300;    ///< octets of a server's text

  TlsReport() = default;
  TlsReport(const TlsReport&) = delete;
  TlsReport& operator=(const TlsReport&) = delete;

  void success(const TlsReportPolicy& policy, Time now);
  void failure(const TlsReportPolicy& policy, TlsFailure failure, Time now);

  /// Returns and removes the counts since the last call.
  [[nodiscard]] Days take();

 private:
  Counts* counts(const TlsReportPolicy& policy, Time now);

  std::mutex mutex_;
  Days days_;
};

/// Adds counts to counts, within the bounds.
void merge(TlsReport::Domain& into, const TlsReport::Domain& more);

}  // namespace postern::smtp
