// The outcome of a delivery attempt for one recipient, with the server's reply
// (smtp-transactions.md §1).
//
// One type for all rooms: the SMTP engine makes it from the reply, the recipient row stores it
// (mapi/recipient_outcome.h), reports and the program show it.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/enhanced_status.h"

#pragma GCC visibility push(default)
namespace postern {

/// `delivered` and `failed` are final. `retry`: not delivered, to be tried again. `unknown`: the
/// content was sent to its end and no whole reply came back: to be tried again, which may deliver a
/// duplicate. The values are stored in message stores (PR_POSTERN_VERDICT).
enum class Verdict : std::int32_t { delivered = 1, failed = 2, retry = 3, unknown = 4 };

/// "delivered", "failed", "retry", "unknown".
std::string_view name(Verdict verdict);
[[nodiscard]] constexpr bool is_final(Verdict verdict) {
  return verdict == Verdict::delivered || verdict == Verdict::failed;
}

/// At which step of the delivery the outcome was decided, in their order. The names are stored in
/// message stores (PR_POSTERN_STAGE).
enum class Stage {
  submit,   ///< before any transport was asked
  compose,  ///< the message cannot be converted to MIME or signed
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

/// The result of one attempt for one recipient.
struct Outcome {
  Verdict verdict = Verdict::retry;
  Stage stage = Stage::connect;
  int code = 0;           ///< reply code; 0 if no reply was the cause (time-out, lost link)
  EnhancedStatus status;  ///< the server's if its class fits the code, else mapi-submission.md §9's
  std::string text;       ///< the reply's whole text, lines joined by LF; or our own sentence
  std::string host;       ///< "name[address]" or "name" of the server; empty if none was involved
  std::chrono::system_clock::time_point time;  ///< when it was decided
  /// `delivered`, and the server has promised to report that (RFC 3461 NOTIFY=SUCCESS): no delivery
  /// report is made here.
  bool next_hop_reports = false;
  /// False: no attempt was made, because the route is suspended for the reason given.
  bool attempted = true;
  /// `text` is a sentence of ours although there is a code; it may quote the server.
  bool own_words = false;

  /// `text` is what a server said, and nothing else.
  [[nodiscard]] bool has_reply() const { return code != 0 && !own_words; }

  friend bool operator==(const Outcome&, const Outcome&) = default;
};

}  // namespace postern
#pragma GCC visibility pop
