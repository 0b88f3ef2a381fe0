// Limits what one destination gets: connections at once, and the rates of messages, recipients and
// connections; and suspends it for a time when it fails. No sockets, no clock.
//
// The limit of connections grows with every message that is answered: first by one each (slow
// start), and after a push-back by one for as many messages as there are connections; each
// push-back (smtp/dialogue/verdict.h) reduces it by one. A push-back on the last connection, or
// hosts that cannot be reached, suspend the destination for a pause that doubles until a message is
// answered. A configuration fault suspends it for the longest pause at once: a password that is
// refused again and again locks the user out.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>

#include "smtp/client.h"
#include "smtp/engine/rate_limit.h"

namespace postern::smtp {

class ConcurrencyLimiter {
 public:
  /// `most`: the maximum of connections, at least 1.
  ConcurrencyLimiter(const PaceOptions& options, std::size_t most);

  /// The number of connections that may be open now; at least 1.
  [[nodiscard]] std::size_t connections() const { return static_cast<std::size_t>(window_); }

  /// When the next message may be begun.
  [[nodiscard]] SteadyTime next_message() const;
  [[nodiscard]] bool limits_messages() const {
    return options_.messages.count > 0 || options_.recipients.count > 0;
  }
  [[nodiscard]] SteadyTime next_connection() const { return connection_rate_.next(); }
  void on_message_begun(std::size_t recipients, SteadyTime now);
  void on_connection_begun(SteadyTime now) { connection_rate_.took(1, now); }

  /// The destination has answered a message, perhaps with a refusal. Returns whether the last
  /// result before was a failure.
  bool on_success();
  /// The destination asks for less. Returns true if it is suspended from now on.
  bool on_pushback(const RouteFault& why, SteadyTime now);
  /// It refused a further connection while `open` others are open.
  void on_connection_refused(std::size_t open);
  /// None of its hosts could be used, or its configuration is wrong.
  void on_failure(const RouteFault& why, SteadyTime now);
  /// Ends the suspension.
  void resume() { until_ = {}; }

  /// The last result was a failure: it may be suspended.
  [[nodiscard]] bool failing() const { return why_.has_value(); }
  /// Why it is suspended now; nullptr if it is not.
  [[nodiscard]] const RouteFault* suspended(SteadyTime now) const;
  /// It is not suspended, and its rates are back at their full allowance: it may be forgotten.
  [[nodiscard]] bool is_idle(SteadyTime now) const;
  /// The end of the suspension, if it is suspended.
  [[nodiscard]] SteadyTime suspended_until() const { return until_; }

 private:
  const PaceOptions options_;
  const double most_;
  double window_;
  double steep_below_;  ///< below it the window grows by one for each message (slow start)
  RateLimit message_rate_;
  RateLimit recipient_rate_;
  RateLimit connection_rate_;
  int failures_ = 0;  ///< one after the other
  std::optional<RouteFault> why_;
  SteadyTime until_{};
};

}  // namespace postern::smtp
