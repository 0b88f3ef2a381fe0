// The header field TLS-Required: its one value, No, says that delivery matters more to the sender
// than TLS (RFC 8689 §3).
//
// A field that is repeated or has another value is ignored. The field never asks for more TLS: that
// is what REQUIRETLS is for (Envelope::require_tls).
#pragma once

#include "smtp/envelope.h"

#pragma GCC visibility push(default)
namespace postern::smtp {

/// Whether the message has `TLS-Required: No`. Reads its header only, block by block, and holds one
/// short field of it at most. Throws what the source throws.
bool tls_required_no(const OctetSource& message);

}  // namespace postern::smtp
#pragma GCC visibility pop
