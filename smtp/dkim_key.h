// A private key that signs mail: RSA with PKCS #1 v1.5 (RFC 6376 §3.3, RFC 8301) or Ed25519
// (RFC 8463).
//
// Reads PEM: PKCS #8 ("PRIVATE KEY") or PKCS #1 ("RSA PRIVATE KEY"). Refuses RSA below 2048 bits
// (RFC 8301 §3.2), every other kind of key, and keys with a passphrase, since a server has no one
// to ask for it.
//
// Errors: std::invalid_argument for what is no usable key, std::runtime_error if OpenSSL fails.
// Neither the key nor a part of it is in an error's text. Threads: a key is immutable and cheap to
// copy; any number of threads may sign with it.
#pragma once

#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>

struct evp_pkey_st;

#pragma GCC visibility push(default)
namespace postern::smtp {

/// The signature algorithm (RFC 6376 §3.3, RFC 8463).
enum class DkimAlgorithm { rsa_sha256, ed25519_sha256 };
/// The value of the a= tag.
std::string_view name(DkimAlgorithm algorithm);

/// A private key; a cheap, immutable value.
class DkimKey {
 public:
  /// Throws std::invalid_argument with one sentence.
  static DkimKey from_pem(std::string_view pem);
  /// Throws std::invalid_argument with one sentence that names the file.
  static DkimKey from_file(const std::filesystem::path& path);

  [[nodiscard]] DkimAlgorithm algorithm() const { return algorithm_; }
  /// Signs a SHA-256 digest: the signature's octets, before base64. Throws std::runtime_error.
  [[nodiscard]] std::string sign(std::span<const unsigned char, 32> digest) const;
  /// The public key as the TXT record of selector._domainkey.domain (RFC 6376 §3.6.1). An RSA key
  /// needs more than the 255 octets that one string of a TXT record can have.
  [[nodiscard]] std::string dns_record() const;

 private:
  DkimKey(std::string_view pem, std::string_view where);

  std::shared_ptr<evp_pkey_st> key_;
  DkimAlgorithm algorithm_;
};

}  // namespace postern::smtp
#pragma GCC visibility pop
