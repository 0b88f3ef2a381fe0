// The envelope for the recipients a transport was offered.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "mapi/message.h"
#include "smtp/envelope.h"

namespace postern::transport {

struct OfferedEnvelope {
  smtp::Envelope envelope;
  /// For each envelope recipient its rows in the recipient table: rows with the same address are
  /// one RCPT and share its outcome.
  std::vector<std::vector<std::size_t>> rows;
};

/// The envelope for the rows whose PR_RESPONSIBILITY is FALSE and that have an SMTP address. The
/// requested reports become NOTIFY=, PR_POSTERN_ENVELOPE_ID becomes ENVID=, the same for every
/// attempt (mapi-submission.md §8.4). tls_required_no is set if the header will have `TLS-Required:
/// No` (RFC 8689 §3), which mime/named_headers.h writes from PS_INTERNET_HEADERS.
OfferedEnvelope make_envelope(const mapi::Message& message, std::string reverse_path);

}  // namespace postern::transport
