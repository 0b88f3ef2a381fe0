// How bad a world is: drawn by its seed, from a calm one to one in which nothing can be relied on.
#pragma once

#include <chrono>

#include "spooler/retry_schedule.h"
#include "tests/simulation/disk.h"
#include "tests/simulation/network.h"

namespace postern::simulation {

struct Day {
  NetworkDay network;
  Disk::Rates disk;
  bool has_relays = false;  ///< all mail goes by them
  std::size_t lives = 0;
  std::chrono::minutes longest{0};  ///< for so long clients submit, and operators do what they do
  std::size_t crashes = 0;          ///< from outside
  std::size_t restarts = 0;
  std::size_t clock_jumps = 0;
  std::size_t cancels = 0;
  std::size_t holds = 0;
  std::size_t retries = 0;
  std::size_t flushes = 0;
  std::size_t sessions = 1;
  std::size_t open_messages = 0;
  std::size_t connections = 1;  ///< per destination
  bool is_grouped = true;
  std::size_t overlap = 1;
  std::size_t recipients_per_transaction = 0;
  bool has_local_delivery_reports = false;
  spooler::RetrySchedule retry;
};

Day draw_day(Chance& chance);

}  // namespace postern::simulation
