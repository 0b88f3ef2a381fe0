// What OpenSSL has to check on one connection beyond what libcurl asks of it.
//
// libcurl verifies against authorities and the host's name; this does the rest of a TlsRequirement:
// fingerprints, TLSA records (RFC 7672: usages DANE-TA(2) and DANE-EE(3), the latter without a
// check of names and dates; if no record can be used, TLS without verification, §2.2), and other
// names than the host's. It also detects octets that a server sent after the handshake of STARTTLS
// before it could have read our EHLO: they are no reply to it. Must live as long as the connection.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include <openssl/ssl.h>

#include "base/clock.h"
#include "smtp/io/callback_failure.h"
#include "smtp/tls_requirement.h"

namespace postern::smtp {

/// Why a requirement cannot be asked of a server, as one sentence; nullopt if it can.
std::optional<std::string> tls_requirement_fault(const TlsRequirement& requirement);

class TlsGuard {
 public:
  /// `octets_waiting`: how many octets the socket has received that are not read yet; only called
  /// with STARTTLS (`starttls`).
  TlsGuard(TlsRequirement requirement, std::string host, bool starttls,
           std::function<std::size_t()> octets_waiting);
  TlsGuard(const TlsGuard&) = delete;
  TlsGuard& operator=(const TlsGuard&) = delete;

  /// Prepares the context of the connection that libcurl makes. Returns false if that fails.
  bool prepare(SSL_CTX* context) noexcept;
  /// An exception in a callback of OpenSSL's: the connection must not be used any more.
  [[nodiscard]] CallbackFailure& failure() { return failure_; }

  /// When the handshake began.
  [[nodiscard]] const std::optional<SteadyTime>& begun() const { return begun_; }
  /// "TLSv1.3, TLS_AES_256_GCM_SHA384"; empty before the end of the handshake.
  [[nodiscard]] const std::string& established() const { return established_; }
  /// The server is authenticated: by certificate, fingerprint or TLSA record.
  [[nodiscard]] bool verified() const { return !established_.empty() && verifying_; }
  /// Octets came after the handshake before our EHLO was sent.
  [[nodiscard]] bool received_early() const { return received_early_; }
  /// From now on one read takes all that the socket has received. Not before the connection is
  /// open: libcurl, and `received_early`, need the records one by one.
  void read_ahead();
  [[nodiscard]] bool has_session() const { return session_ != nullptr; }
  /// OpenSSL has buffered octets, for which the socket will not become readable.
  [[nodiscard]] bool holds_octets() const;
  /// The server's fingerprints if they are not the required ones; else empty.
  [[nodiscard]] const std::string& fingerprints_shown() const { return fingerprints_shown_; }

 private:
  static TlsGuard* of(const SSL* ssl);
  static void on_info(const SSL* ssl, int where, int value) noexcept;
  static void on_message(int write, int version, int type, const void* octets, std::size_t size,
                         SSL* ssl, void* self) noexcept;
  static int on_certificate(X509_STORE_CTX* chain, void* self) noexcept;
  void on_handshake(const SSL* ssl, int where);
  void begin(SSL* ssl);
  void finish(const SSL* ssl);
  void on_record(int type, const unsigned char* octets, std::size_t size) noexcept;
  int judge(X509_STORE_CTX* chain);
  void require_records(SSL* ssl);
  void require_names(SSL* ssl);

  TlsRequirement requirement_;
  std::string host_;
  bool starttls_;
  std::function<std::size_t()> octets_waiting_;
  bool verifying_;
  SSL* session_ = nullptr;  ///< from the handshake on
  std::optional<SteadyTime> begun_;
  std::string established_;
  std::string fingerprints_shown_;
  bool received_early_ = false;
  CallbackFailure failure_;
  std::size_t waiting_ = 0;  ///< octets that had come when the handshake ended
  std::size_t record_ = 0;   ///< where among them the record being read begins
  std::size_t next_record_ = 0;
};

}  // namespace postern::smtp
