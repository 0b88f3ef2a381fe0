// What a test does where a program it needs is not installed: it is skipped with one line, but
// fails where everything has to be there (CI=true), as in tests/system/processes.py.
#pragma once

#include <cstdlib>
#include <string_view>

#include <gtest/gtest.h>

namespace postern::test {

inline bool everything_has_to_be_there() {
  const char* ci = std::getenv("CI");
  return ci != nullptr && std::string_view(ci) == "true";
}

}  // namespace postern::test

/// Ends the test, from its body or its SetUp; a text may be streamed into it. Wants braces around
/// it.
#define POSTERN_UNAVAILABLE()                                                 \
  if (postern::test::everything_has_to_be_there())                            \
    GTEST_FAIL() << "with CI=true everything the tests need must be there: "; \
  else                                                                        \
    GTEST_SKIP()
