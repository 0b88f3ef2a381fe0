// Postern's side of bench/queue: threads submit into a store while the spooler sends from it.
//
// Prints "ready", waits for a line, submits, prints "submitted" when every message is on disk, and
// ends when the queue is empty.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <iostream>
#include <string>
#include <thread>
#include <vector>

#include <CLI/CLI.hpp>

#include "bench/control.h"
#include "bench/queued_message.h"
#include "session/store_support.h"
#include "spooler/spooler.h"
#include "store/sqlite_store.h"
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
  try {
    program.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    std::exit(program.exit(error));
  }
  return options;
}

void submit_all(mapi::MsgStore& store, const QueueOptions& options) {
  const auto message = bench::queued_message(options.octets);
  const auto outbox = store.folder(mapi::SpecialFolder::outbox);
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < options.threads; ++i) {
    const auto share =
        options.messages / options.threads + (i < options.messages % options.threads ? 1 : 0);
    threads.emplace_back([&store, &message, outbox, share] {
      for (std::size_t n = 0; n < share; ++n) store.submit(outbox, message);
    });
  }
  for (auto& thread : threads) thread.join();
}

int run(const QueueOptions& options) {
  session::DefaultStoreSupport support;
  const auto provider = store::open_sqlite_store(options.store, support);
  const auto client = provider->logon();
  const auto session = provider->spooler_logon();
  transport::SmtpTransportOptions transport_options;
  transport_options.client.relay = smtp::Relay::parse(options.relay);
  transport_options.client.connections = options.sessions;
  transport_options.message_id_domain = "bench.test";
  const auto transport = transport::make_smtp_transport(transport_options);
  spooler::SpoolerOptions spooler_options;
  spooler_options.sessions = options.sessions;
  spooler_options.reporter.host = "bench.test";
  spooler::Spooler spooler(*session, {transport.get()}, spooler_options);
  std::puts("ready");
  std::fflush(stdout);
  std::string line;
  std::getline(std::cin, line);
  submit_all(*client, options);
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
