#include "smtp/tls_report.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <utility>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "smtp/atomic_file.h"
#include "smtp/text.h"
#include "smtp/tls_report_json.h"
#include "smtp/txt_record.h"

namespace postern::smtp {
namespace {

constexpr std::size_t largest_file = 64U << 20U;

TlsReport::Day day_of(TlsReport::Time time) {
  return std::chrono::floor<std::chrono::days>(time);
}

std::string file_of(const std::string& directory, TlsReport::Day day) {
  return fmt::format("{}/{}.json", directory, date_text(day));
}

/// A URI of a kind that reports may go to, and that can do no harm where it is shown.
bool is_address(std::string_view uri) {
  const std::string scheme = lower_case(uri.substr(0, uri.find(':') + 1));
  return (scheme == "mailto:" || scheme == "https:") && uri.size() > scheme.size() &&
         is_ascii(uri) && !has_control(uri) && uri.find_first_of(" \"<>") == std::string_view::npos;
}

}  // namespace

std::string_view name(TlsFailureType type) {
  return tls_failure_names.at(static_cast<std::size_t>(type));
}

TlsReport::TlsReport(std::string directory) : directory_(std::move(directory)) {
  if (directory_.empty()) return;
  demand_directory(directory_, "TLS reports");
  for (const auto& entry : std::filesystem::directory_iterator(directory_)) {
    const auto day = parse_date(entry.path().stem().string());
    if (!day || entry.path().extension() != ".json") continue;
    const auto content = read_file(entry.path().string(), largest_file);
    if (!content) continue;
    if (auto domains = read_tls_report_day(*content)) days_[*day].domains = *std::move(domains);
  }
  forget_old_days();
}

TlsReport::~TlsReport() {
  try {
    save();
  } catch (const std::exception&) {  // statistics; whoever wants to know calls save himself
    return;
  }
}

TlsReport::Counts* TlsReport::counts(const TlsReportPolicy& policy, Time now) {
  const Day day = day_of(now);
  days_.try_emplace(day);
  forget_old_days();
  const auto kept = days_.find(day);
  if (kept == days_.end()) return nullptr;  // the clock went back by weeks
  Record& record = kept->second;
  const bool known = record.domains.contains(policy.domain);
  if (!known && record.domains.size() >= most_domains) return nullptr;
  record.saved = false;
  return &record.domains[policy.domain][policy];
}

void TlsReport::success(const TlsReportPolicy& policy, Time now) {
  if (Counts* const found = counts(policy, now)) ++found->successes;
}

void TlsReport::failure(const TlsReportPolicy& policy, const TlsFailure& failure, Time now) {
  Counts* const found = counts(policy, now);
  if (found == nullptr) return;
  ++found->failures;
  if (found->details.size() < most_failures || found->details.contains(failure)) {
    ++found->details[failure];
  }
}

void TlsReport::forget_old_days() {
  while (days_.size() > most_days) {
    if (!directory_.empty()) {
      std::error_code gone_already;
      std::filesystem::remove(file_of(directory_, days_.begin()->first), gone_already);
    }
    days_.erase(days_.begin());
  }
}

void TlsReport::save() {
  if (directory_.empty()) return;
  for (auto& [day, record] : days_) {
    if (record.saved) continue;
    replace_file(file_of(directory_, day), write_tls_report_day(record.domains));
    record.saved = true;
  }
}

std::vector<std::string> TlsReport::domains(Day day) const {
  std::vector<std::string> names;
  const auto found = days_.find(day);
  if (found == days_.end()) return names;
  for (const auto& [domain, policies] : found->second.domains) names.push_back(domain);
  return names;
}

std::string TlsReport::report(Day day, const std::string& domain,
                              const TlsReporter& reporter) const {
  static const Domain nothing;
  const auto record = days_.find(day);
  if (record == days_.end()) return write_tls_report(day, nothing, reporter);
  const auto found = record->second.domains.find(domain);
  const bool known = found != record->second.domains.end();
  return write_tls_report(day, known ? found->second : nothing, reporter);
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
