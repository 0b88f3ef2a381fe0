#include "cli/command/submission.h"

#include "cli/output/diagnostic.h"
#include "mapi/loss.h"
#include "mapi/property_tags.h"

namespace postern::cli {
namespace {

/// Number and units would win over the time (mapi-submission.md §3.10).
void defer(mapi::Message& message, mapi::FileTime send_time) {
  message.erase(mapi::PR_DEFERRED_SEND_NUMBER);
  message.erase(mapi::PR_DEFERRED_SEND_UNITS);
  message.set(mapi::PR_DEFERRED_SEND_TIME, send_time);
}

SubmittedFile submit_file(mapi::MsgStore& store, const MessageInput& input, const std::string& file,
                          bool keep_sent_copy, std::optional<mapi::FileTime> send_time) {
  SubmittedFile result;
  result.file = file;
  try {
    std::vector<mapi::Loss> losses;
    auto message = input.load(file, losses);
    for (const auto& loss : losses) print_file_diagnostic(file, "warning: " + loss.sentence);
    mapi::keep_losses(message, losses);
    if (keep_sent_copy) {
      message.set(mapi::PR_SENTMAIL_ENTRYID, store.folder(mapi::SpecialFolder::sent_items).bytes);
    } else {
      message.set(mapi::PR_DELETE_AFTER_SUBMIT, true);
    }
    if (send_time) defer(message, *send_time);
    result.message = message;
    result.message.attachments.clear();
    result.entry = store.submit(store.folder(mapi::SpecialFolder::outbox), std::move(message));
  } catch (const mapi::Failure& failure) {
    result.error = file_diagnostic(file, failure.what());
    result.error_status = exit_status_of(failure.code());
    print_diagnostic(result.error);
  }
  return result;
}

}  // namespace

std::vector<SubmittedFile> submit_files(mapi::MsgStore& store, const MessageInput& input,
                                        bool keep_sent_copy,
                                        std::optional<mapi::FileTime> send_time) {
  std::vector<SubmittedFile> files;
  for (const auto& file : input.files()) {
    files.push_back(submit_file(store, input, file, keep_sent_copy, send_time));
  }
  return files;
}

}  // namespace postern::cli
