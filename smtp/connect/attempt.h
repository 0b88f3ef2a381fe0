// One attempt to open a connection through libcurl: its options, its deadlines and its result.
//
// Does all that library-notes.md §1 asks of a connect-only transfer. To an LMTP relay it only
// connects: libcurl does not support LHLO, which smtp/connect/lmtp_opening.h sends.
#pragma once

#include <array>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <system_error>
#include <variant>

#include "smtp/connect/connection.h"
#include "smtp/connect/curl_stream.h"
#include "smtp/connect/fault.h"
#include "smtp/connect/proxy.h"
#include "smtp/connect/target.h"
#include "smtp/connect/transcript.h"
#include "smtp/io/async_event.h"
#include "smtp/io/callback_failure.h"
#include "smtp/io/curl_multi.h"
#include "smtp/tls_report/tls_report.h"

namespace postern::smtp {

/// The credentials of one attempt. libcurl uses the first of the mechanisms that it can.
struct AttemptCredentials {
  std::string user;
  std::string password;
  std::string token;
  std::vector<std::string_view> mechanisms;  ///< empty: no AUTH
};

class ConnectAttempt {
 public:
  struct Settings {
    const ClientOptions& options;
    const std::optional<Proxy>& proxy;
    const ConnectTarget& target;
    TlsRequirement tls;
    AttemptCredentials credentials;
    CURLSH* sessions;               ///< TLS sessions that may be resumed; nullptr: none
    std::shared_ptr<void> owner{};  ///< of the multi, for as long as the connection is open
  };

  /// The event is set whenever the deadline may have changed or the attempt has ended.
  ConnectAttempt(CurlMulti& multi, Settings settings, std::shared_ptr<AsyncEvent> event);
  ConnectAttempt(const ConnectAttempt&) = delete;
  ConnectAttempt& operator=(const ConnectAttempt&) = delete;

  void start();
  [[nodiscard]] bool ended() const { return code_.has_value(); }
  /// Of the current step.
  [[nodiscard]] SteadyTime deadline() const;

  [[nodiscard]] ConnectFailure timed_out() const;
  [[nodiscard]] ConnectFailure stopped() const { return {Kind::stopped, stage(), {}, {}}; }
  /// The failure for a TLS report (RFC 8460 §4.3); nullopt if it is not one of TLS.
  [[nodiscard]] std::optional<TlsFailure> tls_failure(const ConnectFailure& failure) const;
  /// Of an attempt that has ended; moves the connection out. Throws what a callback has thrown.
  std::variant<Connection, ConnectFailure> result();

  [[nodiscard]] ConnectTranscript& transcript() { return transcript_; }

 private:
  using Kind = ConnectFailure::Kind;
  static std::size_t on_line(char* octets, std::size_t size, std::size_t count,
                             void* self) noexcept;
  static int on_debug(CURL* easy, curl_infotype type, char* octets, std::size_t size,
                      void* self) noexcept;
  static CURLcode on_ssl_context(CURL* easy, void* context, void* guard) noexcept;

  void set_server();
  void set_transfer();
  void set_proxy();
  void set_tls();
  void set_credentials();
  void choose_initial_response();
  [[nodiscard]] std::size_t octets_waiting() const;
  [[nodiscard]] std::optional<SteadyTime> connected() const;
  [[nodiscard]] Stage stage() const;
  [[nodiscard]] std::chrono::milliseconds limit(Stage stage) const;
  [[nodiscard]] bool hear(std::span<char> line);
  void end(CURLcode code, const std::exception_ptr& failure);
  [[nodiscard]] std::error_code exhausted() const;
  void step();
  void note_tls();
  void rethrow_failure();
  [[nodiscard]] ConnectFailure failure() const;
  [[nodiscard]] ConnectFailure loss() const;
  [[nodiscard]] std::optional<ConnectFailure> proxy_failure() const;
  [[nodiscard]] ConnectFailure certificate_failure() const;
  [[nodiscard]] ConnectFailure handshake_failure() const;
  [[nodiscard]] ConnectFailure mechanism_failure() const;
  [[nodiscard]] std::string detail() const;
  [[nodiscard]] std::string host() const;

  CurlMulti& multi_;
  Settings settings_;
  std::shared_ptr<AsyncEvent> event_;
  ConnectTranscript transcript_;
  std::array<char, CURL_ERROR_SIZE> error_{};
  std::optional<CURLcode> code_;
  std::exception_ptr failure_;  ///< in place of the code
  std::error_code exhausted_;   ///< the resource that was exhausted when the attempt ended
  CallbackFailure callback_failure_;
  std::string local_address_;  ///< of an attempt that has ended
  SteadyTime started_{};
  SteadyTime stepped_{};  ///< when the transcript's stage changed
  std::size_t steps_ = 0;
  bool tls_noted_ = false;
  std::unique_ptr<TlsGuard> guard_;
  std::unique_ptr<CurlHandle> handle_;
};

}  // namespace postern::smtp
