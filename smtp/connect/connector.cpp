#include "smtp/connect/connector.h"

#include <algorithm>
#include <array>
#include <set>
#include <stdexcept>
#include <utility>

#include "base/resource_exhaustion.h"
#include "base/text.h"
#include "smtp/connect/blocking_attempt.h"
#include "smtp/connect/lmtp_opening.h"
#include "smtp/connect/options.h"

namespace postern::smtp {
namespace {

using Kind = ConnectFailure::Kind;

/// The mechanism was refused, or the credentials as they were given by it (RFC 4954 §6).
bool is_mechanism_refusal(const ConnectFailure& failure) {
  constexpr std::array codes{504, 534, 535, 538};
  return failure.kind == Kind::refused && failure.stage == Stage::auth &&
         std::find(codes.begin(), codes.end(), failure.reply.code) != codes.end();
}

/// The refusal of a token may come as a challenge that tells why (RFC 7628 §3.2.3).
bool is_auth_refusal(const ConnectFailure& failure) {
  constexpr int challenge = 334;
  constexpr int credentials_invalid = 535;
  if (is_mechanism_refusal(failure) && failure.reply.code != credentials_invalid) return false;
  return failure.kind == Kind::refused && failure.stage == Stage::auth &&
         (failure.reply.reply_class() == 5 || failure.reply.code == challenge);
}

/// TLS was begun and failed: with an opportunistic policy the session may go on without it.
bool is_tls_failure(const ConnectFailure& failure) {
  const bool broken = failure.kind == Kind::handshake || failure.kind == Kind::certificate ||
                      failure.kind == Kind::lost || failure.kind == Kind::timed_out;
  return broken && failure.stage == Stage::starttls;
}

/// That TLS was not offered although it was wanted is a failure of TLS as well.
std::optional<TlsFailure> tls_failure(TlsPolicy wanted, const ConnectAttempt& attempt,
                                      const std::variant<Connection, ConnectFailure>& result) {
  if (const auto* failure = std::get_if<ConnectFailure>(&result)) {
    return attempt.tls_failure(*failure);
  }
  if (wanted != TlsPolicy::may || std::get<Connection>(result).tls) return std::nullopt;
  return attempt.tls_failure({Kind::starttls_not_offered, Stage::starttls, {}, {}});
}

}  // namespace

struct Connector::AttemptContext {
  const ConnectTarget& target;
  const std::shared_ptr<AsyncEvent>& event;
  const bool& stop;
  TlsRequirement tls;
  AuthPlan auth;
  std::vector<std::string> offered{};       ///< mechanisms, in the last attempt
  std::string mechanism{};                  ///< that the last attempt has used
  std::vector<std::string> transcript{};    ///< of all attempts
  std::optional<TlsFailure> tls_failure{};  ///< the first one

  void note(std::optional<TlsFailure> failure) {
    if (!tls_failure) tls_failure = std::move(failure);
  }
};

Connector::Connector(asio::io_context& context, std::shared_ptr<const ClientOptions> options)
    : context_(context),
      options_(std::move(options)),
      proxy_(proxy_of(*options_)),
      token_command_(context, options_->token_command, options_->timeouts.token_command),
      multi_(context) {
  for (CURLSH*& sessions : sessions_) {
    sessions = curl_share_init();
    curl_share_setopt(sessions, CURLSHOPT_SHARE, CURL_LOCK_DATA_SSL_SESSION);
  }
}

Connector::~Connector() {
  for (CURLSH* const sessions : sessions_) curl_share_cleanup(sessions);
}

CURLSH* Connector::sessions_for(const TlsRequirement& tls) const {
  if (!tls.names.empty()) return nullptr;
  switch (tls.policy) {
    case TlsPolicy::may:
      return sessions_[0];
    case TlsPolicy::encrypt:
      return sessions_[1];
    case TlsPolicy::verify:
      return sessions_[2];
    case TlsPolicy::none:
    case TlsPolicy::fingerprint:
    case TlsPolicy::dane:
      break;
  }
  return nullptr;
}

asio::awaitable<Connected> Connector::connect(ConnectTarget target,
                                              std::shared_ptr<AsyncEvent> event, const bool& stop) {
  AttemptContext context{target, event, stop, effective_tls(target), {}};
  Result result = ConnectFailure{Kind::stopped, Stage::connect, {}, {}};
  try {
    context.auth = auth_plan_for(*options_, target.relay);
    const auto fault = target_fault(target, context.auth.wanted(), proxy_.has_value());
    result = ConnectFailure{Kind::bad_target, Stage::connect, fault.value_or(""), {}};
    if (!fault) result = co_await connect_by_policy(context);
  } catch (const std::invalid_argument& failure) {
    result = ConnectFailure{Kind::no_credentials, Stage::auth, failure.what(), {}};
  } catch (const std::exception& failure) {
    const auto lack = exhausted_resource(std::current_exception());
    result = ConnectFailure{
        lack ? Kind::no_resources : Kind::lost, Stage::connect, lack.value_or(failure.what()), {}};
  }
  if (auto* connection = std::get_if<Connection>(&result)) {
    connection->transcript = std::move(context.transcript);
    Connected connected{std::move(*connection), std::move(context.tls_failure)};
    co_return connected;
  }
  RouteFault fault = connect_fault(std::get<ConnectFailure>(result), target.relay,
                                   proxy_ ? proxy_->text() : "", TimePoint::now());
  fault.transcript = std::move(context.transcript);
  Connected connected{std::move(fault), std::move(context.tls_failure)};
  co_return connected;
}

asio::awaitable<Connector::Result> Connector::connect_by_policy(AttemptContext& context) {
  if (context.target.tested) {
    context.tls = *context.target.tested;
    Result tested = co_await connect_with_auth(context);
    if (!context.tls_failure || context.stop) co_return tested;
    context.tls = effective_tls(context.target);
  }
  Result result = co_await connect_with_auth(context);
  const auto* failure = std::get_if<ConnectFailure>(&result);
  const bool again = context.tls.policy == TlsPolicy::may && failure != nullptr &&
                     is_tls_failure(*failure) && !context.stop;
  if (again) {
    // On a new connection, since the old one cannot be used any more.
    context.tls.policy = TlsPolicy::none;
    result = co_await connect_with_auth(context);
  }
  co_return result;
}

asio::awaitable<Connector::Result> Connector::connect_with_auth(AttemptContext& context) {
  if (!context.auth.wanted()) {
    AttemptCredentials no_credentials;
    Result plain = co_await attempt(context, std::move(no_credentials));
    co_return plain;
  }
  const std::string account = context.target.relay.text() + ' ' + context.auth.user;
  std::vector<MechanismSet> sets =
      mechanisms_.remaining(account, context.auth.mechanisms, TimePoint::now().steady);
  std::set<std::string> refused;
  std::optional<ConnectFailure> first_refusal;
  for (;;) {
    const MechanismSet set = sets.front();  // which is changed below
    Result result = co_await with_mechanisms(context, set);
    const auto now = TimePoint::now().steady;
    const auto* failure = std::get_if<ConnectFailure>(&result);
    if (failure == nullptr) mechanisms_.refused(account, refused, now);
    if (failure == nullptr || context.stop) co_return result;
    if (is_mechanism_refusal(*failure) && mechanisms_.may_try_next(account, now)) {
      if (!first_refusal) first_refusal = *failure;
      refused.insert(context.mechanism);
      sets = sets_without(std::move(sets), context.mechanism);
    } else if (failure->kind == Kind::no_mechanism) {
      sets.erase(sets.begin());
    } else {
      co_return result;
    }
    std::erase_if(sets, [&](const MechanismSet& one) { return !is_offered(context, one); });
    if (!sets.empty()) continue;
    if (refused.size() > 1) mechanisms_.all_refused(account, now);
    if (first_refusal) co_return *std::move(first_refusal);
    co_return result;
  }
}

/// Whether the last attempt was offered one of them.
bool Connector::is_offered(const AttemptContext& context, const MechanismSet& mechanisms) {
  return std::any_of(mechanisms.begin(), mechanisms.end(), [&](std::string_view name) {
    return std::find(context.offered.begin(), context.offered.end(), name) != context.offered.end();
  });
}

asio::awaitable<Connector::Result> Connector::with_mechanisms(AttemptContext& context,
                                                              const MechanismSet& mechanisms) {
  AttemptCredentials credentials{context.auth.user, context.auth.password, {}, mechanisms};
  if (!context.auth.by_token) {
    Result result = co_await attempt(context, std::move(credentials));
    co_return result;
  }
  for (bool again = true;; again = false) {
    auto token = co_await token_command_.token(context.event, context.stop);
    if (const auto* failed = std::get_if<TokenFailure>(&token)) {
      const Kind kind = failed->stopped         ? Kind::stopped
                        : failed->configuration ? Kind::no_credentials
                                                : Kind::no_token;
      co_return ConnectFailure{kind, Stage::auth, failed->text, {}};
    }
    credentials.token = std::get<std::string>(token);
    Result result = co_await attempt(context, credentials);
    auto* failure = std::get_if<ConnectFailure>(&result);
    if (failure == nullptr || !is_auth_refusal(*failure)) co_return result;
    token_command_.refused(credentials.token);
    failure->kind = Kind::token_refused;
    if (!again) co_return result;
  }
}

asio::awaitable<Connector::Result> Connector::attempt(AttemptContext& context,
                                                      AttemptCredentials credentials) {
  if (may_block(credentials.mechanisms)) {
    Result result = co_await blocking_attempt(context, std::move(credentials));
    co_return result;
  }
  ConnectAttempt attempt(multi_,
                         {*options_, proxy_, context.target, context.tls, std::move(credentials),
                          sessions_for(context.tls)},
                         context.event);
  attempt.start();
  co_await carry(attempt, context.event, context.stop);
  Result result = co_await conclude(context, attempt);
  co_return result;
}

asio::awaitable<Connector::Result> Connector::blocking_attempt(AttemptContext& context,
                                                               AttemptCredentials credentials) {
  BlockingAttempt apart(context_, context.event, options_, proxy_, context.target, context.tls,
                        std::move(credentials));
  while (!apart.ended()) {
    if (context.stop) co_return ConnectFailure{Kind::stopped, Stage::auth, {}, {}};
    if (apart.deadline() <= std::chrono::steady_clock::now()) {
      co_return ConnectFailure{
          Kind::timed_out, Stage::auth, "the Kerberos service does not answer", {}};
    }
    co_await context.event->wait(
        std::min(apart.deadline(), std::chrono::steady_clock::now() + std::chrono::seconds{1}));
  }
  Result result = co_await conclude(context, apart.attempt());
  co_return result;
}

asio::awaitable<Connector::Result> Connector::conclude(AttemptContext& context,
                                                       ConnectAttempt& attempt) {
  Result result = attempt.stopped();
  if (attempt.ended()) {
    result = attempt.result();
  } else if (!context.stop) {
    result = attempt.timed_out();
  }
  context.note(tls_failure(context.tls.policy, attempt, result));
  if (auto* connection = std::get_if<Connection>(&result); connection && connection->lmtp) {
    LmtpOpening opening(context_, *connection->stream, attempt.transcript(), *options_);
    if (auto failure = co_await opening.run(context.event, context.stop)) {
      result = std::move(*failure);
    } else {
      connection->server = attempt.transcript().capabilities();
      connection->server_name = attempt.transcript().server_name();
    }
  }
  const auto& lines = attempt.transcript().lines();
  context.transcript.insert(context.transcript.end(), lines.begin(), lines.end());
  context.offered = attempt.transcript().capabilities().auth_mechanisms;
  context.mechanism = attempt.transcript().mechanism();
  co_return result;
}

}  // namespace postern::smtp
