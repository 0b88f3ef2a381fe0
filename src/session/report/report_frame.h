// What reports of every kind have in common, those made here and those that come back by mail
// (mapi-submission.md §8.3).
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>

#include "base/outcome.h"
#include "mapi/file_time.h"
#include "mapi/message.h"
#include "session/report.h"

namespace postern::session {

/// A report without recipients and text: its class, the original's properties, who it is from and
/// for, when it was made.
mapi::Message report_about(const mapi::Message& original, ReportKind kind, const Reporter& reporter,
                           mapi::FileTime now);

/// The types of the rows that are shown, by whom they name (identity); empty if the message has no
/// P1 rows, whose twins they are.
using ShownTypes = std::map<mapi::Binary, std::int32_t>;
ShownTypes shown_types(const mapi::Message& original);

/// The original's recipient as a report shows it, with the columns that it has.
mapi::Recipient reported_row(const mapi::Message& original, std::size_t index,
                             const ShownTypes& shown);

/// The columns of §8.1 in the row of a report of a delay, whose outcome is not final.
void set_delay_columns(mapi::Recipient& row, const Outcome& outcome);

/// The subject and the text for people, of the rows that the report has. `enclosed`: a non-delivery
/// report has the original.
void set_report_text(mapi::Message& report, ReportKind kind, const mapi::Message& original,
                     bool enclosed);

/// The text, and in a non-delivery report the original as it was when submitted.
void finish_report(mapi::Message& report, ReportKind kind, const mapi::Message& original);

}  // namespace postern::session
