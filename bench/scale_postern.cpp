// What the steps of a queue cost while ever more is queued: the rows of bench/queue --scale.
//
// Prints one JSON object: seconds (medians, and means where it matters
// that one in a while takes long), the size of the store, and, to hold a commit against, what it
// takes to append and sync a page to a file beside it.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fcntl.h>
#include <filesystem>
#include <functional>
#include <numeric>
#include <stdexcept>
#include <string>
#include <unistd.h>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "bench/command_line.h"
#include "bench/control.h"
#include "bench/queued_message.h"
#include "mapi/property_tags.h"
#include "mapi/recipient_outcome.h"
#include "session/store_support.h"
#include "store/open_store.h"

namespace {

using namespace postern;

struct ScaleOptions {
  std::string store;
  std::string disk;
  std::size_t queued = 0;
  std::size_t length = 10'000;
  bool held = false;
  std::size_t octets = 2048;
  std::size_t samples = 500;
};

ScaleOptions parse(int argc, char** argv) {
  ScaleOptions options;
  CLI::App program{"What the steps of a queue cost while ever more is queued"};
  program.add_option("--store", options.store)->required();
  program.add_option("--disk", options.disk, "A directory on the disk that is measured beside")
      ->required();
  program.add_option("--queued", options.queued, "So many are in the store already");
  program.add_option("--length", options.length, "Measured with so many queued");
  program.add_flag("--held", options.held, "What is queued waits until tomorrow");
  program.add_option("--octets", options.octets);
  program.add_option("--samples", options.samples)->check(CLI::PositiveNumber);
  bench::parse_or_exit(program, argc, argv);
  return options;
}

struct Times {
  double median = 0;
  double mean = 0;
};

Times times_of(std::size_t samples, const std::function<void()>& work) {
  std::vector<double> seconds;
  for (std::size_t i = 0; i < samples; ++i) {
    const auto begin = std::chrono::steady_clock::now();
    work();
    const std::chrono::duration<double> time = std::chrono::steady_clock::now() - begin;
    seconds.push_back(time.count());
  }
  std::ranges::nth_element(seconds, seconds.begin() + static_cast<std::ptrdiff_t>(samples / 2));
  return {seconds[samples / 2],
          std::accumulate(seconds.begin(), seconds.end(), 0.0) / static_cast<double>(samples)};
}

/// As the spooler does it with a message that its only server takes.
void take_and_finish(mapi::MsgStore& spooler) {
  const auto claims = spooler.claim(mapi::FileTime::now(), 1);
  if (claims.empty()) throw std::runtime_error("nothing is due");
  const auto handle = spooler.open_entry(claims.front().entry, mapi::Access::modify);
  auto& row = handle->edit().recipients.at(0);
  mapi::set_outcome(row, {.verdict = Verdict::delivered,
                          .stage = Stage::data,
                          .code = 250,
                          .status = {2, 0, 0},
                          .text = "queued",
                          .host = "relay.test",
                          .time = std::chrono::system_clock::now()});
  row.set(mapi::PR_RESPONSIBILITY, true);
  spooler.save_and_finish(*handle);
}

Times sync_times(const std::filesystem::path& disk, std::size_t samples) {
  const auto path = disk / "sync-test";
  const int file = ::open(path.c_str(), O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC, 0600);
  if (file < 0) throw std::runtime_error("'" + path.string() + "' cannot be made");
  const std::string page(4096, 'x');
  const auto seconds = times_of(samples, [&] {
    if (::write(file, page.data(), page.size()) < 0 || ::fdatasync(file) != 0) {
      throw std::runtime_error("'" + path.string() + "' cannot be written");
    }
  });
  ::close(file);
  std::filesystem::remove(path);
  return seconds;
}

/// 0 for a database.
double store_mebibytes(const std::filesystem::path& store) {
  std::error_code none;
  const auto size = std::filesystem::file_size(store, none);
  return none ? 0 : static_cast<double>(size) / 1048576.0;
}

void measure(mapi::MSProvider& provider, const ScaleOptions& options,
             const mapi::Message& message) {
  const auto client = provider.logon();
  const auto spooler = provider.spooler_logon();
  const auto outbox = client->folder(mapi::SpecialFolder::outbox);
  const auto samples = options.samples;
  const auto submit = times_of(samples, [&] { client->submit(outbox, message); });
  const auto finish = times_of(samples, [&] { take_and_finish(*spooler); });
  const auto due = times_of(20, [&] { (void)spooler->next_due(); });
  const auto page = times_of(20, [&] { (void)client->outgoing_queue(std::nullopt, 100); });
  const auto contents = times_of(20, [&] { (void)client->contents(outbox, {}, 100); });
  const auto sync = sync_times(options.disk, samples);
  fmt::print(
      "{{\"queued\":{},\"submit\":{:.7f},\"submit_mean\":{:.7f},\"finish\":{:.7f},"
      "\"finish_mean\":{:.7f},\"next_due\":{:.7f},\"queue_page\":{:.7f},\"folder_page\":{:.7f},"
      "\"sync\":{:.7f},\"store_mib\":{:.0f}}}\n",
      options.length, submit.median, submit.mean, finish.median, finish.mean, due.median,
      page.median, contents.median, sync.median, store_mebibytes(options.store));
  std::fflush(stdout);
}

int run(const ScaleOptions& options) {
  session::DefaultStoreSupport support;
  const auto provider = store::open_store(options.store, support);
  const auto message = bench::queued_message(options.octets);
  auto filler = message;
  if (options.held) {
    filler.set(mapi::PR_DEFERRED_SEND_TIME, mapi::FileTime::now() + std::chrono::hours{24});
  }
  bench::submit_all(*provider->logon(), filler,
                    options.length - std::min(options.queued, options.length), 10);
  measure(*provider, options, message);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  return bench::run_program(
      "scale_postern", [](int count, char** words) { return run(parse(count, words)); }, argc,
      argv);
}
