// Postern's side of bench/queue: threads submit into a store while the spooler sends from it.
//
// Prints "ready", waits for a line, submits, prints "submitted" when every message is on disk, and
// ends when the queue is empty.
#include <chrono>
#include <cstdio>
#include <iostream>
#include <string>

#include <CLI/CLI.hpp>

#include "bench/command_line.h"
#include "bench/control.h"
#include "bench/queued_message.h"
#include "session/store_support.h"
#include "spooler/spooler.h"
#include "store/open_store.h"
#include "transport/smtp_transport.h"

namespace {

using namespace postern;

struct QueueOptions {
  std::string relay;
  std::string store;
  std::size_t messages = 2000;
  std::size_t octets = 2048;
  std::size_t threads = 10;
  std::size_t sessions = 10;
};

QueueOptions parse(int argc, char** argv) {
  QueueOptions options;
  CLI::App program{"Postern's side of bench/queue"};
  program.add_option("--relay", options.relay)->required();
  program.add_option("--store", options.store)->required();
  program.add_option("--messages", options.messages);
  program.add_option("--octets", options.octets);
  program.add_option("--threads", options.threads)->check(CLI::PositiveNumber);
  program.add_option("--sessions", options.sessions)->check(CLI::PositiveNumber);
  bench::parse_or_exit(program, argc, argv);
  return options;
}

int run(const QueueOptions& options) {
  session::DefaultStoreSupport support;
  const auto provider = store::open_store(options.store, support);
  const auto client = provider->logon();
  const auto session = provider->spooler_logon();
  transport::SmtpTransportOptions transport_options;
  transport_options.client.relay = smtp::Relay::parse(options.relay);
  transport_options.client.connections = options.sessions;
  transport_options.message_id_domain = "bench.test";
  const auto transport = transport::make_smtp_transport(transport_options);
  spooler::SpoolerOptions spooler_options;
  spooler_options.sessions = options.sessions;
  spooler_options.open_messages = spooler_options.with_one_destination(options.sessions);
  spooler_options.reporter.host = "bench.test";
  spooler::Spooler spooler(*session, {transport.get()}, spooler_options);
  std::puts("ready");
  std::fflush(stdout);
  std::string line;
  std::getline(std::cin, line);
  bench::submit_all(*client, bench::queued_message(options.octets), options.messages,
                    options.threads);
  std::puts("submitted");
  std::fflush(stdout);
  const auto until = std::chrono::steady_clock::now() + std::chrono::minutes{10};
  return spooler.wait_empty(until) ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  return bench::run_program(
      "queue_postern", [](int count, char** words) { return run(parse(count, words)); }, argc,
      argv);
}
