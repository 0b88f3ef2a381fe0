// A sender's private key with its certificate, and the certificates of the authorities between.
//
// Read from PEM (key and certificates in one file, in any order, the key in PKCS #8 or the older
// forms) or PKCS #12. A file that everybody may read is refused. RSA from 2048 bits and elliptic
// curves are taken: what readers of RFC 8551 §2.2 know.
//
// Errors: mapi::Failure with one sentence that names the file; neither the key, the passphrase nor
// a part of them is in it. Threads: an identity is immutable and cheap to copy; any number of
// threads may sign with it.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "smime/certificate.h"

struct evp_pkey_st;

#pragma GCC visibility push(default)
namespace postern::smime {

/// What a sender signs with; a cheap, immutable value.
class Identity {
 public:
  /// MAPI_E_NOT_FOUND or MAPI_E_NO_ACCESS if the file cannot be read or everybody may read it;
  /// MAPI_E_UNCONFIGURED if the passphrase is wrong, there is no key, no certificate of that key,
  /// or a key that cannot be used.
  static Identity from_file(const std::filesystem::path& path, std::string_view passphrase);

  [[nodiscard]] const Certificate& certificate() const { return certificate_; }
  /// Other certificates of the file, to be sent along.
  [[nodiscard]] const std::vector<Certificate>& chain() const { return chain_; }
  [[nodiscard]] evp_pkey_st* key() const { return key_.get(); }
  /// The file in quotes.
  [[nodiscard]] const std::string& name() const { return name_; }

 private:
  Identity(std::string name, std::shared_ptr<evp_pkey_st> key, std::vector<Certificate> all);

  std::string name_;
  std::shared_ptr<evp_pkey_st> key_;
  Certificate certificate_;
  std::vector<Certificate> chain_;
};

}  // namespace postern::smime
#pragma GCC visibility pop
