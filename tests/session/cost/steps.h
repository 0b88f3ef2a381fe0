// Counts the steps of code that was compiled to count them (-fsanitize-coverage=trace-pc).
#pragma once

#include <cstdint>
#include <functional>

namespace postern::session::test {

/// How many basic blocks of such code `work` runs through: the same number each time. One thread at
/// a time.
std::uint64_t steps_of(const std::function<void()>& work);

}  // namespace postern::session::test
