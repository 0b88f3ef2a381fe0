// Non-delivery and delivery reports, and those of a delay (mapi-submission.md §8).
//
// A row is due for one of the first two if its final verdict is saved (PR_RESPONSIBILITY TRUE with
// the columns of §8.1), the sender has requested that kind of report, PR_POSTERN_REPORTED is not
// TRUE, and no server has promised a report of the delivery. One that is not settled is due for a
// report of a delay if it was tried, the sender wants to hear of failures, and
// PR_POSTERN_DELAY_REPORTED of the message is not TRUE; when, the spooler knows. All of it is
// durable, so a report interrupted by a crash is made at the next start, once. Functions of values:
// they throw nothing but std::bad_alloc.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "mapi/message.h"
#include "session/reporter.h"

#pragma GCC visibility push(default)
namespace postern::session {

/// The classes of reports, REPORT.*.NDR and so on. Those behind the first three come back by mail
/// only.
enum class ReportKind {
  non_delivery,  ///< .NDR
  delivery,      ///< .DR
  delayed,       ///< .Delayed.DR
  relayed,       ///< .Relayed.DR: to a system that reports no deliveries
  expanded,      ///< .Expanded.DR: to the members of a list
  read,          ///< .IPNRN
  not_read,      ///< .IPNNRN
};

/// Indexes of the rows that are due for a report of this kind, one of the first three.
std::vector<std::size_t> rows_due(const mapi::Message& original, ReportKind kind);

/// Marks that the report of this kind about these rows was made.
void mark_reported(mapi::Message& original, ReportKind kind, const std::vector<std::size_t>& rows);

/// The report: class, the original's properties, one row per reported recipient, a text for people,
/// and in a non-delivery report the original as an embedded message, as it was when submitted. One
/// of a delay names the time of the next attempt, PR_POSTERN_NEXT_ATTEMPT. If the original names
/// somebody else for its reports (report_properties.h), it is one to be submitted: its rows are
/// shown, and a P1 row is its envelope.
mapi::Message make_report(ReportKind kind, const mapi::Message& original,
                          const std::vector<std::size_t>& rows, const Reporter& reporter);

/// Whether the report goes to its receiver through the outgoing queue (MSGFLAG_UNSENT).
bool is_to_be_submitted(const mapi::Message& report);

/// Of a non-delivery report: the original is too damaged to be enclosed, and the text says so.
void leave_out_original(mapi::Message& report, const mapi::Message& original);

/// "REPORT.IPM.Note.NDR"; at most 255 characters, cut in the middle (§8.2).
std::string report_class(ReportKind kind, std::string_view original_class);

}  // namespace postern::session
#pragma GCC visibility pop
