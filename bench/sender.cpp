#include "bench/sender.h"

#include <cstdio>
#include <exception>
#include <fstream>
#include <iostream>
#include <iterator>

#include <CLI/CLI.hpp>

#include "bench/control.h"

namespace postern::bench {

int run_sender(int argc, char** argv, const std::string& description,
               const std::function<void(const SenderOptions&)>& send) {
  SenderOptions options;
  std::string file;
  CLI::App program{description};
  program.add_option("--port", options.port, "the server's, on 127.0.0.1")->required();
  program.add_option("--message", file, "the message, with CRLF")
      ->required()
      ->check(CLI::ExistingFile);
  program.add_option("--messages", options.messages)->check(CLI::PositiveNumber);
  program.add_option("--sessions", options.sessions)->check(CLI::PositiveNumber);
  program.add_option("--ca-file", options.ca_file, "STARTTLS, verified against it");
  program.add_option("--mode", options.mode, "how the engine is to speak");
  CLI11_PARSE(program, argc, argv);
  try {
    std::ifstream stream(file, std::ios::binary);
    options.message.assign(std::istreambuf_iterator<char>(stream), {});
    tell_driver("ready");
    std::string line;
    std::getline(std::cin, line);
    send(options);
    tell_driver("done");
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s: %s\n", argv[0], error.what());
    return 1;
  }
}

}  // namespace postern::bench
