// Worlds, one after the other, until enough lives were lived or one has a fault.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "tests/simulation/figures.h"

namespace postern::simulation {

struct Simulated {
  Figures figures;
  /// Of the first world with a fault: its seed, what is wrong, the events, and how it is replayed.
  std::optional<std::string> fault;
};

/// `first_seed` and those behind it.
Simulated simulate(std::uint64_t first_seed, std::uint64_t lives);

/// All events of the world of that seed.
std::string trace_of(std::uint64_t seed);

}  // namespace postern::simulation
