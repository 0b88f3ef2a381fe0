// From a message object to MIME (mapi-to-mime.md): plan first, then octets.
//
// `compose` takes the value and gives a Plan: the tree of parts with their headers and encodings,
// who it is from, and the warnings: what was lost, substituted or guessed, a sentence each. The
// plan's octets are pulled block by block (`open`), as often as needed, with the size known
// beforehand. No store, no network, no clock of its own: the same input gives the same octets.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "mapi/content.h"
#include "mapi/message.h"
#include "mime/compose_options.h"

#pragma GCC visibility push(default)
namespace postern::mime {

class Entity;  // one node of the tree (mime/tree/entity.h)

class Plan {
 public:
  Plan();
  Plan(Plan&&) noexcept;
  Plan& operator=(Plan&&) noexcept;
  ~Plan();

  [[nodiscard]] const Entity& root() const;

  /// The Message-ID header's value, with angle brackets: PR_INTERNET_MESSAGE_ID or a new one, which
  /// the caller saves so that a retry carries the same.
  std::string message_id;
  /// The address of From, for the envelope's reverse path (RFC 5321 §4.1.1.2) where the caller has
  /// no other. Empty for reports (the null reverse path).
  std::string reverse_path;
  /// What a user should know: lost, substituted, guessed. One sentence each.
  std::vector<std::string> warnings;

  [[nodiscard]] std::uint64_t size() const;  ///< octets, CRLF line ends included
  /// A header or body holds octets above 0x7F (8BITMIME or SMTPUTF8 is needed).
  [[nodiscard]] bool has_8bit() const;
  /// The whole message, headers and body, lines ended by CRLF, no dot-stuffing.
  [[nodiscard]] mapi::Content content() const;

 private:
  friend Plan compose(const mapi::Message& message, const ComposeOptions& options);
  struct Tree;
  std::shared_ptr<const Tree> tree_;
};

/// What is known of a message before any octet of it is made.
struct Check {
  std::string message_id;             ///< as Plan::message_id
  std::vector<std::string> warnings;  ///< as Plan::warnings
};
/// Whoever takes a message in order to have it sent by others learns what `compose` would say, and
/// has what it would throw thrown.
Check check(const mapi::Message& message, const ComposeOptions& options);

/// Throws mapi::Failure(MAPI_E_INVALID_PARAMETER) when no sender address can be found and there is
/// no default (§2.5, §10), MAPI_E_TOO_COMPLEX when messages are nested too deeply. Never fails for
/// missing recipients: that is the business of whoever sends.
Plan compose(const mapi::Message& message, const ComposeOptions& options);

/// The plan for people and tests: a line per part, indented by its depth, with its media type and,
/// as far as it has them, transfer encoding, "file name" and size before encoding.
std::string outline(const Plan& plan);

}  // namespace postern::mime
#pragma GCC visibility pop
