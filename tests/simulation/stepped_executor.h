// Runs the spooler's pieces of work one by one, in any order.
#pragma once

#include <functional>
#include <utility>
#include <vector>

#include "spooler/run/executor.h"
#include "tests/simulation/chance.h"

namespace postern::simulation {

class SteppedExecutor final : public spooler::Executor {
 public:
  void run(std::function<void()> work) override { pieces_.push_back(std::move(work)); }
  [[nodiscard]] bool is_empty() const { return pieces_.empty(); }
  void step(Chance& chance) {
    std::swap(pieces_[chance.below(pieces_.size())], pieces_.back());
    const auto piece = std::move(pieces_.back());
    pieces_.pop_back();
    piece();
  }
  void drop_all() { std::exchange(pieces_, {}).clear(); }

 private:
  std::vector<std::function<void()>> pieces_;
};

}  // namespace postern::simulation
