#include "smtp/connect/tls_guard.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509v3.h>

#include "base/text.h"

namespace postern::smtp {
namespace {

constexpr std::size_t digest_digits = 64;  // SHA-256
constexpr std::uint8_t dane_ta = 2;
constexpr std::uint8_t dane_ee = 3;

std::string plain_digits(std::string_view fingerprint) {
  std::string digits = lower_case(fingerprint);
  std::erase(digits, ':');
  return digits;
}

std::string hex(const unsigned char* octets, unsigned int size) {
  return fmt::format("{:02x}", fmt::join(octets, octets + size, ""));
}

std::string certificate_fingerprint(const X509* certificate) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
  unsigned int size = 0;
  X509_digest(certificate, EVP_sha256(), digest.data(), &size);
  return hex(digest.data(), size);
}

std::string key_fingerprint(const X509* certificate) {
  unsigned char* octets = nullptr;
  const int length = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &octets);
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
  unsigned int size = 0;
  if (length > 0) {
    EVP_Digest(octets, static_cast<std::size_t>(length), digest.data(), &size, EVP_sha256(),
               nullptr);
  }
  OPENSSL_free(octets);
  return hex(digest.data(), size);
}

int guard_index() {
  static const int index = SSL_CTX_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
  return index;
}

}  // namespace

std::optional<std::string> tls_requirement_fault(const TlsRequirement& requirement) {
  if (requirement.policy == TlsPolicy::fingerprint && requirement.fingerprints.empty()) {
    return "TLS by fingerprint is required, but no fingerprint is given";
  }
  if (requirement.policy == TlsPolicy::dane && requirement.tlsa.empty()) {
    return "TLS by DANE is required, but there is no TLSA record";
  }
  for (const std::string& fingerprint : requirement.fingerprints) {
    const std::string digits = plain_digits(fingerprint);
    if (digits.size() != digest_digits ||
        digits.find_first_not_of("0123456789abcdef") != std::string::npos) {
      return fmt::format("\"{}\" is no SHA-256 fingerprint: it must have 64 hexadecimal digits",
                         printable(fingerprint));
    }
  }
  for (const std::string& name : requirement.names) {
    if (name.empty() || has_control(name)) {
      return fmt::format("\"{}\" is no name for a certificate", printable(name));
    }
  }
  return std::nullopt;
}

TlsGuard::TlsGuard(TlsRequirement requirement, std::string host, bool starttls,
                   std::function<std::size_t()> octets_waiting)
    : requirement_(std::move(requirement)),
      host_(std::move(host)),
      starttls_(starttls),
      octets_waiting_(std::move(octets_waiting)),
      verifying_(requirement_.policy >= TlsPolicy::verify) {
  for (std::string& fingerprint : requirement_.fingerprints) {
    fingerprint = plain_digits(fingerprint);
  }
}

bool TlsGuard::prepare(SSL_CTX* context) noexcept {
  // So that a write that was blocked may be repeated from another place with more after it.
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  if (SSL_CTX_set_ex_data(context, guard_index(), this) != 1) return false;
  SSL_CTX_set_info_callback(context, &TlsGuard::on_info);
  SSL_CTX_set_msg_callback(context, &TlsGuard::on_message);
  SSL_CTX_set_msg_callback_arg(context, this);
  if (verifying_) SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  if (requirement_.policy == TlsPolicy::fingerprint) {
    SSL_CTX_set_cert_verify_callback(context, &TlsGuard::on_certificate, this);
  }
  return requirement_.policy != TlsPolicy::dane || SSL_CTX_dane_enable(context) > 0;
}

TlsGuard* TlsGuard::of(const SSL* ssl) {
  return static_cast<TlsGuard*>(SSL_CTX_get_ex_data(SSL_get_SSL_CTX(ssl), guard_index()));
}

void TlsGuard::on_info(const SSL* ssl, int where, int) noexcept {
  TlsGuard& guard = *of(ssl);
  guard.failure_.guard(false, [&] {
    guard.on_handshake(ssl, where);
    return true;
  });
}

void TlsGuard::on_handshake(const SSL* ssl, int where) {
  // What TLS 1.3 does after the handshake (tickets, new keys) is called a handshake again.
  if (!established_.empty()) return;
  if ((where & SSL_CB_HANDSHAKE_START) != 0) begin(const_cast<SSL*>(ssl));
  if ((where & SSL_CB_HANDSHAKE_DONE) != 0) finish(ssl);
}

void TlsGuard::begin(SSL* ssl) {
  session_ = ssl;
  begun_ = std::chrono::steady_clock::now();
  if (requirement_.policy == TlsPolicy::dane) require_records(ssl);
  if (requirement_.policy == TlsPolicy::verify) require_names(ssl);
}

void TlsGuard::read_ahead() {
  if (session_ != nullptr) SSL_set_read_ahead(session_, 1);
}

bool TlsGuard::holds_octets() const {
  return session_ != nullptr && SSL_has_pending(session_) == 1;
}

void TlsGuard::require_records(SSL* ssl) {
  SSL_dane_enable(ssl, host_.c_str());
  SSL_dane_set_flags(ssl, DANE_FLAG_NO_DANE_EE_NAMECHECKS);  // RFC 7672 §3.1.1
  SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  require_names(ssl);
  int usable = 0;
  for (const TlsaRecord& record : requirement_.tlsa) {
    // RFC 7672 §3.1.3: the usages that need public authorities are not used for SMTP.
    if (record.usage != dane_ta && record.usage != dane_ee) continue;
    const int added =
        SSL_dane_tlsa_add(ssl, record.usage, record.selector, record.matching_type,
                          reinterpret_cast<const unsigned char*>(record.association.data()),
                          record.association.size());
    if (added > 0) ++usable;
  }
  // A record that cannot be used leaves its error, which SSL_get_error would take for the
  // handshake's.
  ERR_clear_error();
  if (usable > 0) return;
  verifying_ = false;
  SSL_set_verify(ssl, SSL_VERIFY_NONE, nullptr);
}

void TlsGuard::require_names(SSL* ssl) {
  bool first = true;
  for (const std::string& name : requirement_.names) {
    if (std::exchange(first, false)) {
      SSL_set1_host(ssl, name.c_str());
    } else {
      SSL_add1_host(ssl, name.c_str());
    }
  }
}

void TlsGuard::finish(const SSL* ssl) {
  established_ = fmt::format("{}, {}", SSL_get_version(ssl), SSL_get_cipher_name(ssl));
  if (starttls_) waiting_ = octets_waiting_();
}

void TlsGuard::on_message(int write, int, int type, const void* octets, std::size_t size, SSL*,
                          void* self) noexcept {
  auto& guard = *static_cast<TlsGuard*>(self);
  const bool within_reach = guard.next_record_ < guard.waiting_ || guard.record_ < guard.waiting_;
  if (write == 0 && within_reach) {
    guard.on_record(type, static_cast<const unsigned char*>(octets), size);
  }
}

/// Records are read one by one and never ahead, so that those which had come when the handshake
/// ended can be told from those after our EHLO. Tickets (TLS 1.3) may have come; content may not.
void TlsGuard::on_record(int type, const unsigned char* octets, std::size_t size) noexcept {
  constexpr std::size_t header_size = 5;
  int content = 0;
  if (type == SSL3_RT_HEADER && size == header_size) {
    record_ = next_record_;
    next_record_ += header_size + (std::size_t{octets[3]} << 8) + octets[4];
    // From TLS 1.3 on the header lies, and the true type follows.
    if (!established_.starts_with("TLSv1.3")) content = octets[0];
  } else if (type == SSL3_RT_INNER_CONTENT_TYPE && size == 1) {
    content = octets[0];
  }
  if (content == SSL3_RT_APPLICATION_DATA && record_ < waiting_) received_early_ = true;
}

int TlsGuard::on_certificate(X509_STORE_CTX* chain, void* self) noexcept {
  auto& guard = *static_cast<TlsGuard*>(self);
  return guard.failure_.guard(0, [&] { return guard.judge(chain); });
}

int TlsGuard::judge(X509_STORE_CTX* chain) {
  const X509* certificate = X509_STORE_CTX_get0_cert(chain);
  const std::array shown{certificate_fingerprint(certificate), key_fingerprint(certificate)};
  const auto& wanted = requirement_.fingerprints;
  if (std::find_first_of(wanted.begin(), wanted.end(), shown.begin(), shown.end()) !=
      wanted.end()) {
    X509_STORE_CTX_set_error(chain, X509_V_OK);
    return 1;
  }
  fingerprints_shown_ = fmt::format("the certificate's is {}, its key's is {}", shown[0], shown[1]);
  X509_STORE_CTX_set_error(chain, X509_V_ERR_CERT_REJECTED);
  return 0;
}

}  // namespace postern::smtp
