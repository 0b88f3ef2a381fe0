#include "tests/smime/keys.h"

#include <fstream>
#include <stdexcept>

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

namespace postern::smime {
namespace {

void demand(bool done) {
  if (!done) throw std::runtime_error("OpenSSL makes no certificate");
}

std::shared_ptr<EVP_PKEY> make_key(const std::string& algorithm) {
  EVP_PKEY* key = nullptr;
  if (algorithm == "EC") {
    key = EVP_EC_gen("P-256");
  } else if (algorithm.starts_with("RSA ")) {
    key = EVP_RSA_gen(static_cast<unsigned>(std::stoi(algorithm.substr(4))));
  } else {
    key = EVP_PKEY_Q_keygen(nullptr, nullptr, algorithm.c_str());
  }
  demand(key != nullptr);
  return {key, EVP_PKEY_free};
}

void add_extension(X509* certificate, int nid, const std::string& value) {
  if (value.empty()) return;
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, nullptr, nid, value.c_str());
  demand(extension != nullptr && X509_add_ext(certificate, extension, -1) == 1);
  X509_EXTENSION_free(extension);
}

void set_name(X509_NAME* name, const std::string& text) {
  demand(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8,
                                    reinterpret_cast<const unsigned char*>(text.c_str()), -1, -1,
                                    0) == 1);
}

/// `issuer`: null for a certificate that signs itself.
Pair make(const std::string& name, const std::string& address, const CertificateKind& kind,
          const Pair* issuer) {
  Pair pair{make_key(kind.algorithm), {X509_new(), X509_free}};
  X509* const certificate = pair.certificate.get();
  demand(X509_set_version(certificate, X509_VERSION_3) == 1);
  std::int64_t serial = 0;
  demand(RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof serial) == 1);
  ASN1_INTEGER_set_int64(X509_get_serialNumber(certificate), serial & INT64_MAX);
  const auto seconds = [](hours from_now) { return static_cast<long>(from_now.count()) * 3600; };
  X509_gmtime_adj(X509_getm_notBefore(certificate), seconds(kind.begin));
  X509_gmtime_adj(X509_getm_notAfter(certificate), seconds(kind.end));
  set_name(X509_get_subject_name(certificate), name);
  demand(X509_set_issuer_name(certificate,
                              X509_get_subject_name(issuer != nullptr ? issuer->certificate.get()
                                                                      : certificate)) == 1);
  demand(X509_set_pubkey(certificate, pair.key.get()) == 1);
  if (issuer == nullptr) add_extension(certificate, NID_basic_constraints, "critical,CA:TRUE");
  add_extension(certificate, NID_key_usage, kind.usage);
  add_extension(certificate, NID_ext_key_usage, kind.extended_usage);
  add_extension(certificate, NID_subject_alt_name, address.empty() ? "" : "email:" + address);
  EVP_PKEY* const signer = issuer != nullptr ? issuer->key.get() : pair.key.get();
  demand(X509_sign(certificate, signer, EVP_sha256()) > 0);
  return pair;
}

template <typename Write>
std::string written(const Write& write) {
  BIO* bio = BIO_new(BIO_s_mem());
  demand(write(bio) == 1);
  char* octets = nullptr;
  const auto size = BIO_get_mem_data(bio, &octets);
  std::string text(octets, static_cast<std::size_t>(size));
  BIO_free(bio);
  return text;
}

}  // namespace

std::string Pair::certificate_pem() const {
  return written([this](BIO* bio) { return PEM_write_bio_X509(bio, certificate.get()); });
}

std::string Pair::key_pem(const std::string& passphrase) const {
  return written([&](BIO* bio) {
    return PEM_write_bio_PKCS8PrivateKey(
        bio, key.get(), passphrase.empty() ? nullptr : EVP_aes_256_cbc(), passphrase.data(),
        static_cast<int>(passphrase.size()), nullptr, nullptr);
  });
}

std::string Pair::pkcs12(const std::string& passphrase) const {
  STACK_OF(X509)* chain = sk_X509_new_null();
  sk_X509_push(chain, authority().certificate.get());
  PKCS12* file =
      PKCS12_create(passphrase.c_str(), "mail", key.get(), certificate.get(), chain, 0, 0, 0, 0, 0);
  sk_X509_free(chain);
  demand(file != nullptr);
  auto octets = written([file](BIO* bio) { return i2d_PKCS12_bio(bio, file); });
  PKCS12_free(file);
  return octets;
}

const Pair& authority() {
  static const Pair made =
      make("Authority", {}, {.usage = "keyCertSign", .extended_usage = {}}, nullptr);
  return made;
}

Pair make_pair(const std::string& address, const CertificateKind& kind) {
  return make("Somebody", address, kind, &authority());
}

void write_file(const std::filesystem::path& path, std::string_view octets,
                std::filesystem::perms permissions) {
  std::ofstream(path, std::ios::binary) << octets;
  std::filesystem::permissions(path, permissions);
}

}  // namespace postern::smime
