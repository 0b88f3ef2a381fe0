// The messages that wait for room at a destination of a transport's (SubmitResult::destination), in
// the order in which they were claimed. They cost nothing but their place here. One after the other
// goes to a destination that has room, since two at once might change places on their way.
//
// No thread, clock or I/O. Never throws anything but std::bad_alloc. Threads: one thread at a time;
// the spooler holds its mutex.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "mapi/entry_id.h"
#include "mapi/file_time.h"

namespace postern::spooler {

class WaitingRoom {
 public:
  /// A transport, by its index, and a destination that it has named.
  using Destination = std::pair<std::size_t, std::string>;
  /// A message by its number, which grows with every claim.
  using Number = std::uint64_t;
  struct Waiting {
    mapi::EntryId entry;
    Number number = 0;
    Destination destination;
  };

  /// The message waits for that destination, at most until `until`. Returns false if room was given
  /// since it has asked whether others wait: it is to be offered again.
  bool wait(const mapi::EntryId& entry, Number number, const Destination& destination,
            std::optional<mapi::FileTime> until);
  /// There is room for so many messages. Returns the one that is to go now, if any, which waits no
  /// more.
  std::optional<Waiting> give_room(const Destination& destination, std::size_t messages);
  /// The one that went last has been offered; or, `!was_offered`, it will not be. Returns the next
  /// one that is to go.
  std::optional<Waiting> arrived(const Destination& destination, bool was_offered);
  /// Those whose time is up.
  std::vector<Waiting> take_late(mapi::FileTime now);
  std::optional<Waiting> take(const mapi::EntryId& entry);
  std::vector<Waiting> take_all();

  [[nodiscard]] bool any(const Destination& destination) const;
  /// Whether a message with a lower number than the one that asks waits for it, or is on its way.
  [[nodiscard]] bool any_before(const Destination& destination, Number number);
  /// The message of that number does not come to wait.
  void forget(Number number);
  /// The first of each destination that is on nobody's way is to go, whatever room there is:
  /// whoever was to tell of room may have missed to. To be called now and then.
  std::vector<Waiting> stir();
  [[nodiscard]] std::size_t size() const { return places_.size(); }
  /// When the first one's time is up.
  [[nodiscard]] std::optional<mapi::FileTime> next_late() const;

 private:
  struct Place {
    Number number = 0;
    Destination destination;
    std::optional<mapi::FileTime> until;
  };
  using Places = std::map<mapi::EntryId, Place>;
  Waiting leave(Places::iterator place);
  std::optional<Waiting> next(const Destination& destination);

  Places places_;
  std::map<Destination, std::map<Number, Places::iterator>> queues_;
  std::map<std::pair<mapi::FileTime, Number>, Places::iterator> late_;
  std::map<Destination, std::uint64_t> given_;  ///< how often room was
  /// What that was when the message has asked.
  std::map<std::pair<Number, Destination>, std::uint64_t> asked_;
  std::map<Destination, std::size_t> room_;
  std::map<Destination, Number> on_the_way_;
  std::map<Destination, Number> long_on_the_way_;  ///< when it was stirred last
};

}  // namespace postern::spooler
