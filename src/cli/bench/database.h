// How fast a PostgreSQL database answers and commits.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>

#include "cli/bench/timings.h"

namespace postern::cli {

/// A connection to the server of a store. Nothing of the store is looked at or touched. All throw
/// mapi::Failure with one sentence, as store/postgresql_store.h says.
class BenchDatabase {
 public:
  explicit BenchDatabase(std::string url);
  ~BenchDatabase();
  BenchDatabase(const BenchDatabase&) = delete;
  BenchDatabase& operator=(const BenchDatabase&) = delete;

  Timings round_trips(std::chrono::nanoseconds time);
  /// Of so many octets, that are written into the server's log and into no table: what is written
  /// into a temporary one would not be waited for.
  Timings commits(std::size_t octets, std::chrono::nanoseconds time);

  /// A database of its own on the same server, which goes with the object.
  class Temporary {
   public:
    Temporary(BenchDatabase& server, std::string name);
    ~Temporary();
    Temporary(const Temporary&) = delete;
    Temporary& operator=(const Temporary&) = delete;
    /// As a store.
    [[nodiscard]] std::string url() const;

   private:
    BenchDatabase& server_;
    std::string name_;
  };
  /// nullopt, and `why_not()` says why, if this user may not make one.
  std::unique_ptr<Temporary> make_temporary();
  [[nodiscard]] const std::string& why_not() const { return why_not_; }

 private:
  class Connection;
  const std::string url_;
  std::unique_ptr<Connection> connection_;
  std::string why_not_;
};

}  // namespace postern::cli
