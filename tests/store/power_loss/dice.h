// Random choices that a seed decides.
#pragma once

#include <cstddef>
#include <cstdint>
#include <random>

namespace postern::store::test {

class Dice {
 public:
  explicit Dice(std::uint64_t seed) : random_(seed) {}

  /// From 0 on; `bound` itself never comes.
  std::uint64_t below(std::uint64_t bound) { return random_() % bound; }
  std::uint64_t between(std::uint64_t first, std::uint64_t last) {
    return first + below(last - first + 1);
  }
  bool chance(unsigned percent) { return below(100) < percent; }
  std::uint64_t seed() { return random_(); }
  std::byte octet() { return static_cast<std::byte>(random_() & 0xFF); }

 private:
  std::mt19937_64 random_;
};

}  // namespace postern::store::test
