// The outcome of one delivery attempt for one recipient, as it is kept in the recipient row.
//
// One typed outcome travels unbroken from the socket to the report: the SMTP engine makes it, the
// transport writes it into the row with `set_outcome`, the spooler builds reports from it and the
// program shows it. PR_RESPONSIBILITY stays the only statement about who is done (§6).
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "mapi/message.h"

namespace postern::mapi {

/// smtp-transactions.md §1. `delivered` and `failed` are final; the other two are tried again.
enum class Verdict : std::int32_t { delivered = 1, failed = 2, retry = 3, unknown = 4 };

/// "delivered", "failed", "retry", "unknown".
std::string_view name(Verdict verdict);
[[nodiscard]] constexpr bool is_final(Verdict verdict) {
  return verdict == Verdict::delivered || verdict == Verdict::failed;
}

/// An enhanced status code (RFC 3463): class.subject.detail; 0.0.0 = none.
struct EnhancedStatus {
  int status_class = 0;
  int subject = 0;
  int detail = 0;

  friend auto operator<=>(const EnhancedStatus&, const EnhancedStatus&) = default;
  [[nodiscard]] bool empty() const { return status_class == 0; }
  [[nodiscard]] std::string text() const;  ///< "5.1.1"; empty for none
  static std::optional<EnhancedStatus> parse(std::string_view text);
};

struct Outcome {
  Verdict verdict = Verdict::retry;
  std::string
      stage;     ///< where it was decided: "connect" … "end", or "submit" (before any transport)
  int code = 0;  ///< SMTP reply code; 0 where no reply was the cause
  EnhancedStatus status;  ///< RFC 3463
  std::string text;       ///< the server's text whole, lines joined by LF; or our own sentence
  std::string host;       ///< who said it; empty where nobody did
  std::chrono::system_clock::time_point time;
  /// `delivered`, and the server that took the message was asked to report that and has promised to
  /// (§8.4): no delivery report is made here.
  bool next_hop_reports = false;
};

/// Writes the outcome into the row and counts the attempt. For `delivered` and `failed` the
/// columns of a report row (§8.1) are set as well. Does not touch PR_RESPONSIBILITY.
void set_outcome(Recipient& recipient, const Outcome& outcome);

/// What `set_outcome` wrote last; nothing for a row that was never tried.
std::optional<Outcome> outcome(const Recipient& recipient);

/// How often the row was offered to a transport and came back with an outcome.
int attempts(const Recipient& recipient);

/// Removes everything `set_outcome` wrote (a new submission starts afresh).
void clear_outcome(Recipient& recipient);

/// PR_NDR_REASON_CODE, PR_NDR_DIAG_CODE and PR_NDR_STATUS_CODE for an enhanced status
/// (mapi-submission.md §14).
struct NdrCodes {
  std::int32_t reason = 0;
  std::int32_t diagnostic = -1;
  std::int32_t status = 0;
};
NdrCodes ndr_codes(const EnhancedStatus& status);

}  // namespace postern::mapi
