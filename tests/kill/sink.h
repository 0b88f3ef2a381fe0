// A server that takes mail and remembers of each transaction whose it was, and when its final reply
// was written. What it answers to a recipient, the address says (letter.h).
//
// Spoolers are told apart by the number in their EHLO (life.h). Threads: the functions may be
// called from any; the server has one of its own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "tests/kill/ledger.h"

namespace postern::kill {

class Sink {
 public:
  Sink();
  ~Sink();
  Sink(const Sink&) = delete;
  Sink& operator=(const Sink&) = delete;

  [[nodiscard]] std::uint16_t port() const;

  struct Found {
    std::vector<Copy> copies;                         ///< in the order of their final replies
    std::set<std::pair<Life, std::string>> refusals;  ///< for good, of addresses
  };
  /// Ends what is open, after it has taken what dead clients have left to be read. Called once.
  [[nodiscard]] Found close();

 private:
  class Server;
  std::unique_ptr<Server> server_;
};

}  // namespace postern::kill
