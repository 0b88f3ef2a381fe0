// Submits files: each one becomes a queued message, or a sentence about what is wrong with it.
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
  std::optional<mapi::EntryId> entry;  ///< nullopt: it was not submitted
  std::string error;                   ///< why not
  ExitStatus error_status = all_delivered;
  mapi::Message message;  ///< its latest state, without contents
  std::string trouble;    ///< why the spooler could not process it
};

/// Submits every readable file, in order; prints what is wrong with the others, and warnings, on
/// stderr. A failure of the store ends it: the remaining files get its sentence.
/// `send_time`: not sent before; nullopt: what the file says of that.
std::vector<SubmittedFile> submit_files(mapi::MsgStore& store, const MessageInput& input,
                                        bool keep_sent_copy,
                                        std::optional<mapi::FileTime> send_time = std::nullopt);

}  // namespace postern::cli
