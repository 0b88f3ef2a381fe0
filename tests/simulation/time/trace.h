// The events of one world, for people who look for the cause of a fault.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "tests/simulation/time/simulated_clock.h"

namespace postern::simulation {

class Trace {
 public:
  explicit Trace(const SimulatedClock& clock, bool is_on)
      : clock_(clock), start_(clock.now()), is_on_(is_on) {}

  /// `text` is a function, so that a trace that is off costs nothing. `life`: nullopt: of all.
  template <class Text>
  void note(std::optional<std::size_t> life, const Text& text) {
    if (is_on_) events_.push_back({life, clock_.now() - start_, text()});
  }

  /// The events that concern the life, or all, one a line.
  [[nodiscard]] std::string text(std::optional<std::size_t> life) const;

 private:
  struct Event {
    std::optional<std::size_t> life;
    Span time;
    std::string text;
  };
  const SimulatedClock& clock_;
  Moment start_;
  bool is_on_;
  std::vector<Event> events_;
};

}  // namespace postern::simulation
