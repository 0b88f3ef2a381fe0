// The two functions between the dialogue and a connection: read more, write more. Neither blocks.
//
// Implemented over libcurl for the network and in memory for tests; whoever runs the link waits
// for readiness between the calls, whatever that means for the stream at hand.
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
  std::string why;         ///< closed: what the system says
  bool more = false;       ///< read: the stream holds some that no readiness will tell of
};

class Stream {
 public:
  virtual ~Stream() = default;  ///< closes the connection
  /// At least one octet, or the reason why none.
  virtual StreamResult read(std::span<char> into) = 0;
  /// A part of the octets, at least one, or the reason why none. What it did not take is given
  /// again, perhaps with more behind it.
  virtual StreamResult write(std::string_view octets) = 0;
};

}  // namespace postern::smtp
