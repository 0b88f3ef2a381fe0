// postern-sample OUT.msg: writes the demonstration's message as an Outlook .msg file.
#include <cstdint>
#include <exception>
#include <filesystem>
#include <iostream>
#include <optional>

#include <CLI/CLI.hpp>

#include "cli/sample/message.h"
#include "mapi/property_tags.h"
#include "msg/msg_file.h"

int main(int count, char** arguments) {
  std::filesystem::path out;
  std::optional<std::uint64_t> attachment_size;
  CLI::App program("Writes a sample message object as an Outlook .msg file.", "postern-sample");
  program.add_option("OUT.msg", out, "The file to write")->required();
  program.add_option("--attachment-size", attachment_size,
                     "Instead of picture and table, one attachment of this many octets");
  bool delivery_report = false;
  program.add_flag("--delivery-report", delivery_report, "Ask for a report of each delivery");
  CLI11_PARSE(program, count, arguments);
  try {
    auto message = attachment_size ? postern::cli::sample_message(*attachment_size)
                                   : postern::cli::sample_message();
    if (delivery_report) {
      message.set(postern::mapi::PR_ORIGINATOR_DELIVERY_REPORT_REQUESTED, true);
    }
    postern::msg::write(message, out);
  } catch (const std::exception& failure) {
    std::cerr << "postern-sample: " << failure.what() << "\n";
    return 1;
  }
  return 0;
}
