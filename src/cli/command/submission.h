// Submits files: each one becomes a queued message, or a sentence about what is wrong with it.
#pragma once

#include <functional>
#include <optional>
#include <string>

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

struct SubmissionOptions {
  bool keep_sent_copy = true;
  /// Not sent before; nullopt: what the file says of that.
  std::optional<mapi::FileTime> send_time;
};

/// Submits every readable file, in order, and hands it to `done`; prints what is wrong with the
/// others, and warnings, on stderr. Several share a wait for the disk, but none waits for a name
/// that is still to be written into the list.
void submit_files(mapi::MsgStore& store, const MessageInput& input,
                  const SubmissionOptions& options, const std::function<void(SubmittedFile)>& done);

}  // namespace postern::cli
