// Outcomes: what became of each recipient, with the server's own words (smtp-transactions.md §1).
//
// One type for all rooms: the SMTP engine makes it where the reply is read, the recipient row keeps
// it (mapi/recipient_outcome.h), reports and the program show it.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/enhanced_status.h"

#pragma GCC visibility push(default)
namespace postern {

/// `delivered` and `failed` are final. `retry`: nothing was delivered, try again. `unknown`: the
/// content was sent to its end and no whole reply came back: try again, perhaps a duplicate.
/// The values are kept in message stores (PR_POSTERN_VERDICT).
enum class Verdict : std::int32_t { delivered = 1, failed = 2, retry = 3, unknown = 4 };

/// "delivered", "failed", "retry", "unknown".
std::string_view name(Verdict verdict);
[[nodiscard]] constexpr bool is_final(Verdict verdict) {
  return verdict == Verdict::delivered || verdict == Verdict::failed;
}

/// Where it was decided, in the order of the way. The names are kept in message stores
/// (PR_POSTERN_STAGE).
enum class Stage {
  submit,   ///< before any transport was asked
  compose,  ///< it cannot be put into MIME, or not be signed
  address,  ///< before any octet was sent for the recipient
  connect,
  greeting,
  ehlo,
  starttls,
  auth,
  mail,
  rcpt,
  data,
  content,
  end
};

/// "submit" … "end".
std::string_view name(Stage stage);
/// The stage of that name; nullopt for any other text.
std::optional<Stage> stage_named(std::string_view name);

/// What one attempt came to for one recipient.
struct Outcome {
  Verdict verdict = Verdict::retry;
  Stage stage = Stage::connect;
  int code = 0;           ///< reply code; 0 where no reply was the cause (time-out, lost link)
  EnhancedStatus status;  ///< the server's where its class fits the code, else spec §9's table
  std::string text;       ///< the reply's text whole, lines joined by LF; or our own sentence
  std::string host;       ///< "name[address]" or "name" of who said it; empty where nobody did
  std::chrono::system_clock::time_point time;
  /// `delivered`, and the server has promised to report that (RFC 3461 NOTIFY=SUCCESS): no delivery
  /// report is made here.
  bool next_hop_reports = false;
  /// False: nothing was tried, because the route is left alone for a time for the reason given.
  bool attempted = true;
};

}  // namespace postern
#pragma GCC visibility pop
