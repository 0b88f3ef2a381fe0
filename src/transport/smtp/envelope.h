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
  /// For each envelope recipient the rows of the recipient table it stands for: rows with the same
  /// address are one RCPT and share its verdict.
  std::vector<std::vector<std::size_t>> rows;
};

/// Rows whose PR_RESPONSIBILITY is FALSE and that have an SMTP address. What the sender wants to be
/// told becomes NOTIFY= (mapi-submission.md §8.4); `envelope_id` becomes ENVID=. A
/// message whose header will bear `TLS-Required: No`, as mime/named_headers.h writes it from
/// PS_INTERNET_HEADERS, is marked so (RFC 8689 §3).
OfferedEnvelope make_envelope(const mapi::Message& message, std::string reverse_path,
                              std::string envelope_id);

}  // namespace postern::transport
