// The text of a report for people: which recipient, the server's reply, what it means.
#pragma once

#include <string>
#include <vector>

#include "mapi/message.h"
#include "session/report.h"

namespace postern::session {

/// One sentence about one recipient (PR_REPORT_TEXT of the row).
std::string recipient_text(const mapi::Recipient& row, ReportKind kind);

/// "Undeliverable: " and the original's subject, and so on.
std::string report_subject(ReportKind kind, const mapi::Message& original);

/// The body of the report. Lines end with CRLF. `enclosed`: a non-delivery report has the original.
std::string report_text(ReportKind kind, const mapi::Message& original,
                        const std::vector<mapi::Recipient>& rows, bool enclosed);

/// What follows the text of a report of a delay that is made here: when the next attempt is, and
/// that nothing is to be done.
std::string next_attempt_text(const mapi::Message& original);

}  // namespace postern::session
