// postern convert: messages from one form into another, one on stdout or many into a directory;
// what was lost or guessed is told.
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "cli/command/command.h"
#include "cli/convert/conversion_list.h"
#include "cli/convert/converter.h"
#include "cli/input/message_file.h"
#include "cli/option/message_input.h"
#include "cli/option/usage_error.h"
#include "cli/output/diagnostic.h"
#include "cli/output/exit_status.h"
#include "cli/output/interruption.h"
#include "cli/output/loss_view.h"
#include "cli/output/progress_line.h"
#include "cli/output/verdict_view.h"
#include "mime/compose.h"

namespace postern::cli {
namespace {

nlohmann::ordered_json json_of(const Converted& converted) {
  nlohmann::ordered_json object;
  object["file"] = converted.conversion.input.string();
  object["output"] = converted.error.empty()
                         ? nlohmann::ordered_json(converted.conversion.output.string())
                         : nlohmann::ordered_json();
  object["losses"] = to_json(converted.losses);
  object["error"] =
      converted.error.empty() ? nlohmann::ordered_json() : nlohmann::ordered_json(converted.error);
  return object;
}

std::string counted(std::size_t count, const char* noun) {
  return std::to_string(count) + ' ' + noun + (count == 1 ? "" : "s");
}

class Convert {
 public:
  explicit Convert(CLI::App& command) {
    command
        .add_option("FILE", files_,
                    "Messages: Outlook files (.msg, .oft), mails (.eml), winmail.dat; with\n"
                    "--output also folders, of which every message is converted, however deep\n"
                    "and whatever its name")
        ->required();
    command
        .add_option("--output", output_,
                    "Write NAME.eml for each of them into this directory, of a folder the same\n"
                    "tree; made if missing")
        ->type_name("DIRECTORY");
    command.add_option("--to", to_, "eml, a mail (MIME), or msg, an Outlook file; by default eml")
        ->type_name("FORM")
        ->transform(CLI::IsMember({"eml", "msg"}));
    command.add_flag("--overwrite", overwrite_, "Replace files that are there already");
    command.add_option("--from", from_, "The sender where a file names none")->type_name("ADDRESS");
    command.add_flag("--with-bcc", with_bcc_, "Write the recipients of blind copies too");
    command.add_flag("--tnef", tnef_,
                     "Write winmail.dat (TNEF) beside the text, which Outlook alone reads");
    command.add_flag("--outline", outline_, "Show the tree of parts instead of the message");
    command.add_flag("--json", json_, "With --output: one JSON object a line per file on stdout");
    command.add_option("--jobs", jobs_, "With --output: files at once; by default one per core")
        ->check(CLI::Range(1, 1000));
    command.footer(
        "Without --output one file is written to stdout. What was lost or guessed is said on\n"
        "stderr. Exit status: 1 if some files could not be converted; the others were.\n\n"
        "Examples: postern convert archive/ --output mail/\n"
        "          postern convert letter.eml --to msg --output outlook/");
  }

  int run() {
    if (output_.empty()) return one_to_stdout();
    if (outline_) throw UsageError("--outline shows one file; leave --output out");
    return all_to_files();
  }

 private:
  [[nodiscard]] mime::ComposeOptions options() const {
    mime::ComposeOptions options;
    options.now = std::chrono::system_clock::now();
    options.is_file = true;
    options.with_bcc = with_bcc_;
    options.tnef = tnef_;
    if (!from_.empty()) options.default_from = from_;
    return options;
  }

  int one_to_stdout() {
    if (files_.size() > 1 || json_ || overwrite_ || to_ != "eml") {
      throw UsageError(
          "--output says where several files, or .msg files, are written to; without it one mail "
          "is "
          "written to stdout");
    }
    const auto& file = files_.front();
    const auto [message, losses, form] = read_message_file(file);
    const auto plan = compose(file, message, options());
    for (const auto& loss : losses) print_file_diagnostic(file, loss.sentence);
    for (const auto& loss : plan.losses) print_file_diagnostic(file, loss.sentence);
    if (outline_) {
      std::fputs(mime::outline(plan).c_str(), stdout);
    } else {
      write(plan);
    }
    return all_delivered;
  }

  int all_to_files() {
    const auto list = conversion_list(files_, output_, '.' + to_);
    for (const auto& failure : list.failures) print_diagnostic(failure);
    const ConverterOptions converter{
        to_ == "msg" ? OutputForm::msg : OutputForm::eml, options(),
        overwrite_ ? OutputFile::Existing::replace : OutputFile::Existing::keep,
        jobs_.value_or(std::max(1U, std::thread::hardware_concurrency()))};
    catch_interruptions();
    std::size_t told = 0;
    std::size_t failed = 0;
    {
      ProgressLine line;
      convert_all(
          list.conversions, converter,
          [&](const Converted& converted) {
            line.clear();
            tell(converted);
            ++told;
            if (!converted.error.empty()) ++failed;
          },
          [&](std::size_t done) {
            line.show(std::to_string(done) + " of " + std::to_string(list.conversions.size()) +
                      " converted");
            return !interrupted();
          });
    }
    summarise(list, told, failed);
    const bool is_whole = failed == 0 && told == list.conversions.size() && list.failures.empty();
    return is_whole ? all_delivered : some_failed;
  }

  void tell(const Converted& converted) const {
    if (json_) return print_json(json_of(converted));
    const auto file = converted.conversion.input.string();
    for (const auto& loss : converted.losses) print_file_diagnostic(file, loss.sentence);
    if (!converted.error.empty()) print_file_diagnostic(file, converted.error);
  }

  static void summarise(const ConversionList& list, std::size_t told, std::size_t failed) {
    auto sentence = counted(told - failed, "file") + " converted";
    if (failed > 0) sentence += ", " + std::to_string(failed) + " failed";
    if (list.skipped > 0) {
      sentence += ", " + std::to_string(list.skipped) + " skipped that are no messages";
    }
    const auto left = list.conversions.size() - told;
    if (left > 0) sentence += "; interrupted, with " + std::to_string(left) + " left";
    print_diagnostic(sentence);
  }

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

  std::vector<std::string> files_;
  std::string output_;
  std::string to_ = "eml";
  std::string from_;
  std::optional<unsigned> jobs_;
  bool overwrite_ = false;
  bool with_bcc_ = false;
  bool tnef_ = false;
  bool outline_ = false;
  bool json_ = false;
};

}  // namespace

Run add_convert(CLI::App& program) {
  auto* command = program.add_subcommand(
      "convert", "Convert Outlook files to mails (MIME), and mails to Outlook files");
  auto convert = std::make_shared<Convert>(*command);
  return [convert] { return convert->run(); };
}

}  // namespace postern::cli
