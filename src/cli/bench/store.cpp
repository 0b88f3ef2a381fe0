#include "cli/bench/store.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <memory>
#include <system_error>

#include "cli/bench/database.h"
#include "cli/bench/disk.h"
#include "cli/bench/submissions.h"
#include "cli/bench/temporary_folder.h"
#include "cli/output/interruption.h"
#include "mapi/error.h"
#include "session/store_support.h"
#include "store/open_store.h"
#include "store/postgresql_store.h"

namespace postern::cli {
namespace {

using TellWhat = std::function<void(const std::string& what)>;

constexpr std::uint64_t no_bound = std::numeric_limits<std::int64_t>::max();

/// With the write-ahead log that it always has after a while.
constexpr std::uint64_t empty_store_octets = std::uint64_t{16} << 20;

/// Where the file of a store lies: one that is a link lies where it leads.
std::filesystem::path directory_of(const std::filesystem::path& location) {
  std::error_code unknown;
  if (std::filesystem::is_directory(location, unknown)) return location;
  const auto real = std::filesystem::canonical(location, unknown);
  const auto parent = unknown ? location.parent_path() : real.parent_path();
  return parent.empty() ? "." : parent;
}

/// In a store that has nothing else in it. `most`: messages by each of the two.
void measure_both(const std::filesystem::path& location, const StoreOrder& order,
                  std::uint64_t most, const TellWhat& tell, StoreFigures& figures) {
  session::DefaultStoreSupport support;
  const auto provider = store::open_store(location, support);
  const auto client = provider->logon();
  const mapi::Message message = message_of(order.octets);
  measure_submissions(*client, message, {1, order.time, 1});  // what is done the first time only
  tell("submissions by one thread");
  figures.alone = measure_submissions(*client, message, {1, order.time, most}).timings;
  tell("submissions by " + std::to_string(order.threads) + " threads");
  figures.threads = order.threads;
  const auto together = measure_submissions(*client, message, {order.threads, order.time, most});
  figures.together = together.timings;
  figures.cores = together.cores;
}

/// What a message takes with its rows and indexes, and once more in the write-ahead log.
std::uint64_t octets_of_a_message(const StoreOrder& order) {
  constexpr std::uint64_t row_octets = 8192;
  return 2 * order.octets + row_octets;
}

/// How many messages each of two measurements may submit. Throws mapi::Failure if that would be
/// less than one by each thread.
std::uint64_t most_messages(const TemporaryFolder& folder, const StoreOrder& order,
                            const std::string& place) {
  const std::uint64_t least = empty_store_octets + 2 * order.threads * octets_of_a_message(order);
  const std::uint64_t room = folder.room();
  if (room >= least) return (room - empty_store_octets) / (2 * octets_of_a_message(order));
  throw mapi::Failure(mapi::MAPI_E_NOT_ENOUGH_DISK,
                      "the disk of the directory '" + place +
                          "' is too full for a measurement, which takes a quarter of what is free: "
                          "free " +
                          std::to_string((TemporaryFolder::part * least >> 20) + 1) + " MiB there");
}

StoreReport measure_directory(const std::filesystem::path& directory, const StoreOrder& order,
                              const TellWhat& tell) {
  StoreReport report{directory.string()};
  const TemporaryFolder folder(directory);
  const std::uint64_t most = most_messages(folder, order, report.place);
  tell("appends to a file");
  report.figures.sync = measure_syncs(folder, order.octets, order.time);
  measure_both(folder.path() / "store.sqlite", order, most, tell, report.figures);
  return report;
}

/// They need a function that other databases than PostgreSQL may not have.
void measure_commits(BenchDatabase& database, const StoreOrder& order, StoreReport& report) {
  try {
    report.figures.sync = database.commits(order.octets, order.time);
  } catch (const mapi::Failure& failure) {
    const bool is_missing =
        failure.code() == mapi::MAPI_E_NO_SUPPORT || failure.code() == mapi::MAPI_E_NO_ACCESS;
    if (!is_missing) throw;
    report.not_measured = std::string("commits: ") + failure.what();
  }
}

StoreReport measure_database(const std::string& url, const StoreOrder& order,
                             const TellWhat& tell) {
  StoreReport report{store::location_name(url)};
  report.figures.is_database = true;
  BenchDatabase database(url);
  tell("round trips to the database");
  report.figures.round_trip = database.round_trips(order.time);
  tell("commits");
  measure_commits(database, order, report);
  if (interrupted()) return report;
  const auto temporary = database.make_temporary();
  if (!temporary) {
    report.not_measured += report.not_measured.empty() ? "" : "; ";
    report.not_measured += "submissions: " + database.why_not();
    return report;
  }
  store::migrate_postgresql_store(temporary->url());
  measure_both(temporary->url(), order, no_bound, tell, report.figures);
  return report;
}

}  // namespace

StoreReport measure_store(const std::filesystem::path& location, const StoreOrder& order,
                          const TellWhat& tell) {
  if (store::is_postgresql_url(location.native())) {
    return measure_database(location.native(), order, tell);
  }
  return measure_directory(directory_of(location), order, tell);
}

}  // namespace postern::cli
