// S/MIME as a preprocessor (mapi-submission.md §3.4): signs and encrypts messages that ask for it
// by PR_SECURITY_FLAGS.
//
// The original stays whole in the message. Each entity that is sent instead of its content is one
// more attachment, marked by PR_POSTERN_SECURED_ENTITY, whose value is its number; a recipient row
// with a number gets that one, all others number 0. `mime::compose` sends it under the headers of
// the original: these, the subject among them, are not secured. RemovePreprocessInfo takes the
// attachments and the numbers away.
//
// Bcc recipients must not be disclosed by the envelope, which names everybody it was encrypted for:
// a recipient that no To or Cc header shows gets an entity of its own, which is sent in a
// transaction of its own (transport/smtp_transport.h). Each costs as much disk as the message has.
//
// A message is never sent with less than it asks for: who has no certificate that can be used gets
// nothing (PreprocessResult::undeliverable, 5.7.5), and a transport asks `lacks_security` last.
// What its own client has signed or encrypted (the classes of mapi-to-mime.md §8) is left alone,
// but for the encryption of a signed one.
//
// Errors and threads: those of mapi/preprocessor.h. An identity that is there but cannot be used (a
// wrong passphrase, an expired certificate) is a mapi::Failure that names its file: the message
// waits until an operator has put it right.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "mapi/preprocessor.h"
#include "smime/key_directory.h"

#pragma GCC visibility push(default)
namespace postern::smime {

/// Where keys and certificates come from.
struct SmimeOptions {
  std::shared_ptr<const IdentitySource> identities{};       ///< null: nobody can sign
  std::shared_ptr<const CertificateSource> certificates{};  ///< null: nothing is encrypted
  /// Where encrypted messages lie until the store has taken them; empty: $TMPDIR, else /var/tmp,
  /// since /tmp may be memory.
  std::filesystem::path temporary_directory{};
  /// The From of messages without a sender, as the transport has it.
  std::optional<std::string> default_from{};
  /// The time by which certificates are judged.
  std::function<std::chrono::system_clock::time_point()> now = std::chrono::system_clock::now;
};

/// The pair of functions, for messages to anybody that ask for it.
mapi::Preprocessor make_preprocessor(SmimeOptions options);

/// A sentence if the message asks for more than an entity of this Content-Type gives: it must not
/// be sent. The message was not preprocessed then.
std::optional<std::string> lacks_security(const mapi::Message& message,
                                          std::string_view content_type);

}  // namespace postern::smime
#pragma GCC visibility pop
