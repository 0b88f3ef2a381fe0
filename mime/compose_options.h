// The input of `compose` besides the message (mapi-to-mime.md §2.5, §3).
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>

#pragma GCC visibility push(default)
namespace postern::mime {

/// Must exist as long as the call it is passed to.
struct ComposeOptions {
  /// The Date header of a message without PR_CLIENT_SUBMIT_TIME.
  std::chrono::system_clock::time_point now;
  /// The domain of a new Message-ID.
  std::string message_id_domain = "localhost";
  /// Random octets for boundaries and message ids; empty: from OpenSSL.
  std::function<void(std::span<std::byte>)> random;
  /// The From of a message without a sender (§2.5).
  std::optional<std::string> default_from;
  /// Which of the entities that replace the content is composed, if the message has any
  /// (PR_POSTERN_SECURED_ENTITY of its attachments).
  std::int32_t secured_entity = 0;
  /// The message goes as TNEF in a winmail.dat, beside its plain text (§9): only Outlook reads it,
  /// but nothing of it is lost. Reports and signed messages stay what they are. Without it a
  /// message that asks for TNEF (PR_POSTERN_TNEF) is sent so, but not written into a file.
  bool tnef = false;
  /// Headers may have UTF-8 addresses (the next hop has SMTPUTF8).
  bool smtputf8 = false;
  /// The result is a file, and sent by nobody (§§2.5, 3.1, 10): there need be no sender, and no
  /// date or Message-ID is made up, so that two runs give the same.
  bool is_file = false;
  /// With `is_file`: the recipients of blind copies stand in a Bcc field.
  bool with_bcc = false;
};

}  // namespace postern::mime
#pragma GCC visibility pop
