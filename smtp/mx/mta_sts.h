// MTA-STS (RFC 8461): the policy that applies to a domain's mail hosts now. What follows from it
// for their TLS is decided in smtp/mx/route.h.
//
// A DNS record announces a policy and its changes; the policy is fetched by HTTPS and cached until
// it expires. A failed look-up or fetch never removes a policy that is still valid. The caller
// waits for the fetch, a minute at most; one that failed is not repeated for five minutes, and
// concurrent calls for a domain share one. All calls but the constructor's on the context's thread.
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
  std::optional<MtaStsFetchFailure> failure;  ///< for the TLS report; also beside a cached policy
};

/// Must outlive its coroutines.
class MtaSts {
 public:
  /// Throws std::invalid_argument if the cache directory cannot be used.
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
  /// Fetches that are running, and the callers that wait for them.
  std::map<std::string, std::vector<std::shared_ptr<AsyncEvent>>> under_way_;
  std::map<std::string, Attempt> failures_;
};

}  // namespace postern::smtp
