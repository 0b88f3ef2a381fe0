// The TLS that a connection to one host must have (RFC 3207, RFC 8314; DANE: RFC 7672, RFC 6698).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#pragma GCC visibility push(default)
namespace postern::smtp {

/// Whether TLS is required, and how the server is authenticated.
enum class TlsPolicy {
  none,         ///< never, even if offered
  may,          ///< opportunistic, certificate not checked; never together with credentials
  encrypt,      ///< required, certificate not checked
  verify,       ///< required, certificate verified (smtps:// always at least this)
  fingerprint,  ///< required, the certificate or its key has one of the fingerprints
  dane,         ///< required, the certificate matches one of the TLSA records
};

/// A TLSA record (RFC 6698 §2.1). The caller knows that DNSSEC has validated it.
struct TlsaRecord {
  std::uint8_t usage = 0;
  std::uint8_t selector = 0;
  std::uint8_t matching_type = 0;
  std::vector<std::byte> association;  ///< certificate association data
  friend bool operator==(const TlsaRecord&, const TlsaRecord&) = default;
};

/// A policy with its parameters.
struct TlsRequirement {
  TlsPolicy policy = TlsPolicy::verify;
  /// fingerprint: SHA-256 of the certificate or of its public key (SubjectPublicKeyInfo), 64
  /// hexadecimal digits, colons between them allowed.
  std::vector<std::string> fingerprints;
  std::vector<TlsaRecord> tlsa;  ///< dane
  /// verify and dane: the certificate must have one of these names; empty: the host's name.
  std::vector<std::string> names;
};

}  // namespace postern::smtp
#pragma GCC visibility pop
