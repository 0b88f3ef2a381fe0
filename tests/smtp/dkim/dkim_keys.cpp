#include "tests/smtp/dkim/dkim_keys.h"

#include <openssl/pem.h>
#include <openssl/rsa.h>

namespace postern::smtp::test {
namespace {

template <typename Write>
std::string pem(Write write) {
  const std::unique_ptr<BIO, int (*)(BIO*)> bio(BIO_new(BIO_s_mem()), BIO_free);
  write(bio.get());
  const char* text = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &text);
  return {text, static_cast<std::size_t>(size)};
}

}  // namespace

OpenSslKey make_rsa_key(unsigned bits) {
  return {EVP_RSA_gen(bits), EVP_PKEY_free};
}

OpenSslKey make_elliptic_curve_key() {
  return {EVP_EC_gen("P-256"), EVP_PKEY_free};
}

std::string private_pem(const OpenSslKey& key) {
  return pem([&](BIO* bio) {
    PEM_write_bio_PrivateKey(bio, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  });
}

std::string encrypted_pem(const OpenSslKey& key, const std::string& passphrase) {
  return pem([&](BIO* bio) {
    PEM_write_bio_PrivateKey(bio, key.get(), EVP_aes_128_cbc(),
                             reinterpret_cast<const unsigned char*>(passphrase.data()),
                             static_cast<int>(passphrase.size()), nullptr, nullptr);
  });
}

std::string public_pem(const OpenSslKey& key) {
  return pem([&](BIO* bio) { PEM_write_bio_PUBKEY(bio, key.get()); });
}

}  // namespace postern::smtp::test
