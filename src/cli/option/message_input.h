// Messages from .msg files, with what the command line replaces in them.
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

/// mime::compose, with the file named where it fails, and what to do about a missing sender.
mime::Plan compose(const std::filesystem::path& file, const mapi::Message& message,
                   const mime::ComposeOptions& options);

class MessageInput {
 public:
  void add_to(CLI::App& command);

  [[nodiscard]] const std::vector<std::string>& files() const { return files_; }

  /// UsageError when an address given on the command line is none.
  void check() const;

  /// Reads a file and makes it a message ready to be submitted: sender and recipients replaced as
  /// asked, what only meant something in the store it came from removed. Warnings about damage go
  /// to `warnings`. Throws mapi::Failure, one sentence that names the file: unreadable, without
  /// recipients, without a sender.
  [[nodiscard]] mapi::Message load(const std::filesystem::path& file,
                                   std::vector<std::string>& warnings) const;

 private:
  std::vector<std::string> files_;
  std::optional<std::string> from_;
  std::vector<std::string> to_;
  std::vector<std::string> cc_;
  std::vector<std::string> bcc_;
};

}  // namespace postern::cli
