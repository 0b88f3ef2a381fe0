// SHA-256 of octets that come in blocks (RFC 6376 §3.3, FIPS 180-4). Throws std::bad_alloc only.
#pragma once

#include <array>
#include <memory>
#include <span>
#include <string>
#include <string_view>

struct evp_md_ctx_st;

namespace postern::smtp {

using Sha256Digest = std::array<unsigned char, 32>;

class Sha256 {
 public:
  Sha256();
  void write(std::string_view octets);
  /// To be called once, last.
  Sha256Digest finish();

 private:
  struct Free {
    void operator()(evp_md_ctx_st* context) const;
  };
  std::unique_ptr<evp_md_ctx_st, Free> context_;
};

}  // namespace postern::smtp
