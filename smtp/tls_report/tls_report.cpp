#include "smtp/tls_report/tls_report.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.h"
#include "smtp/dns/txt_record.h"
#include "smtp/tls_report/json.h"

namespace postern::smtp {
namespace {

TlsReport::Day day_of(TlsReport::Time time) {
  return std::chrono::floor<std::chrono::days>(time);
}

/// A URI of a kind that reports may go to, and that can do no harm where it is shown.
bool is_address(std::string_view uri) {
  const std::string scheme = lower_case(uri.substr(0, uri.find(':') + 1));
  return (scheme == "mailto:" || scheme == "https:") && uri.size() > scheme.size() &&
         is_ascii(uri) && !has_control(uri) && uri.find_first_of(" \"<>") == std::string_view::npos;
}

void add_detail(TlsReport::Counts& counts, const TlsFailure& failure, std::uint64_t sessions) {
  const bool known = counts.details.contains(failure);
  if (known || counts.details.size() < TlsReport::most_failures) {
    counts.details[failure] += sessions;
  }
}

}  // namespace

std::string_view name(TlsFailureType type) {
  return tls_failure_names.at(static_cast<std::size_t>(type));
}

TlsReport::Counts* TlsReport::counts(const TlsReportPolicy& policy, Time now) {
  const Day day = day_of(now);
  days_.try_emplace(day);
  while (days_.size() > most_days) days_.erase(days_.begin());
  const auto kept = days_.find(day);
  if (kept == days_.end()) return nullptr;  // the clock went back by weeks
  Domains& domains = kept->second;
  if (!domains.contains(policy.domain) && domains.size() >= most_domains) return nullptr;
  Domain& domain = domains[policy.domain];
  if (!domain.contains(policy) && domain.size() >= most_policies) return nullptr;
  return &domain[policy];
}

void TlsReport::success(const TlsReportPolicy& policy, Time now) {
  const std::scoped_lock lock(mutex_);
  if (Counts* const found = counts(policy, now)) ++found->successes;
}

void TlsReport::failure(const TlsReportPolicy& policy, TlsFailure failure, Time now) {
  for (std::string* text : {&failure.receiving_mx_helo, &failure.failure_reason_code}) {
    if (text->size() > longest_text) text->resize(longest_text);
  }
  const std::scoped_lock lock(mutex_);
  Counts* const found = counts(policy, now);
  if (found == nullptr) return;
  ++found->failures;
  add_detail(*found, failure, 1);
}

TlsReport::Days TlsReport::take() {
  const std::scoped_lock lock(mutex_);
  return std::exchange(days_, {});
}

std::vector<std::string> TlsReport::domains(Day day) const {
  std::vector<std::string> names;
  const std::scoped_lock lock(mutex_);
  const auto found = days_.find(day);
  if (found == days_.end()) return names;
  for (const auto& [domain, policies] : found->second) names.push_back(domain);
  return names;
}

std::string TlsReport::report(Day day, const std::string& domain,
                              const TlsReporter& reporter) const {
  static const Domain nothing;
  const std::scoped_lock lock(mutex_);
  const auto domains = days_.find(day);
  if (domains == days_.end()) return write_tls_report(day, nothing, reporter);
  const auto found = domains->second.find(domain);
  const bool known = found != domains->second.end();
  return write_tls_report(day, known ? found->second : nothing, reporter);
}

void merge(TlsReport::Domain& into, const TlsReport::Domain& more) {
  for (const auto& [policy, fresh] : more) {
    if (!into.contains(policy) && into.size() >= TlsReport::most_policies) continue;
    TlsReport::Counts& counts = into[policy];
    counts.successes += fresh.successes;
    counts.failures += fresh.failures;
    for (const auto& [failure, sessions] : fresh.details) add_detail(counts, failure, sessions);
  }
}

std::vector<std::string> tls_report_addresses(const std::vector<TextRecord>& records) {
  std::vector<std::string> addresses;
  const auto fields = versioned_fields(records, "TLSRPTv1");
  if (!fields) return addresses;
  for (const TxtField& field : *fields) {
    if (field.name != "rua") continue;
    std::string_view list = field.value;
    while (!list.empty()) {
      const std::string_view uri = take_until(list, ',');
      if (is_address(uri)) addresses.emplace_back(uri);
    }
  }
  return addresses;
}

}  // namespace postern::smtp
