// Keys and certificates, made when a test asks for them.
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "smime/certificate.h"

struct evp_pkey_st;
struct x509_st;

namespace postern::smime {

using std::chrono::hours;

struct CertificateKind {
  std::string algorithm = "EC";  ///< "EC", "RSA 2048", "RSA 1024", "ED25519"
  hours begin{-1};               ///< from now
  hours end{24};
  std::string usage{};                             ///< keyUsage as OpenSSL writes it; empty: none
  std::string extended_usage = "emailProtection";  ///< the same
};

/// A key and its certificate.
struct Pair {
  std::shared_ptr<evp_pkey_st> key;
  std::shared_ptr<x509_st> certificate;

  [[nodiscard]] std::string certificate_pem() const;
  /// `passphrase`: under it, if it is not empty.
  [[nodiscard]] std::string key_pem(const std::string& passphrase = {}) const;
  [[nodiscard]] std::string pkcs12(const std::string& passphrase) const;
};

/// The authority that has signed all others; the same in the whole run.
const Pair& authority();

/// Without an address, it names nobody.
Pair make_pair(const std::string& address, const CertificateKind& kind = {});

void write_file(const std::filesystem::path& path, std::string_view octets,
                std::filesystem::perms permissions = std::filesystem::perms::owner_read |
                                                     std::filesystem::perms::owner_write);

}  // namespace postern::smime
