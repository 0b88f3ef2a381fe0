#include "smime/secured_entity.h"

#include <algorithm>
#include <array>
#include <functional>
#include <string>

#include <openssl/err.h>
#include <openssl/rand.h>

#include "base/base64.h"
#include "base/text.h"
#include "mapi/error.h"
#include "mapi/temporary_file.h"
#include "smime/cms/wire_safety.h"
#include "smime/key/openssl.h"
#include "smime/octets/concatenation.h"

namespace postern::smime {
namespace {

constexpr std::size_t block_size = std::size_t{64} << 10U;

void for_each_block(const mapi::Content& content,
                    const std::function<void(std::string_view)>& take) {
  std::vector<std::byte> block(block_size);
  const auto reader = content.open();
  while (const auto count = reader->read(block)) {
    take({reinterpret_cast<const char*>(block.data()), count});
  }
}

void write_all(BIO* into, std::string_view octets) {
  while (!octets.empty()) {
    const int count = BIO_write(into, octets.data(), static_cast<int>(octets.size()));
    if (count <= 0) throw openssl_failure(mapi::MAPI_E_CALL_FAILED, "CMS cannot be written");
    octets.remove_prefix(static_cast<std::size_t>(count));
  }
}

/// Takes what has been written into a BIO of memory.
void drain(BIO* memory, const std::function<void(std::string_view)>& take) {
  char* octets = nullptr;
  const auto count = BIO_get_mem_data(memory, &octets);
  if (count > 0) take({octets, static_cast<std::size_t>(count)});
  BIO_reset(memory);
}

/// The filters before `last`, which is not theirs.
class Filters {
 public:
  Filters(BIO* first, BIO* last) : first_(first), last_(last) {}
  Filters(const Filters&) = delete;
  Filters& operator=(const Filters&) = delete;
  ~Filters() {
    while (first_ != nullptr && first_ != last_) {
      BIO* const next = BIO_pop(first_);
      BIO_free(first_);
      first_ = next;
    }
  }
  [[nodiscard]] BIO* get() const { return first_; }

 private:
  BIO* first_;
  BIO* last_;
};

/// application/pkcs7-mime (RFC 8551 §3.2) of a CMS object whose content is the entity. `what`: the
/// beginning of a sentence about its failure.
mapi::Content opaque_entity(CMS_ContentInfo* cms, std::string_view smime_type,
                            const mapi::Content& entity, const std::filesystem::path& directory,
                            const std::string& what) {
  mapi::TemporaryFile file(directory);
  file.write("Content-Type: application/pkcs7-mime; smime-type=" + std::string(smime_type) +
             "; name=\"smime.p7m\"\r\nContent-Transfer-Encoding: base64\r\n"
             "Content-Disposition: attachment; filename=\"smime.p7m\"\r\n\r\n");
  Base64Transform base64;
  std::string lines;
  const auto encode = [&](std::string_view octets) {
    lines.clear();
    base64.feed(octets, lines);
    file.write(lines);
  };
  const Bio memory(BIO_new(BIO_s_mem()));
  if (!memory) throw std::bad_alloc();
  const Filters filters(BIO_new_CMS(memory.get(), cms), memory.get());
  if (filters.get() == nullptr) throw openssl_failure(mapi::MAPI_E_CALL_FAILED, what);
  for_each_block(entity, [&](std::string_view octets) {
    write_all(filters.get(), octets);
    drain(memory.get(), encode);
  });
  if (BIO_flush(filters.get()) != 1) throw openssl_failure(mapi::MAPI_E_CALL_FAILED, what);
  drain(memory.get(), encode);
  lines.clear();
  base64.finish(lines);
  file.write(lines);
  return file.content();
}

/// SignedData with one signer and its certificates, to be completed by its content.
Cms signed_data(const Identity& identity, unsigned flags, const std::string& what) {
  Cms cms(CMS_sign(nullptr, nullptr, nullptr, nullptr, flags));
  if (!cms || CMS_add1_signer(cms.get(), identity.certificate().get(), identity.key(), EVP_sha256(),
                              flags) == nullptr) {
    throw openssl_failure(mapi::MAPI_E_CALL_FAILED, what);
  }
  for (const auto& each : identity.chain()) {
    if (CMS_add1_cert(cms.get(), each.get()) != 1) ERR_clear_error();  // it was there already
  }
  return cms;
}

std::string der(CMS_ContentInfo* cms, const std::string& what) {
  const Bio memory(BIO_new(BIO_s_mem()));
  if (!memory || i2d_CMS_bio(memory.get(), cms) != 1) {
    throw openssl_failure(mapi::MAPI_E_CALL_FAILED, what);
  }
  std::string octets;
  drain(memory.get(), [&octets](std::string_view all) { octets = all; });
  return octets;
}

/// "=_" and hexadecimal digits of random octets: neither quoted-printable nor base64 has that.
std::string make_boundary() {
  std::array<char, 16> octets{};
  if (RAND_bytes(reinterpret_cast<unsigned char*>(octets.data()), octets.size()) != 1) {
    throw openssl_failure(mapi::MAPI_E_CALL_FAILED, "there are no random octets for a boundary");
  }
  std::string boundary = "=_";
  for (const char octet : octets) append_hex(boundary, octet);
  return boundary;
}

mapi::Content multipart_signed(const mapi::Content& entity, const std::string& signature) {
  const auto boundary = make_boundary();
  const std::string before =
      "Content-Type: multipart/signed; protocol=\"application/pkcs7-signature\";\r\n"
      "\tmicalg=sha-256; boundary=\"" +
      boundary + "\"\r\n\r\n--" + boundary + "\r\n";
  std::string after = "\r\n--" + boundary +
                      "\r\nContent-Type: application/pkcs7-signature; name=\"smime.p7s\"\r\n"
                      "Content-Transfer-Encoding: base64\r\n"
                      "Content-Disposition: attachment; filename=\"smime.p7s\"\r\n\r\n";
  Base64Transform base64;
  base64.feed(signature, after);
  base64.finish(after);
  after += "--" + boundary + "--\r\n";
  return concatenation({mapi::Content::from_text(before), entity, mapi::Content::from_text(after)});
}

}  // namespace

mapi::Content sign(const mapi::Content& entity, const Identity& identity,
                   const std::filesystem::path& directory) {
  ERR_clear_error();
  const auto what = "nothing can be signed with " + identity.name();
  constexpr unsigned detached = CMS_DETACHED | CMS_PARTIAL | CMS_BINARY;
  const auto cms = signed_data(identity, detached, what);
  const BioChain digest(CMS_dataInit(cms.get(), nullptr));
  if (!digest) throw openssl_failure(mapi::MAPI_E_CALL_FAILED, what);
  WireSafety safety;
  for_each_block(entity, [&](std::string_view octets) {
    safety.feed(octets);
    write_all(digest.get(), octets);
  });
  if (!safety.is_safe()) {
    constexpr unsigned enclosed = CMS_PARTIAL | CMS_STREAM | CMS_BINARY;
    return opaque_entity(signed_data(identity, enclosed, what).get(), "signed-data", entity,
                         directory, what);
  }
  if (CMS_dataFinal(cms.get(), digest.get()) != 1) {
    throw openssl_failure(mapi::MAPI_E_CALL_FAILED, what);
  }
  return multipart_signed(entity, der(cms.get(), what));
}

mapi::Content encrypt(const mapi::Content& entity, std::span<const Certificate> recipients,
                      const std::filesystem::path& directory) {
  const std::string what = "the message cannot be encrypted for its recipients' certificates";
  ERR_clear_error();
  const CertificateStack stack(sk_X509_new_null());
  if (!stack) throw std::bad_alloc();
  for (const auto& each : recipients) {
    if (sk_X509_push(stack.get(), each.get()) == 0) throw std::bad_alloc();
  }
  constexpr unsigned flags = CMS_PARTIAL | CMS_STREAM | CMS_BINARY;
  const Cms cms(CMS_encrypt(stack.get(), nullptr, EVP_aes_256_cbc(), flags));
  if (!cms) throw openssl_failure(mapi::MAPI_E_CALL_FAILED, what);
  return opaque_entity(cms.get(), "enveloped-data", entity, directory, what);
}

}  // namespace postern::smime
