// What XPLogon::submit_message returns for a delivery (mapi-submission.md §9, "Result rule").
#pragma once

#include "mapi/transport.h"
#include "smtp/client.h"

namespace postern::transport {

/// Whether an attempt was made for any recipient: not all of their routes are suspended.
bool was_tried(const smtp::Delivery& delivery);

/// S_OK if any recipient is settled; else MAPI_E_NETWORK_ERROR if there was no session, or
/// MAPI_E_WAIT. The pause of the route replaces the spooler's schedule if no attempt was made, or
/// if an operator has to act: then the message has not failed.
mapi::SubmitResult submit_result(const smtp::Delivery& delivery);

}  // namespace postern::transport
