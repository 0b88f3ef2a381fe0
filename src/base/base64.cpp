#include "base/base64.h"

#include <openssl/evp.h>

namespace postern {

std::string base64(std::string_view octets) {
  return base64(std::span(reinterpret_cast<const unsigned char*>(octets.data()), octets.size()));
}

std::string base64(std::span<const unsigned char> octets) {
  std::string out(4 * ((octets.size() + 2) / 3) + 1, '\0');  // OpenSSL writes a NUL after it
  EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()), octets.data(),
                  static_cast<int>(octets.size()));
  out.pop_back();
  return out;
}

std::optional<std::string> base64_decoded(std::string_view text) {
  std::string out(text.size() / 4 * 3 + 3, '\0');
  const int length = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                                     reinterpret_cast<const unsigned char*>(text.data()),
                                     static_cast<int>(text.size()));
  if (length < 0) return std::nullopt;
  std::size_t padding = 0;
  while (padding < 2 && text.size() > padding && text[text.size() - 1 - padding] == '=') ++padding;
  out.resize(static_cast<std::size_t>(length) - padding);
  return out;
}

}  // namespace postern
