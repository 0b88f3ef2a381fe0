// The process's own end: at the crossing of a point that it was told, it kills itself as anybody
// else would, without a chance to put anything in order.
#pragma once

#include <atomic>
#include <optional>
#include <string>
#include <type_traits>

#include "tests/kill/points.h"

namespace postern::kill {

/// Prints a line for the test, as a whole or not at all. From any thread.
void tell(std::string line);

class DyingPoints {
 public:
  /// `crossing`: the first is 1. Without a point it dies of what others do only.
  DyingPoints(std::optional<Point> point, int crossing) : point_(point), left_(crossing) {}

  void cross(Point point) {
    if (point == point_ && --left_ == 0) die();
  }

  /// Makes the call, and crosses the points before and behind it.
  template <class Work>
  auto around(Call call, const Work& work) {
    cross({call, Side::before});
    if constexpr (std::is_void_v<decltype(work())>) {
      work();
      cross({call, Side::behind});
    } else {
      auto result = work();
      cross({call, Side::behind});
      return result;
    }
  }

 private:
  [[noreturn]] void die() const;

  const std::optional<Point> point_;
  std::atomic<int> left_;
};

}  // namespace postern::kill
