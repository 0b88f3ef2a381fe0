// The text of a report for people: which recipient, the server's reply, what it means.
#pragma once

#include <string>
#include <vector>

#include "mapi/message.h"
#include "spooler/report/report.h"

namespace postern::spooler {

/// One sentence about one recipient (PR_REPORT_TEXT of the row).
std::string recipient_text(const mapi::Recipient& row, ReportKind kind);

/// The body of the report. Lines end with CRLF. `enclosed`: a non-delivery report has the original.
std::string report_text(ReportKind kind, const mapi::Message& original,
                        const std::vector<mapi::Recipient>& rows, bool enclosed);

}  // namespace postern::spooler
