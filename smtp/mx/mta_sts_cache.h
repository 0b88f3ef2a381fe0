// MTA-STS policies that were fetched, until they expire (RFC 8461 §3.3, §5.1).
//
// In memory; with a directory also on disk, one file per domain, each replaced as a whole, so that
// a restart does not open the door that the policy closed. A file that is broken or not ours is as
// if it were not there; one that cannot be written costs nothing but the memory of it. The clock is
// the caller's.
#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <string>

#include "smtp/mx/mta_sts_policy.h"

namespace postern::smtp {

struct StoredMtaStsPolicy {
  using Time = std::chrono::system_clock::time_point;
  std::string id;
  Time fetched;
  MtaStsPolicy policy;
  /// A policy is kept for a minute at least: an age of zero must not mean a fetch for each message.
  [[nodiscard]] Time expires() const;
};

class MtaStsCache {
 public:
  using Time = StoredMtaStsPolicy::Time;
  static constexpr std::size_t max_in_memory = 10'000;

  /// `directory`: made if missing; empty: memory only. Throws std::invalid_argument where it cannot
  /// be used.
  explicit MtaStsCache(std::string directory = {});

  /// The policy of the domain (as dns_name gives it) if it has not expired, until the next call.
  const StoredMtaStsPolicy* find(const std::string& domain, Time now);
  void store(const std::string& domain, StoredMtaStsPolicy policy);

 private:
  [[nodiscard]] std::string file_of(const std::string& domain) const;
  void keep(const std::string& domain, StoredMtaStsPolicy policy);
  void load(const std::string& domain, Time now);
  void forget(const std::string& domain);

  std::string directory_;
  std::map<std::string, StoredMtaStsPolicy> policies_;
};

}  // namespace postern::smtp
