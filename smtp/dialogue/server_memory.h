// What was learned about a server, for the messages that follow. Each fact has an end, so that a
// server that was mended is found out. No clock.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "smtp/dialogue/capabilities.h"
#include "smtp/dialogue/command.h"

namespace postern::smtp {

class ServerMemory {
 public:
  static constexpr std::chrono::hours kept{24};
  static constexpr std::chrono::hours suspected{1};  ///< what may have been by chance

  /// Whether an extension that the server offers works there. `doubtful`: the next transaction goes
  /// without it, and so shows it.
  enum class Works { untried, yes, doubtful, no };

  [[nodiscard]] Works pipelining(SteadyTime now) const { return current(pipelining_, now); }
  /// A transaction whose commands were sent together was answered.
  void flight_worked(SteadyTime now) {
    // What another connection has shown since stays.
    if (pipelining(now) == Works::untried) pipelining_ = {Works::yes, {}};
  }
  /// The server has refused commands because they were sent together.
  void flight_refused() { pipelining_ = {Works::doubtful, {}}; }
  /// A transaction came to nothing in a way that a server that loses commands would cause.
  void flight_failed(SteadyTime now);
  /// The connection was lost: that is doubtful only if it happens again.
  void flight_lost(SteadyTime now);
  /// While pipelining is doubtful: how a transaction without it has ended.
  void lock_step_ended(bool well, SteadyTime now);

  [[nodiscard]] Works chunking(SteadyTime now) const { return current(chunking_, now); }
  [[nodiscard]] bool chunking_is_proven() const { return chunking_.value == Works::yes; }
  void chunking_worked(SteadyTime now) {
    if (chunking(now) == Works::untried) chunking_ = {Works::yes, {}};
  }
  void chunking_refused(SteadyTime now) {
    chunking_ = {Works::no, now + kept};
    news_ = true;
  }

  /// The recipients that a transaction may have.
  [[nodiscard]] std::optional<std::size_t> recipient_limit(SteadyTime now) const;
  void learn_recipient_limit(std::size_t most, SteadyTime now) { set_limit(most, now + kept); }
  /// A session was lost with more, which may have had another reason.
  void suspect_recipient_limit(std::size_t most, SteadyTime now) {
    set_limit(most, now + suspected);
  }

  /// Parameters that the server refuses although it offers them.
  [[nodiscard]] ParameterSet without(SteadyTime now) const;
  void parameters_refused(const ParameterSet& refused, SteadyTime now);

  /// For people: a fact, and until when it is believed.
  struct Fact {
    std::string text;
    SteadyTime until;
  };
  [[nodiscard]] std::vector<Fact> facts(SteadyTime now) const;
  /// Whether there are other facts than when this was asked last.
  bool take_news() { return std::exchange(news_, false); }

 private:
  template <class Value>
  struct Until {
    Value value{};
    SteadyTime until{};  ///< of what is not `yes` or untried
  };
  static Works current(const Until<Works>& known, SteadyTime now) {
    return known.value == Works::no && known.until <= now ? Works::untried : known.value;
  }

  void set_limit(std::size_t most, SteadyTime until) {
    news_ = news_ || most != limit_.value;
    limit_ = {most, until};
  }

  Until<Works> pipelining_;
  Until<Works> chunking_;
  Until<std::size_t> limit_;
  Until<ParameterSet> without_;
  int flights_lost_ = 0;  ///< one after the other
  bool news_ = false;
};

/// The extensions that are used: those that the modes allow and that are not known to be broken.
Capabilities usable(Capabilities offered, const Modes& modes, const ServerMemory& memory,
                    SteadyTime now);

/// What is left without those that the operator does not want of this server (its name in lower
/// case).
Capabilities without(Capabilities offered, const std::vector<UnusedExtension>& unused,
                     std::string_view host);

}  // namespace postern::smtp
