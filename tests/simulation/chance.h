// What happens by chance: the same for the same seed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <random>

namespace postern::simulation {

class Chance {
 public:
  explicit Chance(std::uint64_t seed) : random_(seed) {}

  /// A number below the bound, which is at least 1.
  std::size_t below(std::size_t bound) {
    return std::uniform_int_distribution<std::size_t>(0, bound - 1)(random_);
  }
  bool one_in(std::size_t many) { return below(many) == 0; }
  bool per_mille(std::size_t rate) { return rate > 0 && below(1000) < rate; }
  template <class Range>
  const auto& pick(const Range& range) {
    return *(std::begin(range) + static_cast<std::ptrdiff_t>(below(std::size(range))));
  }

 private:
  std::mt19937_64 random_;
};

}  // namespace postern::simulation
