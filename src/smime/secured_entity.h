// S/MIME of a MIME entity (RFC 8551): signing and encrypting, as an entity again.
//
// What is given is a whole entity, its header included, with CRLF line ends: it is signed and
// encrypted octet for octet, so it must be what is sent.
//
// Memory: the entity is read block by block and never held. Of a clear-signed entity only the
// signature is made (about 5 KB); the rest is read from the original each time. An encrypted or
// opaquely signed one is written into a file without a name, 1.4 times as big as the entity, which
// vanishes with the Content: a disk is needed for it, no memory.
//
// Errors: mapi::Failure with one sentence, and what reading the entity throws. Threads: the
// functions may be called from any threads at the same time.
#pragma once

#include <filesystem>
#include <span>

#include "mapi/content.h"
#include "smime/certificate.h"
#include "smime/identity.h"

#pragma GCC visibility push(default)
namespace postern::smime {

/// multipart/signed (RFC 8551 §3.5.3), with SHA-256, the certificates and the time of signing. The
/// signed part is the entity itself, which must stay readable as long as the result. If it has
/// 8-bit octets, NULs or lines over 998 octets, which a relay may change, it becomes
/// application/pkcs7-mime; smime-type=signed-data instead (§3.5.2), in base64. `directory`: where
/// the file is made. MAPI_E_CALL_FAILED if the key fails.
mapi::Content sign(const mapi::Content& entity, const Identity& identity,
                   const std::filesystem::path& directory);

/// application/pkcs7-mime; smime-type=enveloped-data (RFC 8551 §3.3) for all of these certificates,
/// with AES-256-CBC, RSA (PKCS #1 v1.5) or ECDH: what Outlook, Thunderbird and OpenSSL read.
/// AES-GCM, which RFC 8551 prefers, needs AuthEnvelopedData, which neither of the first two reads
/// everywhere; a signature inside protects what is encrypted. MAPI_E_CALL_FAILED if OpenSSL cannot
/// encrypt for one of them.
mapi::Content encrypt(const mapi::Content& entity, std::span<const Certificate> recipients,
                      const std::filesystem::path& directory);

}  // namespace postern::smime
#pragma GCC visibility pop
