// Messages from .msg files, with the sender, recipients and security of the command line.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "cli/input/file_names.h"
#include "mapi/loss.h"
#include "mapi/message.h"
#include "mime/compose.h"
#include "session/contact_folder.h"
#include "session/list_expansion.h"

namespace CLI {
class App;
}

namespace postern::cli {

/// mime::compose, with errors that name the file and say what to do about a missing sender.
mime::Plan compose(const std::filesystem::path& file, const mapi::Message& message,
                   const mime::ComposeOptions& options);

class MessageInput {
 public:
  void add_to(CLI::App& command);

  /// What is to be read. Throws mapi::Failure, one sentence, if the list cannot be opened.
  [[nodiscard]] FileNames names() const { return {files_, files_from_}; }

  /// Reads the lists and the times. Throws mapi::Failure if a list cannot be read or is none,
  /// UsageError if there is no file, a recipient on the command line is neither an address nor a
  /// list, or a time is none.
  void check();

  /// Throws UsageError if the messages cannot be delivered in time because of the option.
  void check_time(const std::string& option, std::optional<mapi::FileTime> earliest) const;

  /// Knows the lists and contacts of the command line. This object must outlive it.
  [[nodiscard]] session::RecipientResolver resolver() const;

  /// Reads a file and makes it a message ready to be submitted: replaces sender and recipients as
  /// asked, sets what is asked of its delivery and protection, and removes properties that are only
  /// valid in its original store. Adds what is lost to `losses`. Throws mapi::Failure,
  /// one sentence that names the file: unreadable, without recipients, without a sender.
  [[nodiscard]] mapi::Message load(const std::filesystem::path& file,
                                   std::vector<mapi::Loss>& losses) const;

 private:
  void check_recipient(const std::string& option, const std::string& text) const;
  void add_recipients(mapi::Message& message, mapi::RecipientType type,
                      const std::vector<std::string>& given) const;

  std::vector<std::string> files_;
  std::optional<std::string> files_from_;
  std::vector<std::string> list_files_;
  session::ContactFolder contacts_;
  std::optional<std::string> from_;
  std::vector<std::string> to_;
  std::vector<std::string> cc_;
  std::vector<std::string> bcc_;
  std::optional<std::string> priority_;
  std::optional<std::string> deliver_by_;
  std::optional<std::string> deliver_after_;
  std::optional<mapi::FileTime> latest_;
  std::optional<mapi::FileTime> earliest_;
  bool require_tls_ = false;
  bool tnef_ = false;
  bool sign_ = false;
  bool encrypt_ = false;
};

}  // namespace postern::cli
