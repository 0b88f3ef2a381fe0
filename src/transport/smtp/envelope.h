// The envelope for the recipients that a transport takes.
#pragma once

#include <string>
#include <vector>

#include "mapi/message.h"
#include "smtp/envelope.h"
#include "transport/message/offered_recipients.h"

namespace postern::transport {

/// The envelope for these recipients of the message, in their order. The requested reports become
/// NOTIFY=, PR_POSTERN_ENVELOPE_ID becomes ENVID=, the same for every attempt and every route
/// (mapi-submission.md §8.4). tls_required_no is set if the header will have `TLS-Required: No`
/// (RFC 8689 §3), which mime/named_headers.h writes from PS_INTERNET_HEADERS.
/// PR_POSTERN_REQUIRE_TLS becomes REQUIRETLS; PR_PRIORITY becomes MT-PRIORITY, urgent 4 and
/// non-urgent -4 as RFC 6710 maps X.400; PR_LATEST_DELIVERY_TIME becomes BY= (RFC 2852), by which
/// servers that know of it report what they deliver late.
smtp::Envelope make_envelope(const mapi::Message& message,
                             const std::vector<OfferedRecipient>& recipients,
                             std::string reverse_path, mapi::FileTime now);

}  // namespace postern::transport
