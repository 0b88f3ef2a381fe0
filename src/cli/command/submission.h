// Submitting files: each one becomes a queued message or a sentence about what is wrong with it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/option/message_input.h"
#include "cli/output/exit_status.h"
#include "mapi/msg_store.h"

namespace postern::cli {

struct SubmittedFile {
  std::string file;
  std::optional<mapi::EntryId> entry;  ///< nothing: it was not submitted
  std::string error;                   ///< why not
  ExitStatus error_status = all_delivered;
  mapi::Message message;  ///< its latest state, without contents
  std::string trouble;    ///< what keeps the spooler from working on it
};

/// Submits every readable file, in order; what is wrong with the others, and warnings, are said on
/// stderr. A store that fails ends it: the files not submitted by then carry its sentence.
std::vector<SubmittedFile> submit_files(mapi::MsgStore& store, const MessageInput& input,
                                        bool keep_sent_copy);

}  // namespace postern::cli
