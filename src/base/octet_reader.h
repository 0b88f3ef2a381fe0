// Octets that are pulled block by block, whatever they are: a message, a file, an attachment.
#pragma once

#include <cstddef>
#include <span>

#pragma GCC visibility push(default)
namespace postern {

/// One pass over octets. Used on one thread.
class OctetReader {
 public:
  virtual ~OctetReader() = default;
  /// Fills at least one octet of `into` and returns how many; 0 at the end. Throws an exception
  /// derived from std::exception if the source fails.
  virtual std::size_t read(std::span<std::byte> into) = 0;
};

}  // namespace postern
#pragma GCC visibility pop
