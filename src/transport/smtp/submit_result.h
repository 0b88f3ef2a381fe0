// What XPLogon::submit_message answers for a delivery (mapi-submission.md §9, "Result rule").
#pragma once

#include "mapi/transport.h"
#include "smtp/client.h"

namespace postern::transport {

/// Something was tried for a recipient: not all of them were told that their route is left alone.
bool was_tried(const smtp::Delivery& delivery);

/// S_OK where a recipient advanced; else MAPI_E_NETWORK_ERROR where there was no session, or
/// MAPI_E_WAIT. The pause of the route stands in place of the spooler's schedule where nothing was
/// tried, or where an operator has to mend something: that is no failure of the message's.
mapi::SubmitResult submit_result(const smtp::Delivery& delivery);

}  // namespace postern::transport
