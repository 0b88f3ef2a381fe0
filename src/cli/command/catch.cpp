// postern catch: a small SMTP server for demonstrations and tests.
#include <charconv>
#include <chrono>
#include <cstdio>
#include <memory>
#include <thread>

#include <CLI/CLI.hpp>

#include "catcher/behaviour.h"
#include "catcher/catcher.h"
#include "cli/command/command.h"
#include "cli/option/usage_error.h"
#include "cli/output/exit_status.h"
#include "cli/output/interruption.h"
#include "cli/output/table.h"
#include "mapi/error.h"

namespace postern::cli {
namespace {

class Catch {
 public:
  explicit Catch(CLI::App& command) {
    command.add_option("--listen", listen_, "Where to listen; port 0: any free one")
        ->type_name("ADDRESS:PORT")
        ->capture_default_str();
    command
        .add_option("--directory", directory_,
                    "Keep each message as NNNNNN.eml with its envelope as NNNNNN.json;\n"
                    "otherwise they are only shown")
        ->type_name("DIR");
    command
        .add_option("--certificate", certificate_,
                    "Offer STARTTLS with this certificate chain (PEM); needs --key")
        ->type_name("FILE");
    command.add_option("--key", key_, "Its private key (PEM)")->type_name("FILE");
    command.footer("Recipients (and senders) with these names are treated in their own way:\n\n" +
                   catcher::behaviour_table());
  }

  int run() {
    catcher::CatcherOptions options;
    parse_listen(options);
    options.directory = directory_;
    options.certificate_file = certificate_;
    options.key_file = key_;
    options.on_event = [](const std::string& event) { print(event); };
    catch_interruptions();
    const auto catcher = start(std::move(options));
    print("listening on port " + std::to_string(catcher->port()));
    while (!interrupted()) std::this_thread::sleep_for(std::chrono::milliseconds{100});
    catcher->stop();
    return all_delivered;
  }

 private:
  static void print(const std::string& line) {
    std::printf("%s\n", for_display(line).c_str());
    std::fflush(stdout);
  }

  void parse_listen(catcher::CatcherOptions& options) const {
    const auto colon = listen_.rfind(':');
    const auto* end = listen_.data() + listen_.size();
    if (colon != std::string::npos && colon > 0) {
      const auto [at, error] = std::from_chars(listen_.data() + colon + 1, end, options.port);
      options.address = listen_.substr(0, colon);
      if (options.address.starts_with('[') && options.address.ends_with(']')) {
        options.address = options.address.substr(1, options.address.size() - 2);
      }
      if (error == std::errc{} && at == end) return;
    }
    throw UsageError("'" + listen_ +
                     "' is no address to listen on; --listen takes e.g. 127.0.0.1:1025");
  }

  static std::unique_ptr<catcher::Catcher> start(catcher::CatcherOptions options) {
    try {
      return std::make_unique<catcher::Catcher>(std::move(options));
    } catch (const std::invalid_argument& error) {
      throw UsageError(error.what());
    } catch (const std::runtime_error& error) {
      if (mapi::exhaustion(std::current_exception())) throw;
      throw mapi::Failure(mapi::MAPI_E_NO_ACCESS, error.what());
    }
  }

  std::string listen_ = "127.0.0.1:1025";
  std::string directory_;
  std::string certificate_;
  std::string key_;
};

}  // namespace

Run add_catch(CLI::App& program) {
  auto* command =
      program.add_subcommand("catch", "Run a small SMTP server that keeps what it gets");
  auto catching = std::make_shared<Catch>(*command);
  return [catching] { return catching->run(); };
}

}  // namespace postern::cli
