#include "cli/command/submission.h"

#include <cstdint>
#include <filesystem>
#include <system_error>
#include <utility>
#include <variant>
#include <vector>

#include "cli/input/file_names.h"
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

/// Files that are submitted together.
class FileBatch {
 public:
  FileBatch(mapi::MsgStore& store, const MessageInput& input, const SubmissionOptions& options,
            const std::function<void(SubmittedFile)>& done)
      : store_(store),
        input_(input),
        options_(options),
        done_(done),
        outbox_(store.folder(mapi::SpecialFolder::outbox)),
        sent_items_(store.folder(mapi::SpecialFolder::sent_items)) {}

  void add(const std::string& file) {
    SubmittedFile result;
    result.file = file;
    try {
      auto message = load(file);
      result.message = message;
      result.message.attachments.clear();
      messages_.push_back(std::move(message));
    } catch (const mapi::Failure& failure) {
      set_error(result, failure);
    }
    files_.push_back(std::move(result));
    std::error_code none;
    const auto size = std::filesystem::file_size(file, none);
    if (!none) octets_ += size;
  }

  [[nodiscard]] bool is_full() const {
    return files_.size() >= files_together || octets_ >= octets_together;
  }

  void submit() {
    std::vector<mapi::MsgStore::Submitted> results;
    if (!messages_.empty()) {
      results = store_.submit_all(outbox_, std::move(messages_));
    }
    auto next = results.begin();
    for (auto& file : files_) {
      if (file.error.empty()) take(file, *next++);
      if (!file.error.empty()) print_diagnostic(file.error);
      done_(std::move(file));
    }
    messages_.clear();
    files_.clear();
    octets_ = 0;
  }

 private:
  static constexpr std::size_t files_together = 128;
  static constexpr std::uintmax_t octets_together = 8U << 20U;

  [[nodiscard]] mapi::Message load(const std::string& file) const {
    std::vector<mapi::Loss> losses;
    auto message = input_.load(file, losses);
    for (const auto& loss : losses) print_file_diagnostic(file, "warning: " + loss.sentence);
    mapi::keep_losses(message, losses);
    if (options_.keep_sent_copy) {
      message.set(mapi::PR_SENTMAIL_ENTRYID, sent_items_.bytes);
    } else {
      message.set(mapi::PR_DELETE_AFTER_SUBMIT, true);
    }
    if (options_.send_time) defer(message, *options_.send_time);
    return message;
  }

  static void take(SubmittedFile& file, const mapi::MsgStore::Submitted& result) {
    if (const auto* entry = std::get_if<mapi::EntryId>(&result)) {
      file.entry = *entry;
    } else {
      set_error(file, std::get<mapi::Failure>(result));
    }
  }

  static void set_error(SubmittedFile& file, const mapi::Failure& failure) {
    file.error = file_diagnostic(file.file, failure.what());
    file.error_status = exit_status_of(failure.code());
  }

  mapi::MsgStore& store_;
  const MessageInput& input_;
  const SubmissionOptions& options_;
  const std::function<void(SubmittedFile)>& done_;
  const mapi::EntryId outbox_;
  const mapi::EntryId sent_items_;
  std::vector<SubmittedFile> files_;
  std::vector<mapi::Message> messages_;  ///< of those without an error
  std::uintmax_t octets_ = 0;
};

}  // namespace

void submit_files(mapi::MsgStore& store, const MessageInput& input,
                  const SubmissionOptions& options,
                  const std::function<void(SubmittedFile)>& done) {
  FileNames names = input.names();
  FileBatch batch(store, input, options, done);
  while (const auto name = names.next()) {
    batch.add(*name);
    if (batch.is_full() || !names.is_ready()) batch.submit();
  }
  batch.submit();
}

}  // namespace postern::cli
