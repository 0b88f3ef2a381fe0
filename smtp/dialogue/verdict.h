// The error policy of the engine: which verdict and which enhanced status a reply or a loss gives
// (smtp-transactions.md §§1–2, mapi-submission.md §9). Whom a refusal is about: refusal.h.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/outcome.h"
#include "smtp/dialogue/reply.h"

namespace postern::smtp {

/// What a reply means at its place in the dialogue.
enum class ReplyMeaning {
  accepted,      ///< 2yz
  send_content,  ///< 354 to DATA
  refused,       ///< 4yz or 5yz
  closing,       ///< 421: the server ends the session
  out_of_sync,   ///< not a reply to the command: which reply belongs to which is unknown
};
ReplyMeaning meaning_of(Stage stage, const Reply& reply);

/// The status at the front of the reply's text (RFC 2034 §4), whatever its class.
std::optional<EnhancedStatus> own_status(const Reply& reply);

/// The server is overloaded or limits our rate, and does not object to this message or recipient:
/// any 421, and after MAIL, DATA and the content 4yz with x.3.z, x.4.z or, unless it was the
/// content, x.7.z (RFC 3463 §§3.4, 3.5, 3.8).
bool is_push_back(const Outcome& outcome);

/// The server's own status if its class fits the code's; class.0.0 if it does not; the one in the
/// table of mapi-submission.md §9 if there is none.
EnhancedStatus status_of(Stage stage, const Reply& reply);

/// The verdict of a reply: 2yz delivered, 5yz failed, everything else retry.
Outcome outcome_of(Stage stage, const Reply& reply, std::string_view host, TimePoint now);
/// The same as `outcome_of`, always retry: for faults of the route.
Outcome retry_outcome_of(Stage stage, const Reply& reply, std::string_view host, TimePoint now);

/// How a dialogue ended without a reply that would explain it.
struct Loss {
  enum class Cause {
    closed,           ///< the server closed the connection, or it broke
    ended_by_server,  ///< with a 421: what it had not answered it has not done
    timed_out,        ///< no whole reply, or the content was taken too slowly
    out_of_sync,      ///< the server sent an unexpected reply
    stopped,          ///< by the caller
    source_failed,    ///< the message could not be read to its end
    no_resources,     ///< the process or its machine is out of a resource
  };
  Cause cause;
  std::string text;  ///< one sentence
};
Outcome outcome_of(const Loss& loss, Verdict verdict, Stage stage, std::string_view host,
                   TimePoint now);

/// Refused here, before any octet was sent for it.
Outcome local_refusal(Stage stage, EnhancedStatus status, std::string text, std::string_view host,
                      TimePoint now);

/// A failure of routing, decided before any connection.
Outcome no_route(Verdict verdict, EnhancedStatus status, std::string text,
                 std::chrono::system_clock::time_point now);
/// "mail for x loops back to us", 5.4.6.
Outcome loops_back(const std::string& domain, std::chrono::system_clock::time_point now);

}  // namespace postern::smtp
