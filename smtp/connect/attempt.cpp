#include "smtp/connect/attempt.h"

#include <algorithm>
#include <cstring>
#include <sys/ioctl.h>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/percent_encoding.h"
#include "base/resource_exhaustion.h"
#include "base/text.h"
#include "smtp/auth/auth_mechanism.h"
#include "smtp/connect/tls_failure_type.h"
#include "smtp/syntax/capability_line.h"
#include "smtp/syntax/url_parts.h"

namespace postern::smtp {
namespace {

constexpr auto curl_too_large = static_cast<CURLcode>(100);  // CURLE_TOO_LARGE, since 8.6

constexpr long authorities_kept_seconds = 60;

/// Who waits there for a greeting without TLS waits in vain (RFC 8314 §3.3).
constexpr std::chrono::milliseconds tls_port_limit{10'000};
bool speaks_tls_first(const Relay& relay) {
  constexpr int submissions = 465;
  return relay.port == submissions && !relay.implicit_tls && !relay.lmtp;
}

/// An address literal's brackets and colons are no plain URL characters.
std::string percent_encoded(std::string_view text) {
  std::string encoded;
  for (const char c : text) {
    constexpr std::string_view marks = "[]:";
    if (marks.find(c) == std::string_view::npos) {
      encoded += c;
    } else {
      append_percent_encoded(encoded, c);
    }
  }
  return encoded;
}

std::size_t on_body(char*, std::size_t size, std::size_t count, void*) {
  return size * count;
}

}  // namespace

ConnectAttempt::ConnectAttempt(CurlMulti& multi, Settings settings,
                               std::shared_ptr<AsyncEvent> event)
    : multi_(multi),
      settings_(std::move(settings)),
      event_(std::move(event)),
      guard_(std::make_unique<TlsGuard>(settings_.tls, settings_.target.relay.host,
                                        !settings_.target.relay.implicit_tls,
                                        [this] { return octets_waiting(); })),
      handle_(std::make_unique<CurlHandle>(multi, settings_.owner)) {
  set_server();
  set_transfer();
  set_proxy();
  if (settings_.target.relay.lmtp) return;
  set_tls();
  set_credentials();
}

void ConnectAttempt::set_server() {
  CURL* const easy = handle_->get();
  const Relay& relay = settings_.target.relay;
  const std::string name = relay.socket_path.empty()
                               ? fmt::format("{}:{}", url_host(relay.host), relay.port)
                               : "localhost";
  // For LMTP any scheme whose connection carries only the server's octets will do.
  const std::string_view scheme = relay.lmtp ? "http" : relay.implicit_tls ? "smtps" : "smtp";
  const std::string url =
      fmt::format("{}://{}/{}", scheme, name, percent_encoded(settings_.options.helo_name));
  curl_easy_setopt(easy, CURLOPT_URL, url.c_str());
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "smtp,smtps,http");
  if (!relay.socket_path.empty()) {
    curl_easy_setopt(easy, CURLOPT_UNIX_SOCKET_PATH, relay.socket_path.c_str());
  }
  if (settings_.target.address.empty()) return;
  const std::string instead = fmt::format("::{}:", url_host(settings_.target.address));
  handle_->connect_to(instead);
}

void ConnectAttempt::set_transfer() {
  CURL* const easy = handle_->get();
  const Timeouts& times = settings_.options.timeouts;
  curl_easy_setopt(easy, CURLOPT_CONNECT_ONLY, 1L);
  curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
  // The deadlines are ours; this only disables libcurl's own, shorter one.
  const auto longest =
      times.connect + times.greeting + 2 * times.ehlo + 2 * times.starttls + times.auth;
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(longest.count()) + 1000L);
  curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, error_.data());
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &on_body);
  curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, &ConnectAttempt::on_line);
  curl_easy_setopt(easy, CURLOPT_HEADERDATA, this);
  curl_easy_setopt(easy, CURLOPT_VERBOSE, 1L);  // or the debug function is not called
  curl_easy_setopt(easy, CURLOPT_DEBUGFUNCTION, &ConnectAttempt::on_debug);
  curl_easy_setopt(easy, CURLOPT_DEBUGDATA, this);
}

void ConnectAttempt::set_proxy() {
  CURL* const easy = handle_->get();
  const std::optional<Proxy>& proxy = settings_.proxy;
  if (!proxy) return;
  curl_easy_setopt(easy, CURLOPT_NOPROXY, "");  // or the environment's exceptions would be made
  curl_easy_setopt(easy, CURLOPT_PROXY, proxy->text().c_str());
  curl_easy_setopt(easy, CURLOPT_HTTPPROXYTUNNEL, 1L);
  curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  if (proxy->user.empty()) return;
  curl_easy_setopt(easy, CURLOPT_PROXYUSERNAME, proxy->user.c_str());
  curl_easy_setopt(easy, CURLOPT_PROXYPASSWORD, proxy->password.c_str());
  transcript_.mask().add(proxy->password);
}

void ConnectAttempt::set_tls() {
  CURL* const easy = handle_->get();
  const ClientOptions& options = settings_.options;
  const TlsRequirement& tls = settings_.tls;
  const long use = tls.policy == TlsPolicy::none  ? CURLUSESSL_NONE
                   : tls.policy == TlsPolicy::may ? CURLUSESSL_TRY
                                                  : CURLUSESSL_ALL;
  const bool verify = tls.policy == TlsPolicy::verify;
  curl_easy_setopt(easy, CURLOPT_USE_SSL, use);
  curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, verify ? 1L : 0L);
  // Names other than the host's are the guard's to require.
  curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, verify && tls.names.empty() ? 2L : 0L);
  if (!options.ca_file.empty()) curl_easy_setopt(easy, CURLOPT_CAINFO, options.ca_file.c_str());
  // libcurl would keep the authorities that it has read for a day.
  curl_easy_setopt(easy, CURLOPT_CA_CACHE_TIMEOUT, authorities_kept_seconds);
  if (!options.client_certificate.empty()) {
    const std::string& certificate = options.client_certificate;
    const std::string& key = options.client_key.empty() ? certificate : options.client_key;
    curl_easy_setopt(easy, CURLOPT_SSLCERT, certificate.c_str());
    curl_easy_setopt(easy, CURLOPT_SSLKEY, key.c_str());
  }
  curl_easy_setopt(easy, CURLOPT_SSL_SESSIONID_CACHE, settings_.sessions != nullptr ? 1L : 0L);
  curl_easy_setopt(easy, CURLOPT_SHARE, settings_.sessions);
  curl_easy_setopt(easy, CURLOPT_SSL_CTX_FUNCTION, &ConnectAttempt::on_ssl_context);
  curl_easy_setopt(easy, CURLOPT_SSL_CTX_DATA, guard_.get());
}

void ConnectAttempt::set_credentials() {
  CURL* const easy = handle_->get();
  const AttemptCredentials& credentials = settings_.credentials;
  if (credentials.mechanisms.empty()) return;
  if (!credentials.user.empty()) {
    curl_easy_setopt(easy, CURLOPT_USERNAME, credentials.user.c_str());
    curl_easy_setopt(easy, CURLOPT_PASSWORD, credentials.password.c_str());
  }
  if (!credentials.token.empty()) {
    curl_easy_setopt(easy, CURLOPT_XOAUTH2_BEARER, credentials.token.c_str());
  }
  const std::string allowed = fmt::format("AUTH={}", fmt::join(credentials.mechanisms, ";AUTH="));
  curl_easy_setopt(easy, CURLOPT_LOGIN_OPTIONS, allowed.c_str());
  transcript_.mask().set_user(credentials.user);
  transcript_.mask().add(credentials.password);
  transcript_.mask().add(credentials.token);
}

/// What AUTH says with the mechanism. A Kerberos ticket is too long for the line; libcurl sees that
/// too late: it has opened the security context then, and fails to open it once more when the
/// server asks for it. LOGIN begins with the server's question (RFC 4954 §4); libcurl takes it
/// where none of the others is both allowed and offered.
void ConnectAttempt::choose_initial_response() {
  const auto& allowed = settings_.credentials.mechanisms;
  if (allowed.empty()) return;
  const auto& offered = transcript_.capabilities().auth_mechanisms;
  const auto has = [](const auto& names, std::string_view name) {
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  const bool another = std::any_of(allowed.begin(), allowed.end(), [&](std::string_view name) {
    return name != "LOGIN" && has(offered, name);
  });
  const bool with_command = another && !has(allowed, "GSSAPI");
  curl_easy_setopt(handle_->get(), CURLOPT_SASL_IR, with_command ? 1L : 0L);
}

void ConnectAttempt::start() {
  started_ = std::chrono::steady_clock::now();
  multi_.add(handle_->get(),
             [this](CURLcode code, const std::exception_ptr& failure) { end(code, failure); });
}

void ConnectAttempt::end(CURLcode code, const std::exception_ptr& failure) {
  code_ = code;
  failure_ = failure;
  exhausted_ = exhausted();
  const char* address = nullptr;
  curl_easy_getinfo(handle_->get(), CURLINFO_LOCAL_IP, &address);
  if (address != nullptr) local_address_ = address;
  event_->set();
}

std::size_t ConnectAttempt::on_line(char* octets, std::size_t size, std::size_t count,
                                    void* self) noexcept {
  auto& attempt = *static_cast<ConnectAttempt*>(self);
  const std::span<char> line(octets, size * count);
  return attempt.callback_failure_.guard(
      std::size_t{0}, [&] { return attempt.hear(line) ? line.size() : std::size_t{0}; });
}

/// False ends the attempt, above all before a password goes to a server that could not be verified.
bool ConnectAttempt::hear(std::span<char> line) {
  if (transcript_.stage() == Stage::ehlo) normalise_capability_line(line);
  const bool sound = transcript_.server_said({line.data(), line.size()});
  if (transcript_.stage() == Stage::ehlo) choose_initial_response();
  step();
  return sound && !guard_->received_early() && !guard_->failure().happened() &&
         !callback_failure_.happened();
}

int ConnectAttempt::on_debug(CURL*, curl_infotype type, char* octets, std::size_t size,
                             void* self) noexcept {
  if (type != CURLINFO_HEADER_OUT) return 0;
  auto& attempt = *static_cast<ConnectAttempt*>(self);
  return attempt.callback_failure_.guard(0, [&] {
    attempt.note_tls();
    attempt.transcript_.client_said({octets, size});
    attempt.step();
    return 0;
  });
}

CURLcode ConnectAttempt::on_ssl_context(CURL*, void* context, void* guard) noexcept {
  const bool ready = static_cast<TlsGuard*>(guard)->prepare(static_cast<SSL_CTX*>(context));
  return ready ? CURLE_OK : CURLE_SSL_CONNECT_ERROR;
}

std::size_t ConnectAttempt::octets_waiting() const {
  int octets = 0;
  const curl_socket_t socket = multi_.socket_of(handle_->get());
  return ::ioctl(socket, FIONREAD, &octets) == 0 ? static_cast<std::size_t>(octets) : 0;
}

void ConnectAttempt::step() {
  if (transcript_.steps() == steps_) return;
  steps_ = transcript_.steps();
  stepped_ = std::chrono::steady_clock::now();
  event_->set();
}

void ConnectAttempt::note_tls() {
  if (guard_->established().empty() || std::exchange(tls_noted_, true)) return;
  transcript_.note(fmt::format("{}{}", guard_->established(),
                               guard_->verified() ? ", the server is verified" : ""));
}

std::optional<SteadyTime> ConnectAttempt::connected() const {
  curl_off_t time = 0;
  curl_easy_getinfo(handle_->get(), CURLINFO_CONNECT_TIME_T, &time);
  if (time <= 0) return std::nullopt;
  return started_ + std::chrono::microseconds(time);
}

Stage ConnectAttempt::stage() const {
  const Stage said = transcript_.stage();
  if (said != Stage::connect) return said;
  // With smtps:// libcurl calls itself connected only after the handshake.
  if (connected()) return Stage::greeting;
  return guard_->begun() ? Stage::starttls : Stage::connect;
}

std::chrono::milliseconds ConnectAttempt::limit(Stage stage) const {
  const Timeouts& times = settings_.options.timeouts;
  switch (stage) {
    case Stage::connect:
      return settings_.target.connect_limit.value_or(times.connect);
    case Stage::ehlo:
      return times.ehlo;
    case Stage::starttls:
      return times.starttls;
    case Stage::auth:
      return times.auth;
    default:
      return speaks_tls_first(settings_.target.relay) ? std::min(times.greeting, tls_port_limit)
                                                      : times.greeting;
  }
}

SteadyTime ConnectAttempt::deadline() const {
  const Stage now = stage();
  SteadyTime since = stepped_;
  if (now == Stage::connect) since = started_;
  // The greeting's first line does not begin its time anew.
  if (now == Stage::greeting) since = connected().value_or(started_);
  if (transcript_.stage() == Stage::connect && now == Stage::starttls) since = *guard_->begun();
  return since + limit(now);
}

ConnectFailure ConnectAttempt::timed_out() const {
  const std::chrono::duration<double> seconds = limit(stage());
  std::string detail = fmt::format("the limit is {} s", seconds.count());
  const Relay& relay = settings_.target.relay;
  if (stage() == Stage::greeting && !relay.implicit_tls && !relay.lmtp) {
    detail += "; if it speaks TLS from the start, write smtps://";
  }
  return {Kind::timed_out, stage(), std::move(detail), {}};
}

/// libcurl reports an exhausted resource as other errors.
std::error_code ConnectAttempt::exhausted() const {
  // Those of the attempt itself have been given back; what is free then was free before, or they
  // are these.
  constexpr std::size_t descriptors = 4;
  switch (*code_) {
    case CURLE_COULDNT_CONNECT:
      return handle_->socket_error();
    case CURLE_OUT_OF_MEMORY:
      return std::make_error_code(std::errc::not_enough_memory);
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
      if (std::string_view(error_.data()).find("thread failed to start") !=
          std::string_view::npos) {
        return std::make_error_code(std::errc::resource_unavailable_try_again);
      }
      return descriptors_exhausted(descriptors);
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CERTPROBLEM:
      return descriptors_exhausted(descriptors);
    default:
      return {};
  }
}

void ConnectAttempt::rethrow_failure() {
  if (failure_) std::rethrow_exception(failure_);
  callback_failure_.rethrow();
  if (guard_) guard_->failure().rethrow();
}

std::variant<Connection, ConnectFailure> ConnectAttempt::result() {
  rethrow_failure();
  if (*code_ != CURLE_OK || guard_->received_early()) return failure();
  const Relay& relay = settings_.target.relay;
  if (!settings_.credentials.mechanisms.empty() && !transcript_.authenticated()) {
    return ConnectFailure{Kind::auth_not_offered, Stage::auth, {}, {}};
  }
  const bool tls = !guard_->established().empty();
  if (!tls && settings_.tls.policy >= TlsPolicy::encrypt) {
    return ConnectFailure{Kind::starttls_not_offered, Stage::starttls, {}, {}};
  }
  note_tls();
  Connection connection{nullptr,
                        transcript_.capabilities(),
                        host(),
                        transcript_.server_name(),
                        relay.lmtp,
                        tls,
                        guard_->verified(),
                        guard_->established(),
                        transcript_.lines(),
                        transcript_.mask()};
  // The handle outlives this attempt, its callbacks must not.
  curl_easy_setopt(handle_->get(), CURLOPT_VERBOSE, 0L);
  curl_easy_setopt(handle_->get(), CURLOPT_HEADERFUNCTION, nullptr);
  curl_easy_setopt(handle_->get(), CURLOPT_HEADERDATA, nullptr);
  curl_easy_setopt(handle_->get(), CURLOPT_ERRORBUFFER, nullptr);
  auto stream = std::make_unique<CurlStream>(std::move(handle_), std::move(guard_));
  stream->touch();
  connection.stream = std::move(stream);
  return connection;
}

std::optional<TlsFailure> ConnectAttempt::tls_failure(const ConnectFailure& failure) const {
  const auto type = tls_failure_type(failure);
  if (!type) return std::nullopt;
  TlsFailure told;
  told.type = *type;
  told.sending_mta_ip = local_address_;
  told.receiving_mx_hostname = settings_.target.relay.host;
  told.receiving_mx_helo = transcript_.server_name();
  told.receiving_ip = settings_.target.address;
  told.failure_reason_code = failure.kind == Kind::refused
                                 ? fmt::format("{} {}", failure.reply.code, failure.reply.text)
                                 : failure.detail;
  return told;
}

/// libcurl's text is an errno of something else, but for its own bound, which newer ones have a
/// code of their own for.
ConnectFailure ConnectAttempt::loss() const {
  if (std::string_view(error_.data()).starts_with("Too large response headers")) {
    return {Kind::not_smtp, stage(), "replies of more than 300 KiB", {}};
  }
  if (*code_ == curl_too_large) {
    return {Kind::not_smtp, stage(), "replies of more than 64 KiB", {}};
  }
  return {Kind::lost, stage(), "the server closed the connection", {}};
}

ConnectFailure ConnectAttempt::failure() const {
  const auto fault = [&](Kind kind, Stage at) { return ConnectFailure{kind, at, detail(), {}}; };
  if (guard_->received_early()) {
    return {Kind::not_smtp,
            Stage::starttls,
            "octets behind the TLS handshake before it was asked for any",
            {}};
  }
  if (auto lack = exhausted_resource(exhausted_)) {
    return {Kind::no_resources, stage(), *lack, {}};
  }
  if (!transcript_.refusal().empty()) {
    return {Kind::not_smtp, stage(), transcript_.refusal(), {}};
  }
  if (auto proxy = proxy_failure()) return *proxy;
  const std::optional<Reply>& reply = transcript_.reply();
  // In AUTH a further 334 is a refusal as well: the mechanism has no more responses.
  if (reply && (reply->reply_class() >= 4 ||
                (transcript_.stage() == Stage::auth && *code_ == CURLE_LOGIN_DENIED))) {
    return {Kind::refused, stage(), {}, *reply};
  }
  switch (*code_) {
    case CURLE_COULDNT_RESOLVE_HOST:
      return fault(Kind::no_such_host, Stage::connect);
    case CURLE_COULDNT_CONNECT:
      return fault(Kind::unreachable, Stage::connect);
    case CURLE_OPERATION_TIMEDOUT:
      return fault(Kind::timed_out, stage());
    case CURLE_USE_SSL_FAILED:
      return fault(Kind::starttls_not_offered, Stage::starttls);
    case CURLE_SSL_CONNECT_ERROR:
      return handshake_failure();
    case CURLE_PEER_FAILED_VERIFICATION:
      return certificate_failure();
    case CURLE_SSL_CACERT_BADFILE:
      return fault(Kind::ca_file, Stage::starttls);
    case CURLE_SSL_CERTPROBLEM:
      return fault(Kind::client_certificate, Stage::starttls);
    case CURLE_LOGIN_DENIED:
      return mechanism_failure();
    case CURLE_AUTH_ERROR:
      return {Kind::no_credentials,
              Stage::auth,
              "the Kerberos library cannot; check that there is a valid ticket for the service",
              {}};
    case CURLE_WEIRD_SERVER_REPLY:
      return {Kind::not_smtp, stage(), "octets that nobody asked for: " + detail(), {}};
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
      return loss();
    default:
      if (*code_ == curl_too_large) return loss();
      return fault(Kind::lost, stage());
  }
}

std::optional<ConnectFailure> ConnectAttempt::proxy_failure() const {
  if (!settings_.proxy) return std::nullopt;
  long refusal = CURLPX_OK;
  long http = 0;
  curl_easy_getinfo(handle_->get(), CURLINFO_PROXY_ERROR, &refusal);
  curl_easy_getinfo(handle_->get(), CURLINFO_HTTP_CONNECTCODE, &http);
  constexpr long authentication_required = 407;
  const bool credentials = refusal == CURLPX_USER_REJECTED || refusal == CURLPX_NO_AUTH ||
                           http == authentication_required;
  const bool refused = *code_ == CURLE_PROXY || http >= 300;
  const bool unreachable = *code_ == CURLE_COULDNT_RESOLVE_PROXY || *code_ == CURLE_COULDNT_CONNECT;
  if (!credentials && !refused && !unreachable) return std::nullopt;
  return ConnectFailure{credentials ? Kind::proxy_auth : Kind::proxy, Stage::connect, detail(), {}};
}

ConnectFailure ConnectAttempt::certificate_failure() const {
  if (!guard_->fingerprints_shown().empty()) {
    return {Kind::fingerprint, Stage::starttls, guard_->fingerprints_shown(), {}};
  }
  const bool dane = settings_.tls.policy == TlsPolicy::dane;
  long error = 0;
  curl_easy_getinfo(handle_->get(), CURLINFO_SSL_VERIFYRESULT, &error);
  return {dane ? Kind::tlsa : Kind::certificate, Stage::starttls, detail(), {}, error};
}

ConnectFailure ConnectAttempt::handshake_failure() const {
  std::string said = detail();
  // OpenSSL's words for a greeting in the place of a handshake.
  const bool plain = said.find("wrong version number") != std::string::npos ||
                     said.find("packet length too long") != std::string::npos;
  if (plain && settings_.target.relay.implicit_tls) {
    said += "; no TLS is spoken from the start at that port: write smtp://, for STARTTLS";
  }
  return {Kind::handshake, Stage::starttls, std::move(said), {}};
}

ConnectFailure ConnectAttempt::mechanism_failure() const {
  const auto& offered = transcript_.capabilities().auth_mechanisms;
  return {Kind::no_mechanism,
          Stage::auth,
          offered.empty() ? "none" : "only " + printable(joined(offered)),
          {}};
}

std::string ConnectAttempt::detail() const {
  long system_error = 0;
  curl_easy_getinfo(handle_->get(), CURLINFO_OS_ERRNO, &system_error);
  if (*code_ == CURLE_COULDNT_CONNECT && system_error != 0) {
    return std::strerror(static_cast<int>(system_error));
  }
  const std::string_view said = error_.data();
  return transcript_.mask().masked(printable(said.empty() ? curl_easy_strerror(*code_) : said));
}

std::string ConnectAttempt::host() const {
  const Relay& relay = settings_.target.relay;
  if (!relay.socket_path.empty()) return relay.socket_path;
  std::string address = settings_.target.address;
  if (address.empty() && !settings_.proxy) {
    const char* known = nullptr;
    curl_easy_getinfo(handle_->get(), CURLINFO_PRIMARY_IP, &known);
    if (known != nullptr) address = known;
  }
  if (address.empty() || relay.host == address) return relay.host;
  return fmt::format("{}[{}]", relay.host, address);
}

}  // namespace postern::smtp
