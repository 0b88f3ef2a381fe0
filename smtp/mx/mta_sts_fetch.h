// Fetches a domain's MTA-STS policy by HTTPS (RFC 8461 §3.3), through libcurl on an Asio
// io_context.
//
// The certificate is verified, redirects are not followed, no proxy is taken from the environment;
// at most 64 KiB and one minute, headers included. The policy host is looked up by our own
// resolver, so that all DNS queries go through it. All calls on the context's thread.
#pragma once

#include <chrono>
#include <memory>
#include <set>
#include <string>
#include <variant>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

#include "smtp/dns/resolver.h"
#include "smtp/io/async_event.h"
#include "smtp/io/curl_handle.h"
#include "smtp/tls_report/tls_report.h"

namespace postern::smtp {

struct MtaStsFetchOptions {
  int port = 443;
  std::string ca_file;  ///< PEM; empty: the system's
  std::chrono::milliseconds timeout{60'000};
};

struct MtaStsFetchFailure {
  TlsFailureType type = TlsFailureType::sts_policy_fetch_error;
  std::string reason;
};

/// Must outlive its coroutines.
class MtaStsFetch {
 public:
  MtaStsFetch(asio::io_context& context, Resolver& resolver, MtaStsFetchOptions options);

  /// The text of https://mta-sts.<domain>/.well-known/mta-sts.txt, unchecked.
  asio::awaitable<std::variant<std::string, MtaStsFetchFailure>> fetch(std::string domain);
  /// All fetches, also later ones, fail at once.
  void stop();

 private:
  asio::awaitable<std::vector<std::string>> addresses_of(std::string host);

  asio::io_context& context_;
  Resolver& resolver_;
  const MtaStsFetchOptions options_;
  CurlMulti multi_;
  std::set<std::shared_ptr<AsyncEvent>> waiting_;
  bool stopped_ = false;
};

}  // namespace postern::smtp
