// One DKIM-Signature header field (RFC 6376 §3.5): the tags, folded below 78 characters a line if
// their values can be cut, and the signature over them and the header fields they name (§3.7).
//
// The field contains only names of header fields from the settings and the hash of the body: no
// text of a message can add a tag or a line to it.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "smtp/dkim/message.h"
#include "smtp/dkim_settings.h"

namespace postern::smtp {

/// The field with its last CRLF. `settings` are checked; `body_hash` is of the canonical form they
/// name; `now` becomes t=. Throws std::runtime_error if the key cannot sign.
std::string signature_field(const DkimSettings& settings,
                            const std::vector<DkimHeaderField>& header,
                            const Sha256Digest& body_hash,
                            std::chrono::system_clock::time_point now);

}  // namespace postern::smtp
