#include "smtp/tls_report/tls_report.h"

#include <algorithm>
#include <array>
#include <utility>

#include "smtp/tls_report/json.h"

namespace postern::smtp {
namespace {

TlsReport::Day day_of(TlsReport::Time time) {
  return std::chrono::floor<std::chrono::days>(time);
}

void add_detail(TlsReport::Counts& counts, const TlsFailure& failure, std::uint64_t sessions) {
  const bool known = counts.details.contains(failure);
  if (known || counts.details.size() < TlsReport::max_failures) {
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
  while (days_.size() > max_days) days_.erase(days_.begin());
  const auto kept = days_.find(day);
  if (kept == days_.end()) return nullptr;  // the clock went back by weeks
  Domains& domains = kept->second;
  if (!domains.contains(policy.domain) && domains.size() >= max_domains) return nullptr;
  Domain& domain = domains[policy.domain];
  if (!domain.contains(policy) && domain.size() >= max_policies) return nullptr;
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

void merge(TlsReport::Domain& into, const TlsReport::Domain& more) {
  for (const auto& [policy, fresh] : more) {
    if (!into.contains(policy) && into.size() >= TlsReport::max_policies) continue;
    TlsReport::Counts& counts = into[policy];
    counts.successes += fresh.successes;
    counts.failures += fresh.failures;
    for (const auto& [failure, sessions] : fresh.details) add_detail(counts, failure, sessions);
  }
}

}  // namespace postern::smtp
