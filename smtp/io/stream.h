// The interface between the dialogue and a connection: read and write, neither of which blocks.
//
// Implemented over libcurl for the network and in memory for tests. The code that runs the link
// waits between the calls until the stream is ready.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace postern::smtp {

struct StreamResult {
  enum class State { moved, would_block, closed };
  State state = State::would_block;
  std::size_t octets = 0;  ///< moved
  std::string why;         ///< closed: the system's error
  bool more = false;       ///< read: the stream has more buffered; the socket may not be readable
};

class Stream {
 public:
  virtual ~Stream() = default;  ///< closes the connection
  /// Reads at least one octet, or returns the reason why not.
  virtual StreamResult read(std::span<char> into) = 0;
  /// Writes at least one of the octets, or returns the reason why not. The caller passes the rest
  /// again, perhaps with more after it.
  virtual StreamResult write(std::string_view octets) = 0;
};

}  // namespace postern::smtp
