#include "tests/simulation/simulation.h"

#include <algorithm>

#include <fmt/format.h>

#include "tests/simulation/world.h"

namespace postern::simulation {
namespace {

/// The world once more, with its events.
std::string describe(std::uint64_t seed) {
  World world(seed, true);
  world.run();
  std::string text = fmt::format("seed {}:\n", seed);
  const auto& faults = world.ledger().faults();
  for (const Fault& fault : faults) {
    text += fault.life ? fmt::format("life {}: {}\n", *fault.life, fault.text) : fault.text + '\n';
  }
  if (faults.empty()) {
    text += "no fault when it was replayed: it does not go by its seed alone\n";
  } else {
    const auto of_a_life =
        std::ranges::find_if(faults, [](const Fault& fault) { return fault.life.has_value(); });
    const auto life = of_a_life == faults.end() ? std::nullopt : of_a_life->life;
    text += "the events of the first:\n" + world.trace().text(life);
  }
  return text + fmt::format(
                    "replay: POSTERN_SIMULATION_SEED={0} POSTERN_SIMULATION_LIVES=1 "
                    "simulation_test, or simulation --seed {0} --lives 1\n",
                    seed);
}

}  // namespace

Simulated simulate(std::uint64_t first_seed, std::uint64_t lives) {
  Simulated simulated;
  for (auto seed = first_seed; simulated.figures[Count::lives] < lives; ++seed) {
    bool has_fault = false;
    {
      World world(seed, false);
      world.run();
      simulated.figures += world.ledger().figures();
      has_fault = !world.ledger().faults().empty();
    }
    if (!has_fault) continue;
    simulated.fault = describe(seed);
    break;
  }
  return simulated;
}

std::string trace_of(std::uint64_t seed) {
  World world(seed, true);
  world.run();
  return world.trace().text(std::nullopt);
}

}  // namespace postern::simulation
