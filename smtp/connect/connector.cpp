#include "smtp/connect/connector.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "base/resource_exhaustion.h"
#include "base/text.h"
#include "smtp/connect/lmtp_opening.h"
#include "smtp/connect/options.h"

namespace postern::smtp {
namespace {

using Kind = ConnectFailure::Kind;

/// The refusal of a token may come as a challenge that tells why (RFC 7628 §3.2.3).
bool is_log_on_refusal(const ConnectFailure& failure) {
  constexpr int challenge = 334;
  return failure.kind == Kind::refused && failure.stage == Stage::auth &&
         (failure.reply.reply_class() == 5 || failure.reply.code == challenge);
}

/// TLS was begun and failed: with an opportunistic policy nothing is lost by going on without.
bool is_tls_failure(const ConnectFailure& failure) {
  const bool broken = failure.kind == Kind::handshake || failure.kind == Kind::certificate ||
                      failure.kind == Kind::lost || failure.kind == Kind::timed_out;
  return broken && failure.stage == Stage::starttls;
}

/// That TLS was used nowhere although it might have been is a failure of TLS as well.
std::optional<TlsFailure> tls_failure(TlsPolicy wanted, const ConnectAttempt& attempt,
                                      const std::variant<Connection, ConnectFailure>& result) {
  if (const auto* failure = std::get_if<ConnectFailure>(&result)) {
    return attempt.tls_failure(*failure);
  }
  if (wanted != TlsPolicy::may || std::get<Connection>(result).tls) return std::nullopt;
  return attempt.tls_failure({Kind::starttls_not_offered, Stage::starttls, {}, {}});
}

}  // namespace

struct Connector::Course {
  const ConnectTarget& target;
  const std::shared_ptr<Signal>& signal;
  const bool& stop;
  TlsRequirement tls;
  LogOn log_on;
  std::vector<std::string> offered{};       ///< mechanisms, in the last attempt
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

asio::awaitable<Connected> Connector::connect(ConnectTarget target, std::shared_ptr<Signal> signal,
                                              const bool& stop) {
  Course course{target, signal, stop, effective_tls(target), {}};
  Result result = ConnectFailure{Kind::stopped, Stage::connect, {}, {}};
  try {
    course.log_on = log_on_for(*options_, target.relay);
    const auto fault = target_fault(target, course.log_on.wanted(), proxy_.has_value());
    result = ConnectFailure{Kind::bad_target, Stage::connect, fault.value_or(""), {}};
    if (!fault) result = co_await connect_by_policy(course);
  } catch (const std::invalid_argument& failure) {
    result = ConnectFailure{Kind::no_credentials, Stage::auth, failure.what(), {}};
  } catch (const std::exception& failure) {
    const auto lack = exhausted_resource(std::current_exception());
    result = ConnectFailure{
        lack ? Kind::no_resources : Kind::lost, Stage::connect, lack.value_or(failure.what()), {}};
  }
  if (auto* connection = std::get_if<Connection>(&result)) {
    connection->transcript = std::move(course.transcript);
    Connected connected{std::move(*connection), std::move(course.tls_failure)};
    co_return connected;
  }
  RouteFault fault = connect_fault(std::get<ConnectFailure>(result), target.relay,
                                   proxy_ ? proxy_->text() : "", present());
  fault.transcript = std::move(course.transcript);
  Connected connected{std::move(fault), std::move(course.tls_failure)};
  co_return connected;
}

asio::awaitable<Connector::Result> Connector::connect_by_policy(Course& course) {
  if (course.target.tested) {
    course.tls = *course.target.tested;
    Result tested = co_await log_on_and_connect(course);
    if (!course.tls_failure || course.stop) co_return tested;
    course.tls = effective_tls(course.target);
  }
  Result result = co_await log_on_and_connect(course);
  const auto* failure = std::get_if<ConnectFailure>(&result);
  const bool again = course.tls.policy == TlsPolicy::may && failure != nullptr &&
                     is_tls_failure(*failure) && !course.stop;
  if (again) {
    // On a new connection, since the old one is past use.
    course.tls.policy = TlsPolicy::none;
    result = co_await log_on_and_connect(course);
  }
  co_return result;
}

asio::awaitable<Connector::Result> Connector::log_on_and_connect(Course& course) {
  if (!course.log_on.wanted()) {
    AttemptLogOn nobody;
    Result plain = co_await attempt(course, std::move(nobody));
    co_return plain;
  }
  Result result = ConnectFailure{Kind::stopped, Stage::connect, {}, {}};
  for (const MechanismSet& mechanisms : course.log_on.mechanisms) {
    const bool first = &mechanisms == &course.log_on.mechanisms.front();
    const bool offered =
        first || std::any_of(mechanisms.begin(), mechanisms.end(), [&](std::string_view name) {
          return std::find(course.offered.begin(), course.offered.end(), name) !=
                 course.offered.end();
        });
    if (!offered) continue;
    result = co_await with_mechanisms(course, mechanisms);
    const auto* failure = std::get_if<ConnectFailure>(&result);
    if (failure == nullptr || failure->kind != Kind::no_mechanism) break;
  }
  co_return result;
}

asio::awaitable<Connector::Result> Connector::with_mechanisms(Course& course,
                                                              const MechanismSet& mechanisms) {
  AttemptLogOn log_on{course.log_on.user, course.log_on.password, {}, mechanisms};
  if (!course.log_on.by_token) {
    Result result = co_await attempt(course, std::move(log_on));
    co_return result;
  }
  for (bool again = true;; again = false) {
    auto token = co_await token_command_.token(course.signal, course.stop);
    if (const auto* failed = std::get_if<TokenFailure>(&token)) {
      const Kind kind = failed->stopped         ? Kind::stopped
                        : failed->configuration ? Kind::no_credentials
                                                : Kind::no_token;
      co_return ConnectFailure{kind, Stage::auth, failed->text, {}};
    }
    log_on.token = std::get<std::string>(token);
    Result result = co_await attempt(course, log_on);
    auto* failure = std::get_if<ConnectFailure>(&result);
    if (failure == nullptr || !is_log_on_refusal(*failure)) co_return result;
    token_command_.refused(log_on.token);
    failure->kind = Kind::token_refused;
    if (!again) co_return result;
  }
}

asio::awaitable<Connector::Result> Connector::attempt(Course& course, AttemptLogOn log_on) {
  ConnectAttempt attempt(
      multi_,
      {*options_, proxy_, course.target, course.tls, std::move(log_on), sessions_for(course.tls)},
      course.signal);
  Result result = attempt.stopped();
  attempt.start();
  while (!attempt.ended()) {
    if (course.stop || attempt.deadline() <= std::chrono::steady_clock::now()) break;
    co_await course.signal->wait(attempt.deadline());
  }
  if (attempt.ended()) {
    result = attempt.result();
  } else if (!course.stop) {
    result = attempt.timed_out();
  }
  course.note(tls_failure(course.tls.policy, attempt, result));
  if (auto* connection = std::get_if<Connection>(&result); connection && connection->lmtp) {
    LmtpOpening opening(context_, *connection->stream, attempt.transcript(), *options_);
    if (auto failure = co_await opening.run(course.signal, course.stop)) {
      result = std::move(*failure);
    } else {
      connection->server = attempt.transcript().capabilities();
      connection->server_name = attempt.transcript().server_name();
    }
  }
  const auto& lines = attempt.transcript().lines();
  course.transcript.insert(course.transcript.end(), lines.begin(), lines.end());
  course.offered = attempt.transcript().capabilities().auth_mechanisms;
  co_return result;
}

}  // namespace postern::smtp
