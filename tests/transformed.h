// Octets through a transform.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace postern::test {

/// Fed in blocks of `block_size`.
template <class Transform>
std::string transformed(std::string_view octets, std::size_t block_size) {
  Transform transform;
  std::string out;
  for (; octets.size() > block_size; octets.remove_prefix(block_size)) {
    transform.feed(octets.substr(0, block_size), out);
  }
  transform.feed(octets, out);
  transform.finish(out);
  return out;
}

template <class Transform>
std::string transformed(std::string_view octets) {
  return transformed<Transform>(octets, octets.size() + 1);
}

}  // namespace postern::test
