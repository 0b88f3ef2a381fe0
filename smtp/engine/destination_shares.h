// How much each destination has in the air, and who waits for room at one: asked by whoever begins
// messages, told by the engine. Threads: all functions may be called from any thread.
//
// A destination that is slow, silent or limited in its rate takes no more messages into the air
// than it can serve soon, so that the others' messages find room there.
#pragma once

#include <cstddef>
#include <map>
#include <mutex>
#include <string>

namespace postern::smtp {

class DestinationShares {
 public:
  /// Whether the destination takes one more message. If not, `update` will tell of room.
  bool has_room(const std::string& destination);
  /// Somebody waits behind others, whatever room there is. One of those is on its way or in the
  /// air, so that `update` will be called.
  void wait(const std::string& destination);
  /// The destination has `load` messages in the air now and takes `share`. Returns for how many
  /// there is room if somebody waits for that; he is forgotten then.
  std::size_t update(const std::string& destination, std::size_t load, std::size_t share);

 private:
  struct Place {
    std::size_t load = 0;
    std::size_t share = 0;
    bool awaited = false;
  };
  std::mutex mutex_;
  std::map<std::string, Place> places_;  ///< of destinations with a load, or that are awaited
};

}  // namespace postern::smtp
