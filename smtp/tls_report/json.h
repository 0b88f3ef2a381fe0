// TLS reports as JSON (RFC 8460 §4.4).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "smtp/tls_report/tls_report.h"

namespace postern::smtp {

/// "2024-02-29".
std::string date_text(TlsReport::Day day);
std::optional<TlsReport::Day> parse_date(std::string_view text);

std::string write_tls_report(TlsReport::Day day, const TlsReport::Domain& domain,
                             const TlsReporter& reporter);

/// The counts of a report; nullopt unless write_tls_report could have written it.
std::optional<TlsReport::Domain> read_tls_report(std::string_view text);

}  // namespace postern::smtp
