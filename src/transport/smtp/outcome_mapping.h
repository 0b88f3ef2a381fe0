// The border between the SMTP engine's outcomes and MAPI's: one place, field by field.
#pragma once

#include "mapi/outcome.h"
#include "mapi/transport.h"
#include "smtp/client.h"

namespace postern::transport {

mapi::Outcome to_mapi(const smtp::Outcome& outcome);

/// What XPLogon::submit_message answers when no recipient advanced (§9, "Result rule"):
/// MAPI_E_NETWORK_ERROR where there was no session, else MAPI_E_WAIT.
mapi::Code code_without_progress(const smtp::Delivery& delivery);

}  // namespace postern::transport
