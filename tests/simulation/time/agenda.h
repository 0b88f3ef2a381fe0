// What will happen in simulated time.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <utility>

#include "tests/simulation/time/simulated_clock.h"

namespace postern::simulation {

class Agenda {
 public:
  explicit Agenda(const SimulatedClock& clock) : clock_(clock) {}

  void after(Span span, std::function<void()> event) {
    events_.emplace(std::pair(clock_.now() + span, ++last_), std::move(event));
  }
  [[nodiscard]] Moment now() const { return clock_.now(); }
  [[nodiscard]] bool is_empty() const { return events_.empty(); }
  [[nodiscard]] std::optional<Moment> next() const {
    return events_.empty() ? std::nullopt : std::optional(events_.begin()->first.first);
  }
  /// All that is due.
  void run() {
    while (!events_.empty() && events_.begin()->first.first <= clock_.now()) {
      const auto event = events_.extract(events_.begin());
      event.mapped()();
    }
  }

 private:
  const SimulatedClock& clock_;
  std::map<std::pair<Moment, std::uint64_t>, std::function<void()>> events_;
  std::uint64_t last_ = 0;
};

}  // namespace postern::simulation
