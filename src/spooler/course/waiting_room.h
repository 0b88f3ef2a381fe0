// The messages that wait for room at a destination of a transport's (SubmitResult::destination), in
// the order in which they were claimed. They cost nothing but their place here.
//
// No thread, clock or I/O. Never throws anything but std::bad_alloc. Threads: one thread at a time;
// the spooler holds its mutex.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
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

  /// The message waits for that destination, at most until `until`. Returns false if there was room
  /// after the transport had said that there was none: it does not wait then.
  bool wait(const mapi::EntryId& entry, Number number, const Destination& destination,
            std::optional<mapi::FileTime> until);
  /// There is room for so many messages: the first of those that wait, which wait no more.
  std::vector<Waiting> take(const Destination& destination, std::size_t messages);
  /// Those whose time is up.
  std::vector<Waiting> take_late(mapi::FileTime now);
  std::optional<Waiting> take(const mapi::EntryId& entry);
  std::vector<Waiting> take_all();

  [[nodiscard]] bool any(const Destination& destination) const;
  /// Whether a message with a lower number waits for it.
  [[nodiscard]] bool any_before(const Destination& destination, Number number) const;
  [[nodiscard]] std::size_t size() const { return places_.size(); }
  /// When the first one's time is up.
  [[nodiscard]] std::optional<mapi::FileTime> next_late() const;

 private:
  struct Place {
    Number number = 0;
    Destination destination;
    std::optional<mapi::FileTime> until;
  };
  Waiting leave(std::map<mapi::EntryId, Place>::iterator place);

  std::map<mapi::EntryId, Place> places_;
  std::map<Destination, std::map<Number, mapi::EntryId>> queues_;
  std::set<std::pair<mapi::FileTime, mapi::EntryId>> late_;
  std::set<Destination> early_;  ///< had room before anybody had come to wait
};

}  // namespace postern::spooler
