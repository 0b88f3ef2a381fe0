#include <cerrno>
#include <cstring>
#include <fstream>
#include <stdexcept>
#include <system_error>

#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "base/base64.h"
#include "base/resource_exhaustion.h"
#include "base/text.h"
#include "smtp/dkim_key.h"

namespace postern::smtp {
namespace {

constexpr int min_rsa_bits = 2048;
constexpr std::size_t largest_file = std::size_t{64} * 1024;  // an RSA key of 16384 bits has 13 KB

template <auto function>
struct Call {
  template <typename Thing>
  void operator()(Thing* thing) const {
    function(thing);
  }
};
using Bio = std::unique_ptr<BIO, Call<BIO_free>>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, Call<EVP_MD_CTX_free>>;
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, Call<EVP_PKEY_CTX_free>>;

/// Text that holds a secret while it is in scope.
struct Secret {
  std::string text;
  Secret() = default;
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  ~Secret() { OPENSSL_cleanse(text.data(), text.size()); }
};

/// OpenSSL asks here instead of at the terminal.
int no_passphrase(char*, int, int, void* asked) {
  *static_cast<bool*>(asked) = true;
  return -1;
}

std::shared_ptr<EVP_PKEY> read_key(std::string_view pem, std::string_view where) {
  const Bio bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  if (!bio) throw std::bad_alloc();
  bool encrypted = false;
  std::shared_ptr<EVP_PKEY> key(
      PEM_read_bio_PrivateKey(bio.get(), nullptr, no_passphrase, &encrypted), EVP_PKEY_free);
  ERR_clear_error();
  if (encrypted) {
    throw std::invalid_argument(fmt::format(
        "{} is under a passphrase; store it without one, readable by its owner alone", where));
  }
  if (!key) throw std::invalid_argument(fmt::format("{} is no private key in PEM form", where));
  return key;
}

DkimAlgorithm algorithm_of(const EVP_PKEY* key, std::string_view where) {
  if (EVP_PKEY_is_a(key, "ED25519") == 1) return DkimAlgorithm::ed25519_sha256;
  if (EVP_PKEY_is_a(key, "RSA") != 1) {
    const char* const type = EVP_PKEY_get0_type_name(key);
    throw std::invalid_argument(fmt::format("{} is of type {}; DKIM signs with RSA or Ed25519",
                                            where, type != nullptr ? type : "unknown"));
  }
  const int bits = EVP_PKEY_get_bits(key);
  if (bits < min_rsa_bits) {
    throw std::invalid_argument(fmt::format("{} has {} bits; an RSA key for DKIM needs {} or more",
                                            where, bits, min_rsa_bits));
  }
  return DkimAlgorithm::rsa_sha256;
}

std::string rsa_signature(EVP_PKEY* key, std::span<const unsigned char, 32> digest) {
  const KeyContext context(EVP_PKEY_CTX_new(key, nullptr));
  std::string signature(static_cast<std::size_t>(EVP_PKEY_get_size(key)), '\0');
  std::size_t size = signature.size();
  if (!context || EVP_PKEY_sign_init(context.get()) != 1 ||
      EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_PADDING) != 1 ||
      EVP_PKEY_CTX_set_signature_md(context.get(), EVP_sha256()) != 1 ||
      EVP_PKEY_sign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size,
                    digest.data(), digest.size()) != 1) {
    return {};
  }
  signature.resize(size);
  return signature;
}

/// What Ed25519 signs is the digest itself, as a message (RFC 8463 §3).
std::string ed25519_signature(EVP_PKEY* key, std::span<const unsigned char, 32> digest) {
  const DigestContext context(EVP_MD_CTX_new());
  std::string signature(static_cast<std::size_t>(EVP_PKEY_get_size(key)), '\0');
  std::size_t size = signature.size();
  if (!context || EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key) != 1 ||
      EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size,
                     digest.data(), digest.size()) != 1) {
    return {};
  }
  signature.resize(size);
  return signature;
}

/// p= of RSA: SubjectPublicKeyInfo (RFC 6376 §3.6.1).
std::string rsa_public_key(EVP_PKEY* key) {
  unsigned char* octets = nullptr;
  const int size = i2d_PUBKEY(key, &octets);
  if (size <= 0) throw std::bad_alloc();
  const std::unique_ptr<unsigned char, void (*)(unsigned char*)> owned(
      octets, [](unsigned char* memory) { OPENSSL_free(memory); });
  return base64({octets, static_cast<std::size_t>(size)});
}

/// p= of Ed25519: the 32 octets bare (RFC 8463 §4).
std::string ed25519_public_key(EVP_PKEY* key) {
  std::array<unsigned char, 32> octets;
  std::size_t size = octets.size();
  if (EVP_PKEY_get_raw_public_key(key, octets.data(), &size) != 1) throw std::bad_alloc();
  return base64(octets);
}

}  // namespace

std::string_view name(DkimAlgorithm algorithm) {
  return algorithm == DkimAlgorithm::rsa_sha256 ? "rsa-sha256" : "ed25519-sha256";
}

DkimKey::DkimKey(std::string_view pem, std::string_view where)
    : key_(read_key(pem, where)), algorithm_(algorithm_of(key_.get(), where)) {}

DkimKey DkimKey::from_pem(std::string_view pem) {
  if (pem.size() > largest_file) throw std::invalid_argument("the DKIM key is too large for a key");
  return {pem, "the DKIM key"};
}

DkimKey DkimKey::from_file(const std::filesystem::path& path) {
  const std::string where = fmt::format("the DKIM key {}", printable(path.string()));
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    const std::error_code error(errno, std::generic_category());
    if (exhausted_resource(error)) throw std::system_error(error, where);
    throw std::invalid_argument(
        fmt::format("{} cannot be opened: {}", where, std::strerror(errno)));
  }
  Secret pem;
  pem.text.resize(largest_file);
  file.read(pem.text.data(), static_cast<std::streamsize>(largest_file));
  return {std::string_view(pem.text).substr(0, static_cast<std::size_t>(file.gcount())), where};
}

std::string DkimKey::sign(std::span<const unsigned char, 32> digest) const {
  std::string signature = algorithm_ == DkimAlgorithm::rsa_sha256
                              ? rsa_signature(key_.get(), digest)
                              : ed25519_signature(key_.get(), digest);
  ERR_clear_error();
  if (signature.empty()) throw std::runtime_error("the DKIM key could not sign; it may be damaged");
  return signature;
}

std::string DkimKey::dns_record() const {
  const bool rsa = algorithm_ == DkimAlgorithm::rsa_sha256;
  return fmt::format("v=DKIM1; k={}; p={}", rsa ? "rsa" : "ed25519",
                     rsa ? rsa_public_key(key_.get()) : ed25519_public_key(key_.get()));
}

}  // namespace postern::smtp
