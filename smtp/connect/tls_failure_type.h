// What a connection that could not be opened says of TLS at the other end, in the terms of TLS
// reports (RFC 8460 §4.3).
#pragma once

#include <optional>

#include "smtp/connect/fault.h"
#include "smtp/tls_report/tls_report.h"

namespace postern::smtp {

/// Nothing where TLS is not the reason, or the reason is on our side.
std::optional<TlsFailureType> tls_failure_type(const ConnectFailure& failure);

}  // namespace postern::smtp
