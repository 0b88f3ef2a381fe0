// Reads a report that came back from a MIME message (RFC 6522, RFC 3464, RFC 6533, RFC 8098,
// RFC 5965; mapi-submission.md §8.5).
//
// The machine-readable part is sought in the message itself, not in messages within it: a report
// that somebody forwards is no report to us. Bounces of older systems are read where their form is
// certain: qmail's (QSBMF), and those that name X-Failed-Recipients as Exim does.
//
// The message is read once, in linear time and bounded memory, whatever is in it: damaged structure
// is read as far as it goes, and what cannot be read gives ReturnedKind::none. Throws only what the
// reader throws. May be called from any threads.
#pragma once

#include <memory>

#include "base/octet_reader.h"
#include "mapi/returned_report.h"

#pragma GCC visibility push(default)
namespace postern::mime {

/// The report in the mail.
mapi::ReturnedReport read_report(std::unique_ptr<OctetReader> mail);

}  // namespace postern::mime
#pragma GCC visibility pop
