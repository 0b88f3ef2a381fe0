// postern bench: what the place of a store, and a relay, give before anybody relies on them.
#include <chrono>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "cli/bench/report.h"
#include "cli/command/command.h"
#include "cli/option/relay_options.h"
#include "cli/option/store_option.h"
#include "cli/option/usage_error.h"
#include "cli/output/diagnostic.h"
#include "cli/output/exit_status.h"
#include "cli/output/interruption.h"
#include "cli/output/progress_line.h"
#include "cli/output/verdict_view.h"

namespace postern::cli {
namespace {

constexpr const char* help =
    "How much mail can this machine and this relay carry? Run it before going live, with\n"
    "nothing else at work. It measures, for --seconds each:\n\n"
    "  append and sync     so many octets at the end of a file, until the disk has them: what\n"
    "                      any program must wait for that promises to lose nothing\n"
    "  submission          a message into a store, by one thread, whose every message waits\n"
    "                      for the disk, and by ten, whose messages share that wait\n\n"
    "in a new folder in the store's directory, and removes it at the end, also when it is\n"
    "interrupted. It fills at most a quarter of what is free there. The store that lies there\n"
    "is neither opened nor changed. Of a database it measures the round trip, commits, which\n"
    "leave nothing behind, and submissions into a database of its own on the same server,\n"
    "which it makes and drops; a user who may not make one (CREATEDB) does without those.\n\n"
    "With --relay it connects five times and asks for nothing but RSET. It sends no mail\n"
    "unless --send and --count say to whom and how many; the first refusal ends that. The\n"
    "time of a message is from its first octet to the relay's verdict.\n\n"
    "  postern bench --store /var/spool/postern\n"
    "  postern bench --store postgresql://postern@db.example/mail --seconds 10\n"
    "  postern bench --no-store --relay mail.example.com:587 --user ann --password-file pw\n"
    "  postern bench --relay smtp://mail.example.com --send me@example.com --count 200\n\n"
    "The last sentence says what limits. It is arithmetic: a message is committed twice, when\n"
    "it is submitted and with its verdict, so a store carries half of what ten threads submit;\n"
    "a program that is started for each message (postern sendmail) costs its start besides.\n\n"
    "Exit status: 0 measured, 1 a message was refused or it was interrupted, 66 no such\n"
    "directory, 74 the disk is full or broken, 75 the relay or the database is away, 77 no\n"
    "permission: nothing can be written there, or the relay refuses the credentials.";

class Bench {
 public:
  explicit Bench(CLI::App& command) {
    store_.add_location_to(command,
                           "A directory, a store in one or postgresql://USER@HOST/DATABASE;\n"
                           "by default where the other commands have their store");
    add_measurement(command);
    add_relay(command);
    command.add_flag("--json", json_, "One JSON object with all figures");
    command.footer(help);
  }

  int run() {
    check();
    BenchReport report;
    report.order = {std::chrono::duration_cast<std::chrono::nanoseconds>(
                        std::chrono::duration<double>(seconds_)),
                    octets_};
    const auto client =
        relay_.empty() ? std::nullopt : std::optional(connection_.client_options_for(relay_));
    catch_interruptions();
    measure(report, client);
    if (interrupted()) {
      print_diagnostic("interrupted; nothing is left behind");
      return some_failed;
    }
    return show(report);
  }

 private:
  void add_measurement(CLI::App& command) {
    command.add_flag("--no-store", no_store_, "Measure the relay alone");
    command.add_option("--seconds", seconds_, "How long each measurement of the store takes")
        ->check(CLI::Range(0.05, 3600.0))
        ->capture_default_str();
    command.add_option("--octets", octets_, "How large each append and each message's text is")
        ->check(CLI::Range(std::size_t{1}, most_octets))
        ->capture_default_str();
  }

  void add_relay(CLI::App& command) {
    command
        .add_option("--relay", relay_,
                    "The relay to look at: HOST[:PORT] or a URL as `postern send` takes it")
        ->type_name("RELAY");
    connection_.add_connection_to(command);
    command
        .add_option("--send", send_.to,
                    "Send messages to this address, which should be yours: it gets them all")
        ->type_name("ADDRESS");
    command.add_option("--count", send_.count, "How many")->check(CLI::Range(1, 1'000'000));
    command
        .add_option("--from", send_.from,
                    "From whom, who gets the bounces; by default from that address itself")
        ->type_name("ADDRESS");
    command
        .add_option("--sessions", send_.sessions,
                    "How many are sent at once, and what the relay's limit is computed for")
        ->check(CLI::Range(1, 500))
        ->capture_default_str();
  }

  void check() {
    if (no_store_ && relay_.empty()) {
      throw UsageError("there is nothing to measure; give --relay, or leave out --no-store");
    }
    if (!send_.to.empty() && relay_.empty()) {
      throw UsageError("--send needs a relay to send by; give --relay HOST");
    }
    if (send_.to.empty() != (send_.count == 0)) {
      throw UsageError("--send ADDRESS and --count N go together: to whom, and how many");
    }
    if (send_.from.empty()) send_.from = send_.to;
    for (const std::string& address : {send_.from, send_.to}) {
      if (send_.to.empty() || address.find('@') != std::string::npos) continue;
      throw UsageError("'" + address + "' is no address; write it as local@domain");
    }
    send_.octets = octets_;
  }

  void measure(BenchReport& report, const std::optional<smtp::ClientOptions>& client) {
    ProgressLine line;
    if (!no_store_) {
      report.store = measure_store(store_.location(), report.order, [&](const std::string& what) {
        if (!interrupted()) line.show("measuring " + what + " …");
      });
    }
    if (!client || interrupted()) return;
    report.relay = RelayReport{client->relay.text(), send_};
    line.show("looking at " + report.relay->relay + " …");
    report.relay->seen = look_at(*client);
    if (send_.to.empty() || report.relay->seen.fault || interrupted()) return;
    report.relay->sent = send_messages(*client, send_, [&](std::size_t taken) {
      line.show(std::to_string(taken) + " of " + std::to_string(send_.count) + " messages sent");
    });
  }

  [[nodiscard]] int show(const BenchReport& report) const {
    if (json_) {
      print_json(to_json(report));
    } else {
      std::fputs(report_text(report).c_str(), stdout);
      std::fflush(stdout);
    }
    if (!report.relay) return all_delivered;
    const auto trouble = relay_trouble(*report.relay);
    if (!trouble) return all_delivered;
    print_diagnostic(*trouble);
    return status_of(*report.relay);
  }

  static int status_of(const RelayReport& relay) {
    const auto& fault = relay.seen.fault;
    const auto& why = fault ? fault->outcome : *relay.sent->refusal;
    const bool needs_operator = fault ? fault->configuration : relay.sent->needs_operator;
    if (needs_operator && why.stage == Stage::auth) return no_permission;
    return fault ? temporary_failure : some_failed;
  }

  static constexpr std::size_t most_octets = std::size_t{64} << 20;

  StoreOption store_;
  RelayOptions connection_;
  std::string relay_;
  SendOrder send_{.sessions = 10};
  bool no_store_ = false;
  double seconds_ = 3;
  std::size_t octets_ = 2048;
  bool json_ = false;
};

}  // namespace

Run add_bench(CLI::App& program) {
  auto bench = std::make_shared<Bench>(*program.add_subcommand(
      "bench", "Measure what a disk or database, and a relay, give, before going live"));
  return [bench] { return bench->run(); };
}

}  // namespace postern::cli
