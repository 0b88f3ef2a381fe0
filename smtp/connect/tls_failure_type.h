// The failure of a connection as a result type of TLS reports (RFC 8460 §4.3).
#pragma once

#include <optional>

#include "smtp/connect/fault.h"
#include "smtp/tls_report/tls_report.h"

namespace postern::smtp {

/// Returns nullopt if TLS is not the cause, or the cause is on our side.
std::optional<TlsFailureType> tls_failure_type(const ConnectFailure& failure);

}  // namespace postern::smtp
