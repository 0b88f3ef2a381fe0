#include "smime/identity.h"

#include <algorithm>
#include <cstring>

#include <openssl/err.h>
#include <openssl/pem.h>

#include "smime/key/key_file.h"
#include "smime/key/openssl.h"

namespace postern::smime {
namespace {

constexpr int min_rsa_bits = 2048;

using SharedKey = std::shared_ptr<EVP_PKEY>;

SharedKey shared(EVP_PKEY* key) {
  return {key, [](EVP_PKEY* owned) { EVP_PKEY_free(owned); }};
}

/// The octets of a file that was read, and what opens it.
struct Input {
  std::string_view octets;
  std::string_view passphrase;
  const std::string& name;
};

struct Found {
  SharedKey key;
  std::vector<Certificate> certificates;
};

mapi::Failure unusable(const Input& input, const std::string& why) {
  return {mapi::MAPI_E_UNCONFIGURED, input.name + " " + why};
}

mapi::Failure wrong_passphrase(const Input& input) {
  return unusable(input, input.passphrase.empty()
                             ? "is under a passphrase, and none was given"
                             : "cannot be opened with the passphrase that was given");
}

/// OpenSSL asks here instead of at the terminal.
struct PassphraseRequest {
  std::string_view passphrase;
  bool asked = false;
};
int give_passphrase(char* into, int size, int, void* data) {
  auto& request = *static_cast<PassphraseRequest*>(data);
  request.asked = true;
  if (request.passphrase.empty() || request.passphrase.size() > static_cast<std::size_t>(size)) {
    return -1;
  }
  std::memcpy(into, request.passphrase.data(), request.passphrase.size());
  return static_cast<int>(request.passphrase.size());
}

Found read_pem(const Input& input) {
  PassphraseRequest request{input.passphrase};
  Found found;
  found.key = shared(
      PEM_read_bio_PrivateKey(memory_bio(input.octets).get(), nullptr, give_passphrase, &request));
  ERR_clear_error();
  if (!found.key && request.asked) throw wrong_passphrase(input);
  const auto bio = memory_bio(input.octets);
  while (X509* next = PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)) {
    found.certificates.emplace_back(std::shared_ptr<X509>(next, X509_free));
  }
  ERR_clear_error();
  return found;
}

/// nullopt: the file is no PKCS #12.
std::optional<Found> read_pkcs12(const Input& input) {
  const Pkcs12 file(d2i_PKCS12_bio(memory_bio(input.octets).get(), nullptr));
  ERR_clear_error();
  if (!file) return std::nullopt;
  Secret passphrase;
  passphrase.text = input.passphrase;
  const auto length = static_cast<int>(passphrase.text.size());
  const bool opens = PKCS12_verify_mac(file.get(), passphrase.text.c_str(), length) == 1 ||
                     (length == 0 && PKCS12_verify_mac(file.get(), nullptr, 0) == 1);
  if (!opens) throw wrong_passphrase(input);
  EVP_PKEY* key = nullptr;
  X509* certificate = nullptr;
  STACK_OF(X509)* others = nullptr;
  if (PKCS12_parse(file.get(), passphrase.text.c_str(), &key, &certificate, &others) != 1) {
    throw openssl_failure(mapi::MAPI_E_UNCONFIGURED,
                          input.name +
                              " has the right passphrase but cannot be decrypted, perhaps because "
                              "its algorithms are obsolete; write it anew with openssl pkcs12");
  }
  Found found;
  if (key != nullptr) found.key = shared(key);
  if (certificate != nullptr) {
    found.certificates.emplace_back(std::shared_ptr<X509>(certificate, X509_free));
  }
  for (int i = 0; i < sk_X509_num(others); ++i) {
    found.certificates.emplace_back(std::shared_ptr<X509>(sk_X509_value(others, i), X509_free));
  }
  sk_X509_free(others);
  ERR_clear_error();
  return found;
}

void check_key(EVP_PKEY* key, const Input& input) {
  if (key == nullptr) throw unusable(input, "holds no private key");
  const bool is_rsa = EVP_PKEY_is_a(key, "RSA") == 1;
  if (!is_rsa && EVP_PKEY_is_a(key, "EC") != 1) {
    const char* const type = EVP_PKEY_get0_type_name(key);
    throw unusable(input, std::string("holds a key of the type ") +
                              (type != nullptr ? type : "unknown") +
                              "; mail is signed with RSA or an elliptic curve");
  }
  if (is_rsa && EVP_PKEY_get_bits(key) < min_rsa_bits) {
    throw unusable(input, "holds an RSA key of " + std::to_string(EVP_PKEY_get_bits(key)) +
                              " bits; " + std::to_string(min_rsa_bits) + " or more are needed");
  }
}

}  // namespace

Identity Identity::from_file(const std::filesystem::path& path, std::string_view passphrase) {
  Secret octets;
  read_key_file(path, Secrecy::secret, octets);
  const auto name = quoted(path);
  const Input input{octets.text, passphrase, name};
  auto found = read_pkcs12(input);
  if (!found) found = read_pem(input);
  check_key(found->key.get(), input);
  auto& all = found->certificates;
  if (all.empty()) throw unusable(input, "holds a private key but no certificate");
  const auto own = std::find_if(all.begin(), all.end(), [&found](const Certificate& each) {
    return X509_check_private_key(each.get(), found->key.get()) == 1;
  });
  ERR_clear_error();
  if (own == all.end()) {
    throw unusable(input, "holds a private key and no certificate that belongs to it");
  }
  std::rotate(all.begin(), own, own + 1);
  return {name, std::move(found->key), std::move(all)};
}

/// The first of `all` is the key's.
Identity::Identity(std::string name, std::shared_ptr<evp_pkey_st> key, std::vector<Certificate> all)
    : name_(std::move(name)),
      key_(std::move(key)),
      certificate_(all.front()),
      chain_(all.begin() + 1, all.end()) {}

}  // namespace postern::smime
