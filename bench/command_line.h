// How the programs of the benchmarks read their command lines.
#pragma once

#include <cstdlib>

#include <CLI/CLI.hpp>

namespace postern::bench {

/// Ends the program where its words are wrong, or ask for help.
inline void parse_or_exit(CLI::App& program, int argc, char** argv) {
  try {
    program.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    std::exit(program.exit(error));
  }
}

}  // namespace postern::bench
