#include "cli/bench/timings.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <numeric>

namespace postern::cli {
namespace {

double milliseconds(std::chrono::nanoseconds time) {
  return std::chrono::duration<double, std::milli>(time).count();
}

/// The smallest of the sorted times that so many percent of them do not exceed.
double percentile(const Durations& sorted, std::size_t percent) {
  constexpr std::size_t whole = 100;
  const std::size_t rank = (sorted.size() * percent + whole - 1) / whole;
  return milliseconds(sorted.at(rank - 1));
}

std::string with_commas(std::string digits) {
  constexpr std::size_t group = 3;
  for (std::size_t end = digits.size(); end > group; end -= group) digits.insert(end - group, ",");
  return digits;
}

}  // namespace

Timings timings_of(Durations each, std::chrono::nanoseconds elapsed) {
  if (each.empty()) return {};
  std::sort(each.begin(), each.end());
  const double seconds = std::chrono::duration<double>(elapsed).count();
  const double per_second = seconds > 0 ? static_cast<double>(each.size()) / seconds : 0;
  return {each.size(), per_second, percentile(each, 50), percentile(each, 99)};
}

Timings timings_of(const Durations& each) {
  return timings_of(each, std::accumulate(each.begin(), each.end(), std::chrono::nanoseconds{0}));
}

std::string number_text(double number) {
  constexpr double whole_from = 99.95;
  if (number >= whole_from) return with_commas(std::to_string(std::llround(number)));
  int decimals = 1;
  for (double bound = 9.995; number > 0 && number < bound && decimals < 4; bound /= 10) ++decimals;
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.*f", number > 0 ? decimals : 0, number);
  return text.data();
}

std::string rough_text(double number) {
  constexpr double two_digits = 100;
  double unit = 1;
  while (number / unit >= two_digits) unit *= 10;
  const double rounded = std::round(number / unit) * unit;
  return rounded >= 1 ? with_commas(std::to_string(std::llround(rounded))) : number_text(number);
}

std::string milliseconds_text(double milliseconds) {
  return number_text(milliseconds) + " ms";
}

}  // namespace postern::cli
