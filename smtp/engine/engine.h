// The engine of a Client: one thread, on which its destinations work, and the calls from other
// threads.
//
// With relays there is one destination. By MX there is one for each domain, and one more for its
// messages with `TLS-Required: No`, so that a connection opened for these never carries another
// message (smtp-transactions.md §5, row 74). Destinations are made on demand; if there are too
// many, idle ones are destroyed.
#pragma once

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include <boost/asio/executor_work_guard.hpp>

#include "smtp/client.h"
#include "smtp/engine/destination.h"
#include "smtp/engine/distribution.h"
#include "smtp/io/host_lookup.h"
#include "smtp/tls_report/writer.h"

namespace postern::smtp {

class Client::Engine {
 public:
  explicit Engine(ClientOptions options);
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  Delivery deliver(const Envelope& envelope, const OctetSource& message,
                   const std::stop_token& stop);
  void start(OutgoingMessage message, std::function<void(Delivery)> done);
  std::optional<std::string> full_destination(
      const std::vector<std::string_view>& addresses,
      const std::function<bool(const std::string& destination)>& behind);
  std::vector<RouteStatus> routes();
  void resume();

 private:
  /// A message that was accepted, in parts.
  struct PendingMessage;
  using PendingMessagePointer = std::shared_ptr<PendingMessage>;
  /// Identifies a destination; with relays there is only the one of the empty domain.
  struct DestinationKey {
    std::string domain;
    DomainPolicies policies = DomainPolicies::obeyed;
    // NOLINTNEXTLINE(modernize-use-nullptr)
    friend auto operator<=>(const DestinationKey&, const DestinationKey&) = default;
  };

  PendingMessagePointer take(OutgoingMessage message, std::function<void(Delivery)> done);

  // On the engine's thread.
  static void stop(const PendingMessage& pending);
  void submit(const PendingMessagePointer& pending);
  void forget_idle();
  [[nodiscard]] DestinationKey key_of(const Part& part) const;
  static std::string share_of(const DestinationKey& key);
  Destination& destination(const DestinationKey& key);
  RelayHostSource::Lookup relay_lookup();
  void shut_down();

  const std::shared_ptr<const ClientOptions> options_;
  asio::io_context context_{1};
  asio::executor_work_guard<asio::io_context::executor_type> guard_;
  Connector connector_;
  HostLookup lookup_;
  DestinationShares shares_;
  std::optional<TlsReportWriter> reports_;  ///< by MX, if they are enabled
  std::unique_ptr<MxRouter> router_;        ///< by MX
  std::map<DestinationKey, std::unique_ptr<Destination>> destinations_;

  std::mutex mutex_;
  std::condition_variable delivered_;
  std::size_t deliveries_ = 0;  ///< that are not done, guarded by the mutex
  std::thread thread_;
};

}  // namespace postern::smtp
