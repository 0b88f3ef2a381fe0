// Keys for the tests of DKIM.
#pragma once

#include <memory>
#include <string>

#include <openssl/evp.h>

namespace postern::smtp::test {

using OpenSslKey = std::shared_ptr<EVP_PKEY>;

OpenSslKey make_rsa_key(unsigned bits);
OpenSslKey make_elliptic_curve_key();
std::string private_pem(const OpenSslKey& key);
std::string encrypted_pem(const OpenSslKey& key, const std::string& passphrase);
std::string public_pem(const OpenSslKey& key);

/// The private key of RFC 8463 appendix A.2 (which is the one of RFC 8032 §7.1, test 1), in PKCS
/// #8.
inline constexpr char rfc_8463_pem[] =
    "-----BEGIN PRIVATE KEY-----\n"
    "MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n"
    "-----END PRIVATE KEY-----\n";

}  // namespace postern::smtp::test
