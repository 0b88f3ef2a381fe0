// MTA-STS (RFC 8461): the policy by which a domain's mail hosts are to be judged now.
//
// The DNS tells whether there is one and when it changed; the policy comes by HTTPS and is cached
// until it expires. What cannot be looked up or fetched never takes away a policy that is still
// valid. Whoever asks waits for the fetch, a minute at most; one that failed is not tried again for
// five minutes, and many messages to a domain share one. All calls but the constructor's on the
// context's thread.
#pragma once

#include <map>
#include <optional>
#include <string>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

#include "base/clock.h"
#include "smtp/dns/resolver.h"
#include "smtp/mx/mta_sts_cache.h"
#include "smtp/mx/mta_sts_fetch.h"

namespace postern::smtp {

struct MtaStsOptions {
  bool enabled = true;
  std::string cache_directory;  ///< empty: memory only
  MtaStsFetchOptions fetch;
};

struct MtaStsAnswer {
  std::optional<MtaStsPolicy> policy;
  std::optional<MtaStsFetchFailure> failure;  ///< for the TLS report; there may be a policy still
};

/// Must outlive its coroutines.
class MtaSts {
 public:
  /// Throws std::invalid_argument where the cache directory cannot be used.
  MtaSts(asio::io_context& context, Resolver& resolver, MtaStsOptions options);

  /// `domain` as dns_name gives it.
  asio::awaitable<MtaStsAnswer> policy(std::string domain);
  void stop();

 private:
  struct Attempt {
    std::string id;
    SteadyTime again;  ///< not before
    MtaStsFetchFailure failure;
  };
  struct FetchGuard;
  asio::awaitable<MtaStsAnswer> refreshed(std::string domain, std::string id);
  MtaStsAnswer take(const std::string& domain, const std::string& id,
                    const std::variant<std::string, MtaStsFetchFailure>& fetched);
  MtaStsAnswer answer(const std::string& domain, std::optional<MtaStsFetchFailure> failure);
  const Attempt* recent_failure(const std::string& domain, const std::string& id);

  asio::io_context& context_;
  Resolver& resolver_;
  const bool enabled_;
  MtaStsCache cache_;
  MtaStsFetch fetch_;
  std::map<std::string, std::vector<std::shared_ptr<AsyncEvent>>>
      under_way_;  ///< and who waits for it
  std::map<std::string, Attempt> failures_;
};

}  // namespace postern::smtp
