// What a report that came back by mail means for a message that was submitted: which one it is
// about, and the report message that goes into the sender's Inbox (mapi-submission.md §8.5).
//
// Functions of values: they throw nothing but std::bad_alloc, and what the look-up throws.
#pragma once

#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "mapi/msg_store.h"
#include "mapi/returned_report.h"
#include "session/report.h"

#pragma GCC visibility push(default)
namespace postern::session {

/// What a store can look up, newest first.
struct SubmissionLookup {
  std::function<std::vector<mapi::EntryId>(mapi::MsgStore::Correlator, std::string_view)> find;
  std::function<mapi::Message(const mapi::EntryId&)> load;
};

struct SubmissionMatch {
  mapi::EntryId entry;
  mapi::Message message;
  mapi::MsgStore::Correlator by = mapi::MsgStore::Correlator::envelope_id;
};

/// The submission that the report is about: the one with its envelope id, else the newest with its
/// Message-ID that has one of its recipients; several submissions may share a Message-ID, and
/// anybody may write one that he has seen.
std::optional<SubmissionMatch> match_submission(const mapi::ReturnedReport& returned,
                                                const SubmissionLookup& lookup);

/// The class by the most severe action, or by the disposition; nullopt where MAPI has no report (a
/// complaint).
std::optional<ReportKind> report_kind(const mapi::ReturnedReport& returned);

/// The report about the original, with a row for each recipient of that severity; recipients are
/// known by the address that the sender gave, else by the final one, compared without case.
/// `fallback`: who reports where the mail names no host.
mapi::Message make_report(ReportKind kind, const mapi::Message& original,
                          const mapi::ReturnedReport& returned, const Reporter& fallback,
                          mapi::FileTime now);

/// Writes into the message what the report says of its recipients: a failure or a delivery becomes
/// the row's outcome, and the transcript says what it was before. Rows that are still to be sent
/// stay as they are, and so does a failure that a delivery is reported after; PR_RESPONSIBILITY
/// stays TRUE. To record a report again changes nothing.
void record_report(mapi::Message& original, const mapi::ReturnedReport& returned,
                   mapi::FileTime now);

}  // namespace postern::session
#pragma GCC visibility pop
