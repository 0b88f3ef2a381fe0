// What follows from measured figures: which part limits, and what can be expected. Arithmetic only.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "cli/bench/timings.h"

namespace postern::cli {

/// A store, in a file or a database. What is absent was not measured.
struct StoreFigures {
  bool is_database = false;
  std::optional<Timings> round_trip{};  ///< to the database
  std::optional<Timings> sync{};        ///< an append and fdatasync; a commit of the database
  std::optional<Timings> alone{};       ///< submissions, by one thread
  std::optional<Timings> together{};    ///< submissions, by several threads
  std::size_t threads = 0;              ///< that were several
  double cores = 0;                     ///< that this process kept busy with those
};

struct RelayFigures {
  std::optional<Timings> round_trip{};
  bool pipelining = false;
  std::size_t sessions = 0;
  std::optional<Timings> sent{};  ///< messages by so many sessions
};

/// How often a message waits for the relay: with PIPELINING once, since its envelope is in one
/// flight with the end of the message before; else for MAIL, RCPT, DATA and its end.
[[nodiscard]] std::size_t waits_of_a_message(const RelayFigures& relay);

struct Conclusion {
  /// "disk", "database", "network" (the way to the database), "processor" or "relay"; empty: too
  /// little was measured.
  std::string limit;
  std::optional<double> store_carries{};  ///< messages a second, from submission to verdict
  /// Messages a second: as sent, else at most, by the round trip alone.
  std::optional<double> relay_carries{};
  std::string sentence;  ///< one, with its end
};

Conclusion conclude(const StoreFigures& store, const std::optional<RelayFigures>& relay);

}  // namespace postern::cli
