// What many measured times say together.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

namespace postern::cli {

using Durations = std::vector<std::chrono::nanoseconds>;

/// Percentiles are by nearest rank: each is a time that was measured. All is zero of none.
struct Timings {
  std::size_t count = 0;
  double per_second = 0;
  double median_ms = 0;
  double p99_ms = 0;
};

/// `elapsed`: in which all of them were measured, perhaps several at once.
Timings timings_of(Durations each, std::chrono::nanoseconds elapsed);
/// Of what was done one after the other, with other things in between.
Timings timings_of(const Durations& each);

/// "812", "12,345", "0.53": three digits that say something, at least.
std::string number_text(double number);
/// The number for sentences, since no measurement is worth more than two digits: "1,400".
std::string rough_text(double number);
/// "0.053 ms", "12.3 ms", "1,250 ms".
std::string milliseconds_text(double milliseconds);

}  // namespace postern::cli
