#include "smime/key/openssl.h"

#include <new>

#include <openssl/crypto.h>
#include <openssl/err.h>

namespace postern::smime {

Secret::~Secret() {
  OPENSSL_cleanse(text.data(), text.size());
}

Bio memory_bio(std::string_view octets) {
  Bio bio(BIO_new_mem_buf(octets.data(), static_cast<int>(octets.size())));
  if (!bio) throw std::bad_alloc();
  return bio;
}

mapi::Failure openssl_failure(mapi::Code code, const std::string& what) {
  const char* const reason = ERR_reason_error_string(ERR_peek_error());
  ERR_clear_error();
  return {code, reason == nullptr ? what : what + " (OpenSSL: " + reason + ")"};
}

}  // namespace postern::smime
