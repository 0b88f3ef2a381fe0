#include "cli/command/submission.h"

#include "cli/output/diagnostic.h"
#include "mapi/property_tags.h"

namespace postern::cli {
namespace {

SubmittedFile submit_file(mapi::MsgStore& store, const MessageInput& input, const std::string& file,
                          bool keep_sent_copy) {
  SubmittedFile result;
  result.file = file;
  try {
    std::vector<std::string> warnings;
    auto message = input.load(file, warnings);
    for (const auto& warning : warnings) print_file_diagnostic(file, "warning: " + warning);
    if (keep_sent_copy) {
      message.set(mapi::PR_SENTMAIL_ENTRYID, store.folder(mapi::SpecialFolder::sent_items).bytes);
    } else {
      message.set(mapi::PR_DELETE_AFTER_SUBMIT, true);
    }
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
                                        bool keep_sent_copy) {
  std::vector<SubmittedFile> files;
  for (const auto& file : input.files()) {
    files.push_back(submit_file(store, input, file, keep_sent_copy));
  }
  return files;
}

}  // namespace postern::cli
