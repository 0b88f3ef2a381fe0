// Converts a message object to MIME (mapi-to-mime.md): plan first, then octets.
//
// `compose` makes a Plan of the value: the tree of parts with their headers and encodings, the
// sender's address, and what was lost, substituted or guessed. The plan's octets are read block by
// block (`content`), as often as needed, with the size known beforehand. No store, no network, no
// clock of its own: the same input, random octets included, gives the same octets.
//
// Errors: mapi::Failure with one sentence; what the message's contents throw passes through.
// Threads: the functions may be called from any threads at the same time; a Plan is read-only once
// made. Attachment data is read when the plan's content is, so its source must still be there.
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
#include "mapi/loss.h"
#include "mapi/message.h"
#include "mime/compose_options.h"

#pragma GCC visibility push(default)
namespace postern::mime {

class Entity;         // one node of the tree (mime/tree/entity.h)
struct MessageDraft;  // what a Plan is made of (mime/message/compose.cpp)

/// A composed message, ready to be read.
class Plan {
 public:
  Plan();
  Plan(Plan&&) noexcept;
  Plan& operator=(Plan&&) noexcept;
  ~Plan();

  [[nodiscard]] const Entity& root() const;
  /// The whole value of the Content-Type header, on one line.
  [[nodiscard]] std::string content_type() const;

  /// The Message-ID header's value, with angle brackets: PR_INTERNET_MESSAGE_ID or a new one, which
  /// the caller saves so that a retry carries the same.
  std::string message_id;
  /// The envelope's reverse path (RFC 5321 §4.1.1.2) if the caller has no other:
  /// PR_POSTERN_REVERSE_PATH, else the address of From. Empty for reports (the null reverse path).
  std::string reverse_path;
  /// What was lost, substituted or guessed, for the user.
  std::vector<mapi::Loss> losses;

  [[nodiscard]] std::uint64_t size() const;  ///< octets, CRLF line ends included
  /// The body has octets above 0x7F (8BITMIME is needed).
  [[nodiscard]] bool has_8bit() const;
  /// An address in the headers is not ASCII: only servers with SMTPUTF8 take the message (RFC
  /// 6531).
  [[nodiscard]] bool needs_smtputf8() const;
  /// The whole message, headers and body, lines ended by CRLF, no dot-stuffing. May outlive the
  /// plan.
  [[nodiscard]] mapi::Content content() const;

 private:
  friend Plan compose(const mapi::Message& message, const ComposeOptions& options);
  friend Plan compose_content(const mapi::Message& message, const ComposeOptions& options);
  static Plan of(MessageDraft draft);
  struct Tree;
  std::shared_ptr<const Tree> tree_;
};

/// The result of `check`.
struct Check {
  std::string message_id;          ///< as Plan::message_id
  std::vector<mapi::Loss> losses;  ///< as Plan::losses
};
/// What `compose` would tell; throws what it would throw. For a caller that accepts a message
/// which another program will send.
Check check(const mapi::Message& message, const ComposeOptions& options);

/// Throws mapi::Failure: MAPI_E_INVALID_PARAMETER if no sender address can be found and there is no
/// default (§2.5, §10), MAPI_E_TOO_COMPLEX if messages are nested too deeply or there are too many
/// parts. Missing recipients are no error: the sender of the message checks them.
Plan compose(const mapi::Message& message, const ComposeOptions& options);

/// The content alone, as a MIME entity: the Content-* headers and the body. S/MIME secures this
/// (RFC 8551 §3.1), and the result goes out under the message's own headers. Its text is 7bit;
/// 8-bit octets and long lines may only come from signed messages that are attached, which are
/// never rebuilt. Throws as `compose`. Plan::reverse_path is From also for reports.
Plan compose_content(const mapi::Message& message, const ComposeOptions& options);

/// The plan as text for people and tests: a line per part, indented by its depth, with its media
/// type and, if it has them, transfer encoding, "file name" and size before encoding.
std::string outline(const Plan& plan);

}  // namespace postern::mime
#pragma GCC visibility pop
