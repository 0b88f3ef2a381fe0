// TLS reports as JSON: the one that is sent (RFC 8460 §4.4), and the file in which a day is kept.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "smtp/tls_report.h"

namespace postern::smtp {

inline constexpr std::array<std::string_view, 11> tls_failure_names{
    "starttls-not-supported", "certificate-host-mismatch",
    "certificate-expired",    "certificate-not-trusted",
    "validation-failure",     "tlsa-invalid",
    "dnssec-invalid",         "dane-required",
    "sts-policy-fetch-error", "sts-policy-invalid",
    "sts-webpki-invalid"};

/// "2024-02-29".
std::string date_text(TlsReport::Day day);
std::optional<TlsReport::Day> parse_date(std::string_view text);

std::string write_tls_report(TlsReport::Day day, const TlsReport::Domain& domain,
                             const TlsReporter& reporter);

std::string write_tls_report_day(const std::map<std::string, TlsReport::Domain>& domains);
/// Nothing where it is not what write_tls_report_day writes.
std::optional<std::map<std::string, TlsReport::Domain>> read_tls_report_day(std::string_view text);

}  // namespace postern::smtp
