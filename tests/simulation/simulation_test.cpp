// Message lives through the whole gateway, held to what must be true at their end: nothing lost,
// nothing doubled but in the window of an unsaved final reply, every report made once.
//
// POSTERN_SIMULATION_LIVES is how many, POSTERN_SIMULATION_SEED the seed of the first world; a
// fault names the seed of its world, and prints the events of the life.
#include "tests/simulation/simulation.h"

#include <gtest/gtest.h>

#include "tests/environment_number.h"

namespace postern::simulation {
namespace {

#if defined(POSTERN_ADDRESS_SANITIZER) || defined(__SANITIZE_THREAD__)
constexpr std::uint64_t usual_lives = 300;
#elif defined(NDEBUG)
constexpr std::uint64_t usual_lives = 5'000;
#else
constexpr std::uint64_t usual_lives = 1'500;
#endif

TEST(Simulation, EveryLifeEndsOnceWhateverHappens) {
  const auto simulated =
      simulate(test::environment_number("POSTERN_SIMULATION_SEED", 1),
               test::environment_number("POSTERN_SIMULATION_LIVES", usual_lives));
  EXPECT_FALSE(simulated.fault) << *simulated.fault;
}

TEST(Simulation, GoesByItsSeedAlone) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed)
    EXPECT_EQ(trace_of(seed), trace_of(seed)) << seed;
}

}  // namespace
}  // namespace postern::simulation
