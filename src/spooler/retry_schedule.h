// When a message that could not be delivered is tried again, when its sender is told that it is
// delayed, and when it expires (mapi-submission.md §9: 1, 5, 15, 30, 60 min, then every 2 h, for
// 5 days).
#pragma once

#include <chrono>
#include <optional>
#include <vector>

#include "mapi/message.h"

#pragma GCC visibility push(default)
namespace postern::spooler {

/// The intervals and the lifetime of a message in the queue.
struct RetrySchedule {
  /// The pause before the first, second, … retry; the last one repeats. Must not be empty.
  std::vector<std::chrono::milliseconds> intervals{
      std::chrono::minutes{1},  std::chrono::minutes{5},  std::chrono::minutes{15},
      std::chrono::minutes{30}, std::chrono::minutes{60}, std::chrono::hours{2}};
  std::chrono::milliseconds give_up_after =
      std::chrono::hours{24 * 5};  ///< the lifetime in the queue
  /// How long after the first attempt in vain the sender is told once that the message is delayed;
  /// 0: never.
  std::chrono::milliseconds delay_warning = std::chrono::hours{4};

  /// The pause before the next retry; `retries`: the number made or scheduled before.
  [[nodiscard]] std::chrono::milliseconds interval(int retries) const;

  /// From when on a recipient that was tried in vain is given up: `give_up_after` the first attempt
  /// for the message. Before any, none is given up. One that could not be worked on for `trouble`
  /// counts from its submission.
  [[nodiscard]] mapi::FileTime give_up_time(const mapi::Message& message, bool trouble,
                                            mapi::FileTime now) const;

  /// From when on the sender is to be told of the delay; nullopt if never, or not tried in vain
  /// yet.
  [[nodiscard]] std::optional<mapi::FileTime> delay_warning_time(
      const mapi::Message& message) const;
};

/// PR_LATEST_DELIVERY_TIME, by which the sender forbids later attempts; nullopt if there is none.
std::optional<mapi::FileTime> latest_delivery_time(const mapi::Message& message);

}  // namespace postern::spooler
#pragma GCC visibility pop
