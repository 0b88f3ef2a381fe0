// Opens connections: name look-up, proxy, TCP, TLS or STARTTLS, EHLO and AUTH through libcurl; LHLO
// by ourselves (smtp-transactions.md §5, rows 1–23).
//
// What libcurl does not promise is demanded here: a whole dialogue of sound replies, an AUTH that
// was really answered 235, TLS where the requirement asks for it, at least TLS 1.2. Credentials go
// over TLS only, save to a loopback relay for which TlsPolicy::none was asked for in so many words.
// A token that is refused is asked for once more (row 23); libcurl sends no empty reply to
// XOAUTH2's 334 but closes, so that 334 itself is the refusal. A TLS session is resumed only under
// the policy it was made under, and never where fingerprints, TLSA records or other names are
// required (row 74). All calls but the constructor's on the context's thread.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <variant>

#include "smtp/auth/auth_plan.h"
#include "smtp/auth/token_command.h"
#include "smtp/client.h"
#include "smtp/connect/attempt.h"
#include "smtp/connect/connection.h"
#include "smtp/connect/proxy.h"
#include "smtp/connect/target.h"
#include "smtp/io/async_event.h"
#include "smtp/io/curl_multi.h"

namespace postern::smtp {

/// What came of a target.
struct Connected {
  std::variant<Connection, RouteFault> opened;
  /// Why there was not the TLS that was asked for, or that could have been: the first reason, also
  /// where a connection was opened with less.
  std::optional<TlsFailure> tls_failure;
};

class Connector {
 public:
  /// The options are checked ones (smtp/connect/options.h). Their relays and TLS are the caller's
  /// to turn into targets (relay_target).
  Connector(asio::io_context& context, std::shared_ptr<const ClientOptions> options);
  ~Connector();
  Connector(const Connector&) = delete;
  Connector& operator=(const Connector&) = delete;

  /// `event` wakes the attempt, which ends when `stop` has become true.
  asio::awaitable<Connected> connect(ConnectTarget target, std::shared_ptr<AsyncEvent> event,
                                     const bool& stop);

  /// What is said in EHLO.
  [[nodiscard]] const std::string& helo_name() const { return options_->helo_name; }

 private:
  using Result = std::variant<Connection, ConnectFailure>;
  /// What one attempt is about; what it leaves for the next.
  struct AttemptContext;
  /// As often as the mechanisms and the token give reason to try again.
  asio::awaitable<Result> connect_with_auth(AttemptContext& context);
  asio::awaitable<Result> with_mechanisms(AttemptContext& context, const MechanismSet& mechanisms);
  asio::awaitable<Result> attempt(AttemptContext& context, AttemptCredentials credentials);
  /// Attempts with less TLS where that will do, and without where it is optional, when it has
  /// failed.
  asio::awaitable<Result> connect_by_policy(AttemptContext& context);
  [[nodiscard]] CURLSH* sessions_for(const TlsRequirement& tls) const;

  asio::io_context& context_;
  const std::shared_ptr<const ClientOptions> options_;
  std::optional<Proxy> proxy_;
  TokenCommand token_command_;
  CurlMulti multi_;
  std::array<CURLSH*, 3> sessions_;  ///< of may, encrypt and verify
};

}  // namespace postern::smtp
