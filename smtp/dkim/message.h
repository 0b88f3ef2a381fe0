// What signatures need of a message: its header and the hashes of its body, computed in one pass
// over the source (RFC 6376 §§3.7, 5.3).
//
// Only the header is held, 1 MiB at most. Refuses a header that is malformed (RFC 5322 §2.2), too
// large, or without exactly one From field.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "smtp/dkim/canonical.h"
#include "smtp/dkim/digest.h"
#include "smtp/envelope.h"

namespace postern::smtp {

struct DkimMessage {
  std::string header;  ///< the fields as sent, without the empty line after them
  std::map<Canonicalization, Sha256Digest> body_hashes;  ///< those that were asked for
};

/// Throws ContentError with one sentence if the source gives another number of octets than its
/// size() or the header is larger than 1 MiB, and whatever the source throws.
DkimMessage read_dkim_message(const OctetSource& source, const std::set<Canonicalization>& bodies);

struct DkimHeaderField {
  std::string name;         ///< lower case
  std::string_view octets;  ///< from the name to the last CRLF; a view of the header
};

/// The fields of a header, first to last. Throws ContentError with one sentence that names
/// the fault and the line, or the number of From fields if it is not one.
std::vector<DkimHeaderField> header_fields(std::string_view header);

}  // namespace postern::smtp
