// The postern program: chooses the command and turns what goes wrong into one sentence and an exit
// status.
#include <csignal>
#include <exception>
#include <fcntl.h>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unistd.h>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>

#include "cli/command/command.h"
#include "cli/option/usage_error.h"
#include "cli/output/diagnostic.h"
#include "cli/output/exit_status.h"

namespace {

using namespace postern;

constexpr const char* footer =
    "Exit status: 0 all delivered, 1 some recipients failed, 2 some mail is still queued,\n"
    "64 and up: the command line or the environment was at fault (sysexits.h).\n"
    "\n"
    "`postern COMMAND --help` explains each command.";

int print_error(const std::string& sentence, int status) {
  cli::print_diagnostic(sentence);
  return status;
}

/// The words behind `postern sendmail`, or behind the name of a link to the program that is called
/// so; nullopt: another command.
std::optional<std::vector<std::string>> sendmail_words(std::span<char* const> words) {
  constexpr std::string_view name = "sendmail";
  if (words.empty()) return std::nullopt;
  const bool is_link = std::filesystem::path(words[0]).filename() == name;
  if (!is_link && (words.size() < 2 || words[1] != name)) return std::nullopt;
  const auto rest = words.subspan(is_link ? 1 : 2);
  if (!is_link && rest.size() == 1 && rest[0] == std::string_view("--help")) return std::nullopt;
  return std::vector<std::string>(rest.begin(), rest.end());
}

int run(int argc, char** argv) {
  if (const auto words = sendmail_words({argv, static_cast<std::size_t>(argc)})) {
    return cli::sendmail(*words);
  }
  CLI::App program{
      "Postern hands MAPI messages (Outlook .msg files) to SMTP servers, tells what became of\n"
      "each recipient, and puts reports about failures into the sender's Inbox."};
  program.name("postern");
  program.set_version_flag("--version", "postern " POSTERN_VERSION);
  program.footer(footer);
  program.require_subcommand(1);

  std::vector<std::pair<std::string, cli::Run>> commands{
      {"send", cli::add_send(program)},
      {"submit", cli::add_submit(program)},
      {"resend", cli::add_resend(program)},
      {"spool", cli::add_spool(program)},
      {"queue", cli::add_queue(program)},
      {"inbox", cli::add_inbox(program)},
      {"show", cli::add_show(program)},
      {"status", cli::add_status(program)},
      {"cancel", cli::add_cancel(program)},
      {"hold", cli::add_hold(program)},
      {"release", cli::add_release(program)},
      {"retry", cli::add_retry(program)},
      {"flush", cli::add_flush(program)},
      {"convert", cli::add_convert(program)},
      {"read-report", cli::add_read_report(program)},
      {"bounce", cli::add_bounce(program)},
      {"mailbox", cli::add_mailbox(program)},
      {"store", cli::add_store(program)},
      {"catch", cli::add_catch(program)},
      {"bench", cli::add_bench(program)}};
  cli::describe_sendmail(program);
  try {
    program.parse(argc, argv);
  } catch (const CLI::CallForHelp& error) {
    return program.exit(error);
  } catch (const CLI::CallForVersion& error) {
    return program.exit(error);
  } catch (const CLI::ParseError& error) {
    return print_error(error.what() + std::string("; `postern --help` tells how it is used"),
                       cli::usage_error);
  }
  for (const auto& [name, command] : commands) {
    if (program.got_subcommand(name)) return command();
  }
  return cli::usage_error;
}

/// One that is closed would be taken by the next file that is opened, the store say, into which
/// what is printed would go. Reading what stands for standard input fails.
void fill_standard_descriptors() {
  int descriptor = STDIN_FILENO;
  while (descriptor >= 0 && descriptor <= STDERR_FILENO) {
    descriptor = ::open("/dev/null", O_WRONLY);
  }
  if (descriptor > STDERR_FILENO) ::close(descriptor);
}

}  // namespace

int main(int argc, char** argv) {
  fill_standard_descriptors();
  std::signal(SIGPIPE, SIG_IGN);
  try {
    return run(argc, argv);
  } catch (const cli::UsageError& error) {
    return print_error(error.what(), cli::usage_error);
  } catch (const mapi::Failure& failure) {
    return print_error(failure.what(), cli::exit_status_of(failure.code()));
  } catch (const std::exception& error) {
    if (const auto lack = mapi::exhaustion(std::current_exception())) {
      return print_error(lack->what(), cli::exit_status_of(lack->code()));
    }
    return print_error(error.what(), cli::software_error);
  }
}
