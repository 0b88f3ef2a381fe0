#include "smtp/connector.h"

#include <array>
#include <cstring>
#include <mutex>
#include <stdexcept>
#include <unistd.h>
#include <utility>

#include <fmt/format.h>
#include <openssl/ssl.h>

#include "smtp/command.h"
#include "smtp/text.h"

namespace postern::smtp {
namespace {

using Kind = ConnectFailure::Kind;

Moment present() {
  return {std::chrono::steady_clock::now(), std::chrono::system_clock::now()};
}

bool is_loopback(const std::string& host) {
  return lower_case(host) == "localhost" || host.starts_with("127.") || host == "::1";
}

TlsPolicy policy_of(const ClientOptions& options) {
  const Relay& relay = options.relay;
  const bool credentials = !relay.user.empty();
  if (relay.implicit_tls) return TlsPolicy::verify;
  if (!options.tls) {
    return credentials || !is_loopback(relay.host) ? TlsPolicy::verify : TlsPolicy::may;
  }
  const bool clear = *options.tls == TlsPolicy::may ||
                     (*options.tls == TlsPolicy::none && !is_loopback(relay.host));
  if (credentials && clear) {
    throw std::invalid_argument("the user name and password for " + relay.text() +
                                " would go over the wire in the clear; require TLS");
  }
  return *options.tls;
}

std::string helo_name_of(const ClientOptions& options) {
  if (!options.helo_name.empty()) {
    if (const auto fault = helo_name_fault(options.helo_name)) throw std::invalid_argument(*fault);
    return options.helo_name;
  }
  std::array<char, 256> name{};
  const bool known = ::gethostname(name.data(), name.size() - 1) == 0;
  return known && !helo_name_fault(name.data()) ? name.data() : "localhost";
}

/// The options once they are known to be sound.
ClientOptions checked(ClientOptions options) {
  const Relay& relay = options.relay;
  const bool ipv6 = relay.host.find(':') != std::string::npos;
  if (helo_name_fault(ipv6 ? '[' + relay.host + ']' : relay.host)) {
    throw std::invalid_argument(
        fmt::format("\"{}\" is no host for a relay", printable(relay.host)));
  }
  if (relay.port < 1 || relay.port > 65535) {
    throw std::invalid_argument(fmt::format("{} is no port for a relay", relay.port));
  }
  if (has_control(relay.user) || has_control(relay.password)) {
    throw std::invalid_argument("the user name or password of " + relay.text() +
                                " holds a control character");
  }
  if (!options.ca_file.empty() && ::access(options.ca_file.c_str(), R_OK) != 0) {
    throw std::invalid_argument(
        fmt::format("the file of trusted authorities \"{}\" cannot be read: {}", options.ca_file,
                    std::strerror(errno)));
  }
  options.helo_name = helo_name_of(options);
  return options;
}

/// An address literal's brackets and colons are no plain URL characters.
std::string percent_encoded(std::string_view text) {
  std::string encoded;
  for (const char c : text) {
    constexpr std::string_view marks = "[]:";
    if (marks.find(c) == std::string_view::npos) {
      encoded += c;
    } else {
      encoded += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return encoded;
}

/// So that a write that was blocked may be repeated from another place with more behind it.
CURLcode on_ssl_context(CURL*, void* context, void*) {
  SSL_CTX_set_mode(static_cast<SSL_CTX*>(context),
                   SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  return CURLE_OK;
}

std::size_t on_body(char*, std::size_t size, std::size_t count, void*) {
  return size * count;
}

std::size_t on_line(char* octets, std::size_t size, std::size_t count, void* transcript) {
  const std::string_view line(octets, size * count);
  return static_cast<ConnectTranscript*>(transcript)->server_said(line) ? line.size() : 0;
}

int on_debug(CURL*, curl_infotype type, char* octets, std::size_t size, void* transcript) {
  if (type == CURLINFO_HEADER_OUT) {
    static_cast<ConnectTranscript*>(transcript)->client_said({octets, size});
  }
  return 0;
}

}  // namespace

/// One attempt: the easy handle, its options and what is known when it ends.
class Connector::Attempt {
 public:
  Attempt(CurlMulti& multi, CURLSH* share, const ClientOptions& options, TlsPolicy policy)
      : multi_(multi), options_(options), handle_(std::make_unique<CurlHandle>(multi)) {
    CURL* const easy = handle_->get();
    const std::string url = options.relay.text() + '/' + percent_encoded(options.helo_name);
    curl_easy_setopt(easy, CURLOPT_URL, url.c_str());
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    curl_easy_setopt(easy, CURLOPT_CONNECT_ONLY, 1L);
    curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
    curl_easy_setopt(easy, CURLOPT_SHARE, share);
    curl_easy_setopt(easy, CURLOPT_PROXY, "");
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
    const auto longest = options.timeouts.connect + options.timeouts.greeting;
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(longest.count()) + 1000L);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, error_.data());
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &on_body);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, &on_line);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, &transcript_);
    curl_easy_setopt(easy, CURLOPT_VERBOSE, 1L);  // or the debug function hears nothing
    curl_easy_setopt(easy, CURLOPT_DEBUGFUNCTION, &on_debug);
    curl_easy_setopt(easy, CURLOPT_DEBUGDATA, &transcript_);
    set_tls(policy);
    if (!options.relay.user.empty()) set_credentials();
  }

  void start(std::function<void()> done) {
    started_ = std::chrono::steady_clock::now();
    multi_.add(handle_->get(), [this, done = std::move(done)](CURLcode code) {
      code_ = code;
      done();
    });
  }

  [[nodiscard]] bool ended() const { return code_.has_value(); }
  /// The connect time-out until TCP stands, then the greeting's, which covers all that follows.
  [[nodiscard]] SteadyTime deadline() const {
    const SteadyTime to_connect = started_ + options_.timeouts.connect;
    return connected() ? to_connect + options_.timeouts.greeting : to_connect;
  }

  [[nodiscard]] ConnectFailure timed_out() const {
    const auto limit = connected() ? options_.timeouts.greeting : options_.timeouts.connect;
    return {Kind::timed_out,
            stage(),
            fmt::format("the limit is {} s", std::chrono::duration<double>(limit).count()),
            {}};
  }
  [[nodiscard]] ConnectFailure stopped() const { return {Kind::stopped, stage(), {}, {}}; }
  std::variant<Connection, ConnectFailure> result();

 private:
  void set_tls(TlsPolicy policy);
  void set_credentials();
  [[nodiscard]] bool connected() const {
    curl_off_t time = 0;
    curl_easy_getinfo(handle_->get(), CURLINFO_CONNECT_TIME_T, &time);
    return time > 0;
  }
  [[nodiscard]] Stage stage() const {
    const Stage said = transcript_.stage();
    return said == Stage::connect && connected() ? Stage::greeting : said;
  }
  [[nodiscard]] ConnectFailure failure() const;
  [[nodiscard]] std::string detail() const;
  [[nodiscard]] std::string host() const;

  CurlMulti& multi_;
  const ClientOptions& options_;
  ConnectTranscript transcript_;
  std::array<char, CURL_ERROR_SIZE> error_{};
  std::optional<CURLcode> code_;
  SteadyTime started_{};
  std::unique_ptr<CurlHandle> handle_;
};

void Connector::Attempt::set_tls(TlsPolicy policy) {
  CURL* const easy = handle_->get();
  const long use = policy == TlsPolicy::none  ? CURLUSESSL_NONE
                   : policy == TlsPolicy::may ? CURLUSESSL_TRY
                                              : CURLUSESSL_ALL;
  const bool verify = policy == TlsPolicy::verify;
  curl_easy_setopt(easy, CURLOPT_USE_SSL, use);
  curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, verify ? 1L : 0L);
  curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, verify ? 2L : 0L);
  if (!options_.ca_file.empty()) curl_easy_setopt(easy, CURLOPT_CAINFO, options_.ca_file.c_str());
  curl_easy_setopt(easy, CURLOPT_CAPATH, nullptr);  // Debian's default defeats the CA cache
  curl_easy_setopt(easy, CURLOPT_SSL_CTX_FUNCTION, &on_ssl_context);
}

void Connector::Attempt::set_credentials() {
  CURL* const easy = handle_->get();
  curl_easy_setopt(easy, CURLOPT_USERNAME, options_.relay.user.c_str());
  curl_easy_setopt(easy, CURLOPT_PASSWORD, options_.relay.password.c_str());
  // Over TLS nothing is gained by the older challenge mechanisms, and servers that offer them
  // often cannot check them.
  curl_easy_setopt(easy, CURLOPT_LOGIN_OPTIONS, "AUTH=PLAIN;AUTH=LOGIN");
  curl_easy_setopt(easy, CURLOPT_SASL_IR, 1L);
}

std::variant<Connection, ConnectFailure> Connector::Attempt::result() {
  if (*code_ != CURLE_OK) return failure();
  if (!options_.relay.user.empty() && !transcript_.authenticated()) {
    return ConnectFailure{Kind::auth_not_offered, Stage::auth, {}, {}};
  }
  Connection connection{nullptr, transcript_.capabilities(), host()};
  // The handle outlives this attempt, its callbacks must not.
  curl_easy_setopt(handle_->get(), CURLOPT_VERBOSE, 0L);
  curl_easy_setopt(handle_->get(), CURLOPT_ERRORBUFFER, nullptr);
  connection.stream = std::make_unique<CurlStream>(std::move(handle_));
  connection.stream->touch();
  return connection;
}

ConnectFailure Connector::Attempt::failure() const {
  const auto fault = [&](Kind kind, Stage at) { return ConnectFailure{kind, at, detail(), {}}; };
  if (!transcript_.refusal().empty()) {
    return {Kind::not_smtp, stage(), transcript_.refusal(), {}};
  }
  const std::optional<Reply>& reply = transcript_.reply();
  // In AUTH a 334 too many is a refusal as well: the mechanism has nothing more to say.
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
      return fault(Kind::handshake, Stage::starttls);
    case CURLE_PEER_FAILED_VERIFICATION:
      return fault(Kind::certificate, Stage::starttls);
    case CURLE_SSL_CACERT_BADFILE:
      return fault(Kind::ca_file, Stage::starttls);
    case CURLE_LOGIN_DENIED:
      return fault(Kind::no_mechanism, Stage::auth);
    default:
      return fault(Kind::lost, stage());
  }
}

std::string Connector::Attempt::detail() const {
  long system_error = 0;
  curl_easy_getinfo(handle_->get(), CURLINFO_OS_ERRNO, &system_error);
  if (*code_ == CURLE_COULDNT_CONNECT && system_error != 0) {
    return std::strerror(static_cast<int>(system_error));
  }
  const std::string_view said = error_.data();
  return printable(said.empty() ? curl_easy_strerror(*code_) : said);
}

std::string Connector::Attempt::host() const {
  const char* address = nullptr;
  curl_easy_getinfo(handle_->get(), CURLINFO_PRIMARY_IP, &address);
  const std::string& name = options_.relay.host;
  if (address == nullptr || *address == '\0' || name == address) return name;
  return fmt::format("{}[{}]", name, address);
}

Connector::Connector(asio::io_context& context, ClientOptions options)
    : options_(checked(std::move(options))),
      policy_(policy_of(options_)),
      multi_(context),
      share_(curl_share_init()) {
  curl_share_setopt(share_, CURLSHOPT_SHARE, CURL_LOCK_DATA_SSL_SESSION);
}

Connector::~Connector() {
  curl_share_cleanup(share_);
}

asio::awaitable<std::variant<Connection, RouteFault>> Connector::connect(
    std::shared_ptr<Signal> signal, const bool& stop) {
  auto result = co_await attempt(signal, stop, policy_);
  const auto* failure = std::get_if<ConnectFailure>(&result);
  if (policy_ == TlsPolicy::may && failure != nullptr && failure->kind == Kind::handshake) {
    // Opportunistic: without TLS then, on a new connection, since the old one is past use.
    result = co_await attempt(signal, stop, TlsPolicy::none);
    failure = std::get_if<ConnectFailure>(&result);
  }
  if (failure != nullptr) co_return connect_fault(*failure, options_.relay, present());
  co_return std::get<Connection>(std::move(result));
}

asio::awaitable<std::variant<Connection, ConnectFailure>> Connector::attempt(
    std::shared_ptr<Signal> signal, const bool& stop, TlsPolicy policy) try {
  Attempt attempt(multi_, share_, options_, policy);
  attempt.start([signal] { signal->raise(); });
  while (!attempt.ended()) {
    if (stop) co_return attempt.stopped();
    if (attempt.deadline() <= std::chrono::steady_clock::now()) co_return attempt.timed_out();
    co_await signal->wait(attempt.deadline());
  }
  co_return attempt.result();
} catch (const std::exception& failure) {  // out of descriptors or memory
  co_return ConnectFailure{Kind::lost, Stage::connect, failure.what(), {}};
}

}  // namespace postern::smtp
