// Spoolers and submitters are killed, at any instant and at every named point, and nothing that was
// acknowledged is lost, nobody gets a message twice but where a kill lay between the server's reply
// and its record, and each refusal is reported once.
//
// POSTERN_KILLS is how many kills, half of them with each kind of store, POSTERN_KILLS_SEED the
// first seed. A seed is a trial of some hundred kills with a store of its own; a fault names it,
// with the command that repeats it. Which instants a seed hits depends on the scheduler, too: it
// may have to be repeated (--gtest_repeat=20 --gtest_fail_fast).
#include <algorithm>
#include <chrono>
#include <filesystem>
#include <iostream>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "session/store_support.h"
#include "tests/environment_number.h"
#include "tests/kill/letter.h"
#include "tests/kill/opening.h"
#include "tests/kill/trial.h"
#include "tests/store/postgresql_server.h"
#include "tests/temporary_directory.h"

namespace postern::kill {
namespace {

#if defined(POSTERN_ADDRESS_SANITIZER) || defined(__SANITIZE_THREAD__)
constexpr std::uint64_t usual_count = 120;
#else
constexpr std::uint64_t usual_count = 500;
#endif
constexpr std::uint64_t kinds = 2;
constexpr std::uint64_t kills_of_a_trial = 250;

struct StoreKind {
  const char* name;
  const char* runner;  ///< what the test runs with
  std::size_t spoolers;
  std::chrono::milliseconds longest_life;  ///< to connect to a database takes a while
  std::string (*make)(const std::filesystem::path& directory);
};

void PrintTo(const StoreKind& kind, std::ostream* out) {
  *out << kind.name;
}

/// PostgreSQL is one of them where tests/with-postgresql has started a server.
std::vector<StoreKind> store_kinds() {
  std::vector<StoreKind> found{
      {"sqlite", "", 1, std::chrono::milliseconds{200}, [](const std::filesystem::path& directory) {
         return (directory / "store.sqlite").string();
       }}};
  if (store::test::postgresql_url() != nullptr) {
    found.push_back({"postgresql", "tests/with-postgresql ", 2, std::chrono::milliseconds{400},
                     [](const std::filesystem::path&) {
                       store::test::make_empty_postgresql_store();
                       return std::string(store::test::postgresql_url());
                     }});
  }
  return found;
}

class Killed : public testing::TestWithParam<StoreKind> {
 protected:
  static Result try_seed(std::uint64_t seed, std::size_t kills) {
    const test::TemporaryDirectory directory;
    TrialOptions options{.helper = POSTERN_KILL_HELPER,
                         .location = GetParam().make(directory.path()),
                         .spoolers = GetParam().spoolers,
                         .longest_life = GetParam().longest_life,
                         .kills = kills,
                         .seed = seed};
    {
      session::DefaultStoreSupport support;
      const auto provider = open_store(options.location, support);
      for (const auto& mailbox : mailboxes) provider->create_mailbox({mailbox});
    }
    return Trial(std::move(options)).run();
  }

  static std::string command_for(std::uint64_t seed, std::size_t kills) {
    return "repeat it with: POSTERN_KILLS=" + std::to_string(kills * kinds) +
           " POSTERN_KILLS_SEED=" + std::to_string(seed) + ' ' + GetParam().runner +
           "kill_test --gtest_filter='*/" + GetParam().name + '\'';
  }

  static std::string text_of(const Kills& kills, const Counts& counts, std::uint64_t seed) {
    return std::string(GetParam().name) + ": " + std::to_string(kills.count()) + " kills (" +
           std::to_string(kills.of_spoolers) + " of spoolers, " +
           std::to_string(kills.of_submitters) + " of submitters; " +
           std::to_string(kills.at_points) + " at points); " + std::to_string(counts.submitted) +
           " messages submitted, " + std::to_string(counts.acknowledged) + " acknowledged, " +
           std::to_string(counts.delivered) + " copies delivered, " +
           std::to_string(counts.duplicates) + " of them duplicates in the window, " +
           std::to_string(counts.lost) + " lost; " + std::to_string(counts.reports) +
           " recipients reported, " + std::to_string(counts.reports_missing) + " missing, " +
           std::to_string(counts.reports_doubled) + " doubled; seed " + std::to_string(seed);
  }
};

std::vector<std::string> without_a_kill(const Result& result) {
  std::vector<std::string> names;
  for (const auto& [point, kills] : result.kills_at) {
    if (kills == 0) names.push_back(name_of(point));
  }
  return names;
}

TEST_P(Killed, LosesNothingAndDoublesNothingOutsideOfTheWindow) {
  const auto wanted = test::environment_number("POSTERN_KILLS", usual_count) / kinds;
  const auto first_seed = test::environment_number("POSTERN_KILLS_SEED", 1);
  Kills kills;
  Counts counts;
  for (auto seed = first_seed; kills.count() < wanted; ++seed) {
    const auto share = std::min(wanted - kills.count(), kills_of_a_trial);
    const auto result = try_seed(seed, share);
    kills += result.kills;
    counts += result.judgement.counts;
    const auto again = command_for(seed, share);
    ASSERT_THAT(result.judgement.faults, testing::IsEmpty())
        << text_of(result.kills, result.judgement.counts, seed) << '\n'
        << again;
    ASSERT_THAT(without_a_kill(result), testing::IsEmpty()) << again;
    ASSERT_GT(result.judgement.counts.acknowledged, 0U) << again;
  }
  std::cout << text_of(kills, counts, first_seed) << std::endl;
}

INSTANTIATE_TEST_SUITE_P(EachStore, Killed, testing::ValuesIn(store_kinds()),
                         [](const auto& of) { return std::string(of.param.name); });

}  // namespace
}  // namespace postern::kill
