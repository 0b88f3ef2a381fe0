// What a relay gives: a look at it, and, only if that is asked for, messages to one address.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>

#include "base/outcome.h"
#include "cli/bench/timings.h"
#include "smtp/client.h"
#include "smtp/probe.h"

namespace postern::cli {

/// A look that ends early when the program is interrupted. Throws UsageError for options that
/// cannot be used.
smtp::Probe look_at(const smtp::ClientOptions& client);

struct SendOrder {
  std::string from{};
  std::string to{};
  std::size_t count = 0;
  std::size_t octets = 0;  ///< of each message's text
  std::size_t sessions = 1;
};

struct Sent {
  Timings timings;  ///< of those that were taken, from the first octet to the verdict
  std::size_t begun = 0;
  std::optional<Outcome> refusal{};  ///< the first one that was no delivery
  bool needs_operator = false;       ///< a configuration was the reason
};

/// By so many sessions at once. After the first refusal, or when the program is
/// interrupted, no further one is begun. `tell` hears how many were taken. Throws UsageError as
/// look_at.
Sent send_messages(const smtp::ClientOptions& client, const SendOrder& order,
                   const std::function<void(std::size_t taken)>& tell = {});

}  // namespace postern::cli
