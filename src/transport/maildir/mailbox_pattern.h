// Where the Maildir of an address lies.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace postern::transport {

/// An absolute path with "{domain}" and "{local}" in it, or without.
class MailboxPattern {
 public:
  /// Throws std::invalid_argument with one sentence.
  explicit MailboxPattern(std::string_view text);

  /// The directory that must exist: all mailboxes lie below it.
  [[nodiscard]] const std::filesystem::path& base() const { return base_; }

  /// The mailbox of a `local@domain`, relative to the base. Never leads out of it.
  [[nodiscard]] std::filesystem::path mailbox(std::string_view address) const;

 private:
  std::filesystem::path base_;
  std::filesystem::path below_;  ///< with the placeholders
};

}  // namespace postern::transport
