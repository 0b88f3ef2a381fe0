// Those who read what was made: the openssl command and Python's email package.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mapi/content.h"
#include "tests/smime/keys.h"
#include "tests/temporary_directory.h"

namespace postern::smime {

std::string octets_of(const mapi::Content& content);
void write_file(const std::filesystem::path& path, const mapi::Content& content);
std::string read_file(const std::filesystem::path& path);

/// The openssl command, with the files it needs.
class OpensslReader {
 public:
  OpensslReader();

  /// The content that a message's signature covers, with CRLF line ends; nullopt if it does not
  /// hold or its signer is not known to the authority.
  [[nodiscard]] std::optional<std::string> verified(std::string_view message) const;
  /// The content that was encrypted; nullopt if it cannot be decrypted by this recipient.
  [[nodiscard]] std::optional<std::string> decrypted(std::string_view message,
                                                     const Pair& recipient) const;
  /// Files for what is too big: `into` gets the content. Returns whether that was possible.
  [[nodiscard]] bool verify_file(const std::filesystem::path& message,
                                 const std::filesystem::path& into) const;
  [[nodiscard]] bool decrypt_file(const std::filesystem::path& message, const Pair& recipient,
                                  const std::filesystem::path& into) const;
  /// How many recipients' keys the message's envelope has.
  [[nodiscard]] std::size_t recipient_infos(std::string_view message) const;

 private:
  test::TemporaryDirectory directory_;
};

/// What Python's email package finds in a message: a line "type filename sha256" for each leaf.
std::vector<std::string> leaves(const std::filesystem::path& message);
std::vector<std::string> leaves_of(std::string_view message);
/// SHA-256 in hexadecimal.
std::string sha256(const mapi::Content& content);

}  // namespace postern::smime
