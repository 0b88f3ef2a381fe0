// The simulation as a program, for a night:
//   simulation [--seed FIRST] [--lives NUMBER] [--trace]
// Prints what was counted, and the first world with a fault. Exit status: 1 if there is one.
#include <cstdint>
#include <cstdlib>
#include <ctime>
#include <iostream>
#include <span>
#include <string_view>

#include "tests/simulation/simulation.h"

int main(int argc, char** argv) {
  using namespace postern::simulation;
  std::uint64_t seed = 1;
  std::uint64_t lives = 100'000;
  const std::span arguments(argv, static_cast<std::size_t>(argc));
  for (std::size_t i = 1; i < arguments.size(); ++i) {
    const std::string_view argument = arguments[i];
    if (argument == "--trace") {
      std::cout << trace_of(seed);
      return 0;
    }
    if (i + 1 == arguments.size() || (argument != "--seed" && argument != "--lives")) {
      std::cerr << "usage: simulation [--seed FIRST] [--lives NUMBER] [--trace]\n";
      return 64;
    }
    (argument == "--seed" ? seed : lives) = std::strtoull(arguments[++i], nullptr, 10);
  }
  const auto simulated = simulate(seed, lives);
  const auto minutes = static_cast<double>(std::clock()) / CLOCKS_PER_SEC / 60;
  for (std::size_t i = 0; i < Figures::names.size(); ++i) {
    std::cout << simulated.figures[static_cast<Count>(i)] << ' ' << Figures::names[i] << '\n';
  }
  const auto lived = static_cast<double>(simulated.figures[Count::lives]);
  std::cout << static_cast<std::uint64_t>(lived / minutes) << " lives a minute of a processor\n";
  if (simulated.fault) std::cout << *simulated.fault;
  return simulated.fault ? 1 : 0;
}
