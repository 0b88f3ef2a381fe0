// How fast a store takes messages.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

#include "cli/bench/timings.h"
#include "mapi/message.h"
#include "mapi/msg_store.h"

namespace postern::cli {

/// A text of so many octets, in lines, that no disk or database can make smaller than it is worth.
std::string text_of(std::size_t octets);
/// A message with such a text, for one recipient.
mapi::Message message_of(std::size_t octets);

struct SubmissionOrder {
  std::size_t threads = 1;
  std::chrono::nanoseconds time{};
  std::uint64_t most = 0;  ///< messages
};
struct Submissions {
  Timings timings;
  double cores = 0;  ///< that this process kept busy meanwhile
};
/// Submits the message again and again, by so many threads at once, until the time is over, there
/// are so many, or the program is interrupted. Throws the first mapi::Failure of any of them.
Submissions measure_submissions(mapi::MsgStore& store, const mapi::Message& message,
                                const SubmissionOrder& order);

}  // namespace postern::cli
