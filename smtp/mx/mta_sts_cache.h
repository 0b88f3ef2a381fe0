// MTA-STS policies that were fetched, until they expire (RFC 8461 §3.3, §5.1).
//
// In memory; with a directory also on disk, one file per domain, each replaced as a whole, so that
// a policy still protects the domain after a restart. A file that is damaged or foreign is ignored;
// if one cannot be written, the policy is kept in memory only. The caller passes the time.
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
  /// A policy is kept for a minute at least: max_age 0 must not cause a fetch for each message.
  [[nodiscard]] Time expires() const;
};

class MtaStsCache {
 public:
  using Time = StoredMtaStsPolicy::Time;
  static constexpr std::size_t max_in_memory = 10'000;

  /// `directory`: made if missing; empty: memory only. Throws std::invalid_argument if it cannot be
  /// used.
  explicit MtaStsCache(std::string directory = {});

  /// The policy of the domain (as dns_name gives it), valid until the next call; nullptr if there
  /// is none or it has expired.
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
