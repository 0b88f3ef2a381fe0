// postern-sample OUT.msg: writes the demonstration's message as an Outlook .msg file.
#include <cstdint>
#include <exception>
#include <filesystem>
#include <iostream>
#include <optional>

#include <CLI/CLI.hpp>

#include "cli/sample_message.h"
#include "msg/msg_file.h"

int main(int count, char** arguments) {
  std::filesystem::path out;
  std::optional<std::uint64_t> attachment_size;
  CLI::App program("Writes a sample message object as an Outlook .msg file.", "postern-sample");
  program.add_option("OUT.msg", out, "The file to write")->required();
  program.add_option("--attachment-size", attachment_size,
                     "Instead of picture and table, one attachment of this many octets");
  CLI11_PARSE(program, count, arguments);
  try {
    postern::msg::write(attachment_size ? postern::cli::sample_message(*attachment_size)
                                        : postern::cli::sample_message(),
                        out);
  } catch (const std::exception& failure) {
    std::cerr << "postern-sample: " << failure.what() << "\n";
    return 1;
  }
  return 0;
}
