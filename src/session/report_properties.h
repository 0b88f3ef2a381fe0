// What every report has of the message that it is about (mapi-submission.md §§8.2, 8.3). Functions
// of values: they throw nothing but std::bad_alloc.
#pragma once

#include <optional>
#include <string_view>

#include "mapi/message.h"

#pragma GCC visibility push(default)
namespace postern::session {

/// Whether it is the class of a report: about a report none is made.
bool is_report_class(std::string_view message_class);

/// Copies what names the original: subject, times, recipients, sender, conversation, priority, its
/// tag and keys, and its Message-ID as the one that the report answers.
void copy_original_properties(mapi::Message& report, const mapi::Message& original);

/// PR_REPORT_ENTRYID, PR_REPORT_NAME and PR_REPORT_SEARCH_KEY as a recipient, if they name somebody
/// else than the sender of the message: reports about it go there.
std::optional<mapi::Recipient> report_receiver(const mapi::Message& original);

}  // namespace postern::session
#pragma GCC visibility pop
