// What a spooler holds in memory while its queue waits: nothing that is due finds room where it
// goes, so that as much is taken from the queue as ever is.
//
// Prints one JSON object once nothing more is taken, or after --seconds.
#include <atomic>
#include <chrono>
#include <cstdio>
#include <memory>
#include <string>
#include <thread>
#include <unistd.h>
#include <utility>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "bench/command_line.h"
#include "bench/control.h"
#include "mapi/transport.h"
#include "session/store_support.h"
#include "spooler/spooler.h"
#include "store/open_store.h"

namespace {

using namespace postern;

/// A transport whose one destination never has room.
class FullTransport final : public mapi::XPProvider {
 public:
  std::unique_ptr<mapi::XPLogon> transport_logon(mapi::TransportSupport&) override {
    return std::make_unique<Logon>(*this);
  }
  [[nodiscard]] std::size_t refused() const { return refused_; }

 private:
  class Sender final : public mapi::XPSender {
   public:
    explicit Sender(FullTransport& provider) : provider_(provider) {}
    void submit_message(mapi::MessageHandle&, mapi::SubmitKind, Done done) override {
      ++provider_.refused_;
      mapi::SubmitResult busy{mapi::MAPI_E_BUSY};
      busy.destination = "full.test";
      done(std::move(busy));
    }
    mapi::EndMessage end_message() override { return mapi::EndMessage::done; }
    void cancel_message() override {}

   private:
    FullTransport& provider_;
  };

  class Logon final : public mapi::XPLogon {
   public:
    explicit Logon(FullTransport& provider) : provider_(provider) {}
    [[nodiscard]] mapi::Registration registration() const override {
      mapi::Registration registration;
      registration.address_types = {"SMTP"};
      registration.paces_itself = true;
      return registration;
    }
    std::unique_ptr<mapi::XPSender> sender(mapi::SenderSupport&) override {
      return std::make_unique<Sender>(provider_);
    }

   private:
    FullTransport& provider_;
  };

  std::atomic<std::size_t> refused_ = 0;
};

struct WaitingOptions {
  std::string store;
  int seconds = 120;
};

WaitingOptions parse(int argc, char** argv) {
  WaitingOptions options;
  CLI::App program{"What a spooler holds in memory while its queue waits"};
  program.add_option("--store", options.store)->required();
  program.add_option("--seconds", options.seconds);
  bench::parse_or_exit(program, argc, argv);
  return options;
}

double resident_mebibytes() {
  std::FILE* file = std::fopen("/proc/self/statm", "r");
  long pages = 0;
  const int read = file == nullptr ? 0 : std::fscanf(file, "%*s %ld", &pages);
  if (file != nullptr) std::fclose(file);
  return read == 1 ? static_cast<double>(pages * ::sysconf(_SC_PAGESIZE)) / 1048576.0 : 0;
}

void wait_until_nothing_more_is_taken(const FullTransport& transport, int seconds) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds{seconds};
  auto before = transport.refused();
  do {
    before = transport.refused();
    std::this_thread::sleep_for(std::chrono::seconds{2});
  } while (transport.refused() > before + 10 && std::chrono::steady_clock::now() < end);
}

int run(const WaitingOptions& options) {
  session::DefaultStoreSupport support;
  const auto provider = store::open_store(options.store, support);
  const auto session = provider->spooler_logon();
  const double before = resident_mebibytes();
  FullTransport transport;
  spooler::SpoolerOptions spooler_options;
  spooler_options.open_messages = 20;
  spooler_options.reporter.host = "bench.test";
  spooler::Spooler spooler(*session, {&transport}, spooler_options);
  wait_until_nothing_more_is_taken(transport, options.seconds);
  fmt::print("{{\"taken\":{},\"before_mib\":{:.1f},\"spooler_mib\":{:.1f}}}\n", transport.refused(),
             before, resident_mebibytes());
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  return bench::run_program(
      "waiting_postern", [](int count, char** words) { return run(parse(count, words)); }, argc,
      argv);
}
