// Random sequences of what clients, the spooler, transports, servers and crashes do, held to what
// must be true at their end: no verdict lost, repeated or invented, every report made once.
//
// POSTERN_MODEL_SEQUENCES is how many, POSTERN_MODEL_SEED the first seed; a fault names the seed of
// its sequence. CTest runs a hundred thousand beside the few of every run.
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/environment_number.h"
#include "tests/spooler/model_world.h"

namespace postern::spooler {
namespace {

#if defined(POSTERN_ADDRESS_SANITIZER) || defined(__SANITIZE_THREAD__)
constexpr std::uint64_t usual_count = 300;
#else
constexpr std::uint64_t usual_count = 2'000;
#endif

TEST(Model, NoVerdictIsLostRepeatedOrInventedAndEveryReportIsMadeOnce) {
  const auto count = postern::test::environment_number("POSTERN_MODEL_SEQUENCES", usual_count);
  const auto first = postern::test::environment_number("POSTERN_MODEL_SEED", 1);
  for (auto seed = first; seed < first + count; ++seed) {
    test::ModelWorld world(seed);
    for (int step = 0; step < 60; ++step) world.step();
    world.settle();
    const auto faults = world.faults();
    ASSERT_THAT(faults, testing::IsEmpty()) << "POSTERN_MODEL_SEED=" << seed;
  }
}

}  // namespace
}  // namespace postern::spooler
