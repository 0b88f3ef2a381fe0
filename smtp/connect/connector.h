// Opens connections: name look-up, proxy, TCP, TLS or STARTTLS, EHLO and AUTH through libcurl; LHLO
// by lmtp_opening.h (smtp-transactions.md §5, rows 1–23).
//
// What libcurl does not guarantee is checked here: that every reply is well-formed, that AUTH was
// answered with 235, that there is TLS if it is required, TLS 1.2 at least. Credentials are sent
// over TLS only, except to a loopback relay whose TlsPolicy::none was set explicitly. After a token
// was refused, another one is fetched and tried once (row 23); libcurl does not send the empty
// reply to XOAUTH2's 334 but closes, so that 334 itself is the refusal. A TLS session is resumed
// only under the policy it was made under, and never if fingerprints, TLSA records or other names
// are required (row 74). All calls but the constructor's on the context's thread.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <variant>

#include "smtp/auth/auth_plan.h"
#include "smtp/auth/mechanism_memory.h"
#include "smtp/auth/token_command.h"
#include "smtp/client.h"
#include "smtp/connect/attempt.h"
#include "smtp/connect/connection.h"
#include "smtp/connect/proxy.h"
#include "smtp/connect/target.h"
#include "smtp/io/async_event.h"
#include "smtp/io/curl_multi.h"

namespace postern::smtp {

/// The result for a target.
struct Connected {
  std::variant<Connection, RouteFault> opened;
  /// The first failure of TLS that was required or possible, even if a connection was then opened
  /// without it.
  std::optional<TlsFailure> tls_failure;
};

class Connector {
 public:
  /// The options are checked ones (smtp/connect/options.h). Their relays and TLS are not used here:
  /// the caller makes targets of them (relay_target).
  Connector(asio::io_context& context, std::shared_ptr<const ClientOptions> options);
  ~Connector();
  Connector(const Connector&) = delete;
  Connector& operator=(const Connector&) = delete;

  /// `event` wakes the attempt, which ends when `stop` has become true.
  asio::awaitable<Connected> connect(ConnectTarget target, std::shared_ptr<AsyncEvent> event,
                                     const bool& stop);

  /// The AUTH mechanisms that relays have refused although they offer them.
  [[nodiscard]] const MechanismMemory& mechanisms() const { return mechanisms_; }
  [[nodiscard]] MechanismMemory& mechanisms() { return mechanisms_; }

  /// The argument of EHLO.
  [[nodiscard]] const std::string& helo_name() const { return options_->helo_name; }

 private:
  using Result = std::variant<Connection, ConnectFailure>;
  /// The state that successive attempts for one target share.
  struct AttemptContext;
  /// Tries the sets of mechanisms, the next mechanism after one that was refused, and a new token
  /// once.
  asio::awaitable<Result> connect_with_auth(AttemptContext& context);
  static bool is_offered(const AttemptContext& context, const MechanismSet& mechanisms);
  asio::awaitable<Result> with_mechanisms(AttemptContext& context, const MechanismSet& mechanisms);
  asio::awaitable<Result> attempt(AttemptContext& context, AttemptCredentials credentials);
  asio::awaitable<Result> blocking_attempt(AttemptContext& context, AttemptCredentials credentials);
  /// What came of an attempt that has ended, whose time is over, or that was stopped.
  asio::awaitable<Result> conclude(AttemptContext& context, ConnectAttempt& attempt);
  /// If TLS has failed, tries again with the TLS that is really required, without it if optional.
  asio::awaitable<Result> connect_by_policy(AttemptContext& context);
  [[nodiscard]] CURLSH* sessions_for(const TlsRequirement& tls) const;

  asio::io_context& context_;
  const std::shared_ptr<const ClientOptions> options_;
  std::optional<Proxy> proxy_;
  TokenCommand token_command_;
  CurlMulti multi_;
  std::array<CURLSH*, 3> sessions_;  ///< of may, encrypt and verify
  MechanismMemory mechanisms_;
};

}  // namespace postern::smtp
