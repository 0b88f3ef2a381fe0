// Messages from .msg files, with the sender, recipients and security of the command line.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "mapi/message.h"
#include "mime/compose.h"

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

  [[nodiscard]] const std::vector<std::string>& files() const { return files_; }

  /// Throws UsageError if an address on the command line is invalid.
  void check() const;

  /// Reads a file and makes it a message ready to be submitted: replaces sender and recipients as
  /// asked, asks for a signature and encryption if told to, and removes properties that are only
  /// valid in its original store. Adds warnings about damage to `warnings`. Throws mapi::Failure,
  /// one sentence that names the file: unreadable, without recipients, without a sender.
  [[nodiscard]] mapi::Message load(const std::filesystem::path& file,
                                   std::vector<std::string>& warnings) const;

 private:
  std::vector<std::string> files_;
  std::optional<std::string> from_;
  std::vector<std::string> to_;
  std::vector<std::string> cc_;
  std::vector<std::string> bcc_;
  bool sign_ = false;
  bool encrypt_ = false;
};

}  // namespace postern::cli
