// A preprocessor: a pair of functions that a transport registers, to change outgoing messages
// before any transport sends them, and to take the changes back afterwards (mapi-submission.md
// §3.4).
//
// Threads: the functions may be called from several threads at once. Errors: a mapi::Failure means
// that the message cannot be preprocessed now; it stays queued and is tried again.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "mapi/entry_id.h"
#include "mapi/message.h"

#pragma GCC visibility push(default)
namespace postern::mapi {

/// What PreprocessMessage returns besides the message it has changed.
struct PreprocessResult {
  /// Messages to be sent as well; the spooler submits them. They are not preprocessed.
  std::vector<Message> further_messages;
  /// Rows that cannot be served, as SenderSupport::status_recips takes them.
  std::vector<Recipient> undeliverable;
};

/// RegisterPreprocessor's arguments. Either list matches; if both are empty, every message does.
struct Preprocessor {
  std::vector<ProviderUid> uids;           ///< providers named by recipients' entry ids
  std::vector<std::string> address_types;  ///< of recipients; compared without case
  /// PreprocessMessage. If it fails, the changes it made to the message are dropped.
  std::function<PreprocessResult(Message& message)> preprocess;
  /// RemovePreprocessInfo. Leaves alone what has not been preprocessed.
  std::function<void(Message& message)> remove_info;
  /// Whether such a message asks for what the preprocessor does. One that asks for nothing costs no
  /// second pass and no commit. Empty: every message does.
  std::function<bool(const Message& message)> is_needed{};
};

}  // namespace postern::mapi
#pragma GCC visibility pop
