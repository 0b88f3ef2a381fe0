// Power losses: random lives of a store on a disk that forgets what was not synced, held to what
// was acknowledged before the power went.
//
// A seed decides a trial (trial.h): which calls are made, from one thread or from several, at which
// change of the disk the power goes, what of the unsynced changes survives, and whether it goes
// again, during the recovery or in lives that follow. After each loss everything that a call has
// acknowledged must be there exactly so, what was under way wholly or not at all, and nothing else.
//
// POSTERN_POWER_LOSSES is how many losses, POSTERN_POWER_LOSS_SEED the first seed; a fault names
// its seed, and the command that repeats it. Lives with several threads go each time as the system
// schedules them: such a seed may have to be repeated (--gtest_repeat=100 --gtest_fail_fast).
#include <iostream>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/environment_number.h"
#include "tests/store/power_loss/trial.h"
#include "tests/temporary_directory.h"

namespace postern::store::test {
namespace {

#if defined(POSTERN_ADDRESS_SANITIZER) || defined(__SANITIZE_THREAD__)
constexpr std::uint64_t usual_count = 60;
#else
constexpr std::uint64_t usual_count = 500;
#endif

class PowerLoss : public ::testing::Test {
 protected:
  /// Returns the faults of a seed.
  std::vector<std::string> try_seed(std::uint64_t seed, SyncHonesty honesty) {
    Trial trial(vfs, store, prepared, honesty, seed);
    auto faults = trial.run();
    totals += trial.totals();
    return faults;
  }

  postern::test::TemporaryDirectory directory;
  std::filesystem::path store = directory / "store.sqlite";
  PreparedStore prepared{store};
  DiskVfs vfs;
  Totals totals;
};

TEST_F(PowerLoss, TakesNothingThatWasAcknowledgedAndLeavesNothingByHalf) {
  const auto wanted = postern::test::environment_number("POSTERN_POWER_LOSSES", usual_count);
  for (auto seed = postern::test::environment_number("POSTERN_POWER_LOSS_SEED", 1);
       totals.losses < wanted; ++seed) {
    ASSERT_THAT(try_seed(seed, SyncHonesty::keeps), testing::IsEmpty())
        << "repeat it with: POSTERN_POWER_LOSSES=1 POSTERN_POWER_LOSS_SEED=" << seed
        << " store_test --gtest_filter=PowerLoss.*";
  }
  std::cout << text_of(totals) << std::endl;
  EXPECT_EQ(totals.lost + totals.half + totals.invented, 0U);
}

/// The checker's own test: what such disks lose is found.
class DiskThat : public PowerLoss, public ::testing::WithParamInterface<SyncHonesty> {};
INSTANTIATE_TEST_SUITE_P(, DiskThat,
                         ::testing::Values(SyncHonesty::lies, SyncHonesty::forgets_names),
                         [](const auto& of) {
                           return of.param == SyncHonesty::lies ? "Lies" : "ForgetsNames";
                         });

TEST_P(DiskThat, IsFoundOut) {
  constexpr std::uint64_t seeds = 24;
  std::uint64_t found_out = 0;
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    if (!try_seed(seed, GetParam()).empty()) ++found_out;
  }
  EXPECT_GE(found_out, seeds / 8) << text_of(totals);
  EXPECT_GT(totals.lost, 0U);
}

}  // namespace
}  // namespace postern::store::test
