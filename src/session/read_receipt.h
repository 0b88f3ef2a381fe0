// Read receipts: what SetReadFlag does to a message's flags, and the report about it
// (mapi-submission.md §8.6). Functions of values; stores use them.
#pragma once

#include <cstdint>
#include <optional>

#include "mapi/file_time.h"
#include "mapi/message.h"

#pragma GCC visibility push(default)
namespace postern::session {

/// What a call of SetReadFlag comes to. All of it belongs into one commit.
struct ReadFlagDecision {
  std::int32_t message_flags = 0;  ///< PR_MESSAGE_FLAGS afterwards
  bool read_report = false;        ///< to be made (`read_receipt`) and submitted
  bool request_withdrawn = false;  ///< PR_READ_RECEIPT_REQUESTED becomes FALSE
  friend bool operator==(const ReadFlagDecision&, const ReadFlagDecision&) = default;
};

/// `message_flags`: PR_MESSAGE_FLAGS as it is; of a message that is submitted nothing changes.
/// Flags that only clear what is pending leave the message read or unread. Throws mapi::Failure:
/// MAPI_E_INVALID_PARAMETER for combinations that contradict themselves, MAPI_E_UNKNOWN_FLAGS.
ReadFlagDecision set_read_flag(std::int32_t message_flags, std::int32_t flags);

/// Whether a message with these flags that is deleted, or whose time is over, owes a non-read
/// report: it was never read.
bool owes_non_read_report(std::int32_t message_flags);

/// MSGFLAG_RN_PENDING and MSGFLAG_NRN_PENDING of a message that comes in, by what its sender has
/// requested.
std::int32_t pending_receipts(const mapi::Message& message);

/// IMAPISupport::ReadReceipt: the report that the message was read (REPORT.….IPNRN), or that it was
/// not (IPNNRN), to be submitted: to PR_READ_RECEIPT_ENTRYID, else PR_REPORT_ENTRYID, else the
/// sender, from whoever received the message. Nullopt: the message is a report itself, or says
/// nowhere whom to report to. Throws nothing but std::bad_alloc.
std::optional<mapi::Message> read_receipt(const mapi::Message& message, bool read,
                                          mapi::FileTime now);

}  // namespace postern::session
#pragma GCC visibility pop
