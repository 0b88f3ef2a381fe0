// The envelope for the recipients a transport was offered.
#pragma once

#include <cstddef>
#include <cstdint>
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

/// The numbers of the entities that the rows get whose PR_RESPONSIBILITY is FALSE
/// (PR_POSTERN_SECURED_ENTITY), in ascending order; 0 if there is no such row.
std::vector<std::int32_t> secured_entities(const mapi::Message& message);

/// The envelope for the rows whose PR_RESPONSIBILITY is FALSE, that have an SMTP address and that
/// get this entity (PR_POSTERN_SECURED_ENTITY; 0 in ordinary messages). The requested reports
/// become NOTIFY= (mapi-submission.md §8.4); `envelope_id` becomes ENVID=. tls_required_no is set
/// if the header will have `TLS-Required: No` (RFC 8689 §3), which mime/named_headers.h writes from
/// PS_INTERNET_HEADERS.
OfferedEnvelope make_envelope(const mapi::Message& message, std::string reverse_path,
                              std::string envelope_id, std::int32_t secured_entity = 0);

}  // namespace postern::transport
