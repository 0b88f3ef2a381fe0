// postern convert: a .msg file as MIME on stdout, what was lost or guessed on stderr.
#include <array>
#include <chrono>
#include <cstdio>
#include <memory>

#include <CLI/CLI.hpp>

#include "cli/command/command.h"
#include "cli/option/message_input.h"
#include "cli/output/diagnostic.h"
#include "cli/output/exit_status.h"
#include "mime/compose.h"
#include "msg/msg_file.h"

namespace postern::cli {
namespace {

class Convert {
 public:
  explicit Convert(CLI::App& command) {
    command.add_option("FILE", file_, "An Outlook .msg file")->required();
    command.add_option("--from", from_, "The sender where the file names none")
        ->type_name("ADDRESS");
    command.add_flag("--with-bcc", with_bcc_, "Write the recipients of blind copies too");
    command.add_flag("--outline", outline_, "Show the tree of parts instead of the message");
  }

  int run() {
    const auto [message, warnings] = msg::read(file_);
    mime::ComposeOptions options;
    options.now = std::chrono::system_clock::now();
    options.is_file = true;
    options.with_bcc = with_bcc_;
    if (!from_.empty()) options.default_from = from_;
    const auto plan = compose(file_, message, options);
    for (const auto& warning : warnings) print_file_diagnostic(file_, warning);
    for (const auto& warning : plan.warnings) print_file_diagnostic(file_, warning);
    if (outline_) {
      std::fputs(mime::outline(plan).c_str(), stdout);
    } else {
      write(plan);
    }
    return all_delivered;
  }

 private:
  static void write(const mime::Plan& plan) {
    const auto reader = plan.content().open();
    std::array<std::byte, 65536> block{};
    while (const auto count = reader->read(block)) {
      if (std::fwrite(block.data(), 1, count, stdout) != count) break;
    }
    if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0) {
      throw mapi::Failure(mapi::MAPI_E_DISK_ERROR, "the message could not be written to stdout");
    }
  }

  std::string file_;
  std::string from_;
  bool with_bcc_ = false;
  bool outline_ = false;
};

}  // namespace

Run add_convert(CLI::App& program) {
  auto* command = program.add_subcommand("convert", "Convert a .msg file to MIME");
  auto convert = std::make_shared<Convert>(*command);
  return [convert] { return convert->run(); };
}

}  // namespace postern::cli
