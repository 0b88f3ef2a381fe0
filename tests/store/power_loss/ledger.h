// What the store has promised: the state of each message and folder that a call has acknowledged,
// and what calls were doing when the power went.
//
// A call changes one or several objects wholly or not at all. An object is in the hands of one
// thread at a time, so that what a call finds and leaves is known without asking the store; what a
// call in doubt has in its hands stays there until the store was looked at. From any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "mapi/entry_id.h"
#include "mapi/message.h"
#include "mapi/property_tags.h"
#include "tests/store/power_loss/dice.h"

namespace postern::store::test {

/// A message as it must be found, or a folder: then its name alone is in `value`.
struct Expected {
  mapi::EntryId folder{};  ///< in which it lies
  mapi::Message value{};   ///< without what the store makes of it
  /// Of PR_MESSAGE_FLAGS, MSGFLAG_UNSENT and, exactly if it is queued, MSGFLAG_SUBMIT.
  std::int32_t sending = 0;
  // Of a message that is queued: what keeps it from being claimed.
  std::optional<mapi::FileTime> next_attempt{};
  bool on_hold = false;
  bool held_without_end = false;

  void leave_queue(std::int32_t left_as) {
    sending = left_as;
    next_attempt.reset();
    on_hold = held_without_end = false;
  }
  [[nodiscard]] bool is_queued() const { return (sending & mapi::MSGFLAG_SUBMIT) != 0; }
};

enum class ObjectKind { message, folder };
using ObjectNumber = std::size_t;

struct Object {
  ObjectKind kind = ObjectKind::message;
  std::optional<mapi::EntryId> entry{};  ///< nullopt: no call has told it
  std::optional<Expected> state{};       ///< nullopt: it is not there
  bool is_in_hands = false;
  bool is_in_doubt = false;
};

/// The name by which an object is known before its entry id is: a message's subject, a folder's
/// name.
std::string name_of(ObjectKind kind, const mapi::Message& value);

/// What a call leaves behind; nullopt: nothing of the object.
struct Step {
  std::string call;
  std::map<ObjectNumber, std::optional<Expected>> after{};
};

class Ledger {
 public:
  /// An object that is not there yet: nobody's before a call has made it and told its entry id.
  ObjectNumber add(ObjectKind kind);
  /// A number that no other object of this ledger has in its name.
  std::uint64_t next_name();

  struct Taken {
    ObjectNumber number = 0;
    mapi::EntryId entry;
    Expected state;
  };
  /// Any object that is there, in nobody's hands and of the kind and state asked for.
  std::optional<Taken> take(Dice& dice, ObjectKind kind,
                            const std::function<bool(const Expected&)>& is_wanted);
  /// The message, if it is there and in nobody's hands.
  std::optional<Taken> take(const mapi::EntryId& entry);
  /// Out of the caller's hands, unless a call has left it in doubt.
  void release(ObjectNumber number);

  void tell(ObjectNumber number, const mapi::EntryId& entry);
  /// The call has returned.
  void acknowledge(const Step& step);
  /// It was running, or failed, when the power went.
  void leave_in_doubt(Step step);
  /// It has refused to do anything.
  void refuse();
  /// Something that needs no look at the store to be wrong.
  void complain(std::string fault);

  // For when no thread is under way.

  /// By number.
  [[nodiscard]] std::vector<Object>& objects() { return objects_; }
  /// What is decided for each call that is in doubt, by looking at the store.
  void settle_doubts(const std::function<bool(const Step&)>& has_happened);
  [[nodiscard]] std::vector<std::string> complaints() const { return complaints_; }

  struct Counts {
    std::uint64_t acknowledged = 0;
    std::uint64_t in_doubt = 0;
    std::uint64_t refused = 0;
  };
  [[nodiscard]] Counts counts() const { return counts_; }

 private:
  Taken take_in_hands(ObjectNumber number);
  void adopt(const Step& step);

  std::mutex mutex_;
  std::vector<Object> objects_;
  std::vector<Step> doubts_;
  std::vector<std::string> complaints_;
  Counts counts_;
  std::uint64_t names_ = 0;
};

}  // namespace postern::store::test
