// OpenSSL's objects as C++ holds them, and its errors as sentences.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include <openssl/bio.h>
#include <openssl/cms.h>
#include <openssl/evp.h>
#include <openssl/pkcs12.h>
#include <openssl/x509.h>

#include "mapi/error.h"

namespace postern::smime {

template <auto function>
struct Release {
  template <typename Thing>
  void operator()(Thing* thing) const {
    function(thing);
  }
};
using Bio = std::unique_ptr<BIO, Release<BIO_free>>;
using BioChain = std::unique_ptr<BIO, Release<BIO_free_all>>;
using Cms = std::unique_ptr<CMS_ContentInfo, Release<CMS_ContentInfo_free>>;
using Pkcs12 = std::unique_ptr<PKCS12, Release<PKCS12_free>>;

/// Frees a stack, not what is in it.
struct ReleaseStack {
  void operator()(STACK_OF(X509) * stack) const { sk_X509_free(stack); }
};
using CertificateStack = std::unique_ptr<STACK_OF(X509), ReleaseStack>;

/// Text that holds a secret while it is in scope.
struct Secret {
  std::string text;
  Secret() = default;
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  ~Secret();
};

/// A BIO that reads the octets, which must outlive it. Throws std::bad_alloc.
Bio memory_bio(std::string_view octets);

/// `what` and OpenSSL's first reason, and forgets its errors.
mapi::Failure openssl_failure(mapi::Code code, const std::string& what);

}  // namespace postern::smime
