// An attempt in a thread of its own, for mechanisms inside which libcurl blocks: for GSSAPI it asks
// the Kerberos service and the DNS, and waits for them for as long as they like.
#pragma once

#include <memory>
#include <optional>

#include "smtp/connect/attempt.h"

namespace postern::smtp {

/// Whether libcurl may block in one of them.
bool may_block(const std::vector<std::string_view>& mechanisms);

class BlockingAttempt {
 public:
  /// Starts it. `event` is of `context`, on whose thread everything here is called; it is set when
  /// the attempt has ended.
  BlockingAttempt(asio::io_context& context, const std::shared_ptr<AsyncEvent>& event,
                  std::shared_ptr<const ClientOptions> options, std::optional<Proxy> proxy,
                  ConnectTarget target, TlsRequirement tls, AttemptCredentials credentials);
  /// Does not wait for the thread: what it still does has no effect.
  ~BlockingAttempt();
  BlockingAttempt(const BlockingAttempt&) = delete;
  BlockingAttempt& operator=(const BlockingAttempt&) = delete;

  [[nodiscard]] bool ended() const;
  /// Of one that has ended, by itself or by its deadline. Throws what the thread has thrown.
  [[nodiscard]] ConnectAttempt& attempt();
  /// By then it has ended, each step within its own limit, unless libcurl is blocked.
  [[nodiscard]] SteadyTime deadline() const { return deadline_; }

 private:
  struct Work;
  std::shared_ptr<Work> work_;
  SteadyTime deadline_;
};

/// Waits until the attempt, which was started, has ended, its deadline has passed, or `stop` has
/// become true.
asio::awaitable<void> carry(const ConnectAttempt& attempt, std::shared_ptr<AsyncEvent> event,
                            const bool& stop);

}  // namespace postern::smtp
