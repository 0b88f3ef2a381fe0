// A report that came back by mail, as a value: what a mail system says about a message that was
// sent (RFC 3464, RFC 6533), a reader's disposition of it (RFC 8098), or a complaint (RFC 5965).
//
// `mime/read_report.h` reads it from a mail. Everything in it is what others wrote: text is one
// line of UTF-8 without control characters, and proves nothing about who wrote it. What the mail
// does not say is empty.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/enhanced_status.h"
#include "mapi/file_time.h"

#pragma GCC visibility push(default)
namespace postern::mapi {

enum class ReturnedKind {
  none,         ///< no report, or none that can be read for certain
  delivery,     ///< a delivery status notification, or a bounce in a form that is known
  disposition,  ///< a message disposition notification: read, or deleted unread
  feedback,     ///< a complaint about the message
};

/// What is said about one recipient (RFC 3464 §2.3).
struct ReturnedRecipient {
  std::string address;             ///< Final-Recipient
  std::string original_address{};  ///< Original-Recipient: the address that the sender gave (ORCPT)
  std::string
      action{};  ///< in lower case: failed, delayed, delivered, relayed, expanded, or another
  EnhancedStatus status{};
  std::string diagnostic{};          ///< with its type, "smtp; 550 5.1.1 no such user"
  std::string remote_host{};         ///< Remote-MTA, whose words the diagnostic is
  std::string supplementary_info{};  ///< X-Supplementary-Info (PR_SUPPLEMENTARY_INFO)
  std::optional<FileTime> last_attempt{};
  std::optional<FileTime> will_retry_until{};
};

struct ReturnedReport {
  ReturnedKind kind = ReturnedKind::none;
  std::string message_id;           ///< of the report itself, with angle brackets
  std::string envelope_id;          ///< ENVID of the submission
  std::string original_message_id;  ///< Message-ID of the message reported on, with angle brackets
  std::string reporting_mta;        ///< the host that reports
  std::string disposition;          ///< of a disposition, in lower case: displayed, deleted, …
  std::string feedback_type;        ///< of feedback, in lower case: abuse, fraud, …
  std::vector<ReturnedRecipient> recipients;
  /// There was more than is read: more than 8 MiB of fields, or more than 100,000 recipients.
  bool incomplete = false;
};

}  // namespace postern::mapi
#pragma GCC visibility pop
