// How fast one destination is fed: how many connections it gets at once, how many messages,
// recipients and connections in a time, and how long it is left alone when it fails. No sockets, no
// clock.
//
// The number of connections opens with every message that is answered, at first by one each, and
// once the destination has pushed back by one for as many messages as there are connections; each
// push-back (smtp/dialogue/verdict.h) closes it by one. A push-back on the last connection, or
// hosts that cannot be reached, suspend the destination: for a pause that doubles until something
// works again. What an operator has to mend suspends it for the longest pause at once: a password
// that is refused again and again locks the user out.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>

#include "smtp/client.h"
#include "smtp/engine/rate_limit.h"

namespace postern::smtp {

class ConcurrencyLimiter {
 public:
  /// `most`: connections at once, at least 1.
  ConcurrencyLimiter(const PaceOptions& options, std::size_t most);

  /// That may be open now; at least 1.
  [[nodiscard]] std::size_t connections() const { return static_cast<std::size_t>(window_); }

  /// From when on one more may be begun.
  [[nodiscard]] SteadyTime next_message() const;
  [[nodiscard]] bool limits_messages() const {
    return options_.messages.count > 0 || options_.recipients.count > 0;
  }
  [[nodiscard]] SteadyTime next_connection() const { return connection_rate_.next(); }
  void on_message_begun(std::size_t recipients, SteadyTime now);
  void on_connection_begun(SteadyTime now) { connection_rate_.took(1, now); }

  /// The destination has answered a message, if only with a refusal. True: it had been suspended.
  bool on_success();
  /// It has said "later". True: it is suspended from now on.
  bool on_pushback(const RouteFault& why, SteadyTime now);
  /// It took no further connection beside so many that are open.
  void on_connection_refused(std::size_t open);
  /// None of its hosts could be used, or an operator has something to mend.
  void on_failure(const RouteFault& why, SteadyTime now);
  /// What suspends it is to be tried again at once.
  void resume() { until_ = {}; }

  /// It may be suspended: what it heard last was a failure.
  [[nodiscard]] bool failing() const { return why_.has_value(); }
  /// Why nothing may be begun now; null where it may.
  [[nodiscard]] const RouteFault* suspended(SteadyTime now) const;
  /// Nothing has to be minded: it is not suspended, and all that the rates count is long ago.
  [[nodiscard]] bool is_idle(SteadyTime now) const;
  /// Until when, where it is suspended.
  [[nodiscard]] SteadyTime suspended_until() const { return until_; }

 private:
  const PaceOptions options_;
  const double most_;
  double window_;
  double steep_below_;  ///< opens by one for each message up to there
  RateLimit message_rate_;
  RateLimit recipient_rate_;
  RateLimit connection_rate_;
  int failures_ = 0;  ///< one after the other
  std::optional<RouteFault> why_;
  SteadyTime until_{};
};

}  // namespace postern::smtp
