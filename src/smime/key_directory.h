// Where keys and certificates are looked up by SMTP address, and the way that needs no server: one
// file for each address in a directory.
//
// Files are read when they are asked for, so that one that is put there or replaced counts from the
// next message on. A file is named by the address in ASCII lower case, its domain as A-labels, with
// "%XX" for what is no letter, digit or one of "@.-_+=" (so none names a file elsewhere):
// bob@example.org.pem.
//
// Errors: mapi::Failure as identity.h and certificate.h say. Threads: the functions may be called
// from several threads at once.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "smime/certificate.h"
#include "smime/identity.h"

#pragma GCC visibility push(default)
namespace postern::smime {

/// The role that finds what a sender signs with.
class IdentitySource {
 public:
  virtual ~IdentitySource() = default;
  /// nullopt: there is none for the address.
  [[nodiscard]] virtual std::optional<Identity> identity(std::string_view address) const = 0;
};

/// The role that finds what is encrypted for.
class CertificateSource {
 public:
  virtual ~CertificateSource() = default;
  /// Every certificate there is for the address, the preferred ones first: expired ones may be
  /// among them.
  [[nodiscard]] virtual std::vector<Certificate> certificates(std::string_view address) const = 0;
};

/// "<address>.p12" or else "<address>.pem": key, certificate and what belongs to it.
class IdentityDirectory final : public IdentitySource {
 public:
  /// `passphrase`: of all keys in the directory that have one.
  explicit IdentityDirectory(std::filesystem::path directory, std::string passphrase = {});
  ~IdentityDirectory() override;
  IdentityDirectory(const IdentityDirectory&) = delete;
  IdentityDirectory& operator=(const IdentityDirectory&) = delete;
  [[nodiscard]] std::optional<Identity> identity(std::string_view address) const override;

 private:
  std::filesystem::path directory_;
  std::string passphrase_;
};

/// "<address>.pem": certificates, the preferred one first.
class CertificateDirectory final : public CertificateSource {
 public:
  explicit CertificateDirectory(std::filesystem::path directory);
  [[nodiscard]] std::vector<Certificate> certificates(std::string_view address) const override;

 private:
  std::filesystem::path directory_;
};

/// The name of an address's file without its ending; empty for what is no SMTP address.
std::string file_stem(std::string_view address);

}  // namespace postern::smime
#pragma GCC visibility pop
