// A certificate for e-mail (RFC 8550): whom it names, and whether it may be used.
//
// Certificates are believed because whoever runs Postern has put them where they are looked up: no
// chain is followed to an authority, and no revocation list is asked. What the certificate says of
// itself is checked: its time, its usage, its addresses.
//
// Errors: mapi::Failure with one sentence that names the file. Threads: a certificate is immutable
// and cheap to copy; any number of threads may use it.
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

struct x509_st;

#pragma GCC visibility push(default)
namespace postern::smime {

enum class CertificateUse { signing, encryption };

/// An X.509 certificate; a cheap, immutable value.
class Certificate {
 public:
  /// All certificates of a file: PEM, any number, or DER, one. MAPI_E_CORRUPT_DATA if there is none
  /// in it, MAPI_E_NOT_FOUND or MAPI_E_NO_ACCESS if it cannot be read.
  static std::vector<Certificate> from_file(const std::filesystem::path& path);

  /// `certificate` must not be null.
  explicit Certificate(std::shared_ptr<x509_st> certificate);

  /// The mailboxes it names: rfc822Name of subjectAltName, emailAddress of the subject.
  [[nodiscard]] std::vector<std::string> addresses() const;

  /// Why it cannot be used so, as the end of a sentence ("expired on 2026-01-31"): the time, the
  /// usage (RFC 8550 §4.4), whom it names. Addresses are compared without case. nullopt: it can.
  [[nodiscard]] std::optional<std::string> fault(CertificateUse use, std::string_view address,
                                                 std::chrono::system_clock::time_point now) const;

  [[nodiscard]] x509_st* get() const { return certificate_.get(); }

 private:
  std::shared_ptr<x509_st> certificate_;
};

}  // namespace postern::smime
#pragma GCC visibility pop
