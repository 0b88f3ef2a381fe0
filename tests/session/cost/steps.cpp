#include "tests/session/cost/steps.h"

namespace {

std::uint64_t steps = 0;

}  // namespace

/// The compiler calls it in each basic block, and has given it its name.
extern "C" void __sanitizer_cov_trace_pc();  // NOLINT(bugprone-reserved-identifier)
void __sanitizer_cov_trace_pc() {            // NOLINT(bugprone-reserved-identifier)
  ++steps;
}

namespace postern::session::test {

std::uint64_t steps_of(const std::function<void()>& work) {
  const auto before = steps;
  work();
  return steps - before;
}

}  // namespace postern::session::test
