// Numbers of new rows, taken from the database's sequences in advance, so that an insertion need
// not be waited for. All connections of a process share them. Threads: any.
//
// A process that needs many takes more at once; those that it does not use are left out. A number
// that was taken and not used may be given away again by the server that takes over from another,
// so those in stock go with the connection.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <mutex>

#include "store/database/connection.h"

namespace postern::store {

class Numbers {
 public:
  /// `connection`: asks for more if there are none left.
  std::int64_t next(Connection& connection, Numbered table);
  /// A connection was lost.
  void forget();

 private:
  struct Stock {
    std::deque<std::int64_t> numbers;
    std::int64_t taken_at_once = 1;
  };
  static constexpr std::size_t tables = static_cast<std::size_t>(Numbered::attachment) + 1;

  std::mutex mutex_;
  std::array<Stock, tables> stocks_;
};

}  // namespace postern::store
