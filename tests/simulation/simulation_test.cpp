// Message lives through the whole gateway, held to what must be true at their end: nothing lost,
// nothing doubled but in the window of an unsaved final reply, every report made once.
//
// POSTERN_SIMULATION_LIVES is how many, POSTERN_SIMULATION_SEED the seed of the first world; a
// fault names the seed of its world, and prints the events of the life.
#include "tests/simulation/simulation.h"

#include <cstdlib>

#include <gtest/gtest.h>

namespace postern::simulation {
namespace {

std::uint64_t number(const char* name, std::uint64_t otherwise) {
  const char* const text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

#if defined(POSTERN_ADDRESS_SANITIZER) || defined(__SANITIZE_THREAD__)
constexpr std::uint64_t usual_lives = 300;
#elif defined(NDEBUG)
constexpr std::uint64_t usual_lives = 5'000;
#else
constexpr std::uint64_t usual_lives = 1'500;
#endif

TEST(Simulation, EveryLifeEndsOnceWhateverHappens) {
  const auto simulated = simulate(number("POSTERN_SIMULATION_SEED", 1),
                                  number("POSTERN_SIMULATION_LIVES", usual_lives));
  EXPECT_FALSE(simulated.fault) << *simulated.fault;
}

TEST(Simulation, GoesByItsSeedAlone) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed)
    EXPECT_EQ(trace_of(seed), trace_of(seed)) << seed;
}

}  // namespace
}  // namespace postern::simulation
