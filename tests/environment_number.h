// A number that whoever runs the tests may give in the environment.
#pragma once

#include <cstdint>
#include <cstdlib>

namespace postern::test {

inline std::uint64_t environment_number(const char* name, std::uint64_t otherwise) {
  const char* const text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

}  // namespace postern::test
