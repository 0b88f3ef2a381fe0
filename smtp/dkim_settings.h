// How one DKIM signature is made: by whom, with which key, and what it covers (RFC 6376 §3.5,
// §5.4).
//
// Domains and selectors are ASCII here: an internationalised one is given as A-labels (RFC 8616
// §5). There is no l= : a signature covers the whole body, or text could be added after it (RFC
// 6376 §8.2). Settings are a value; `checked` throws std::invalid_argument for unusable ones.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "smtp/dkim_key.h"

#pragma GCC visibility push(default)
namespace postern::smtp {

/// Which changes in transit a signature tolerates (RFC 6376 §3.4).
enum class Canonicalization { simple, relaxed };
/// The value in the c= tag.
std::string_view name(Canonicalization canonicalization);

/// Oversigning (RFC 6376 §5.4.2): the name is in h= once more than there are such fields, so that
/// adding one breaks the signature.
enum class Oversign {
  none,
  if_present,  ///< for fields that servers may add if they are missing
  always,
};

/// A header field to be signed (the h= tag, RFC 6376 §3.5).
struct SignedField {
  std::string name;  ///< in any case; all fields of the name are signed
  Oversign oversign = Oversign::none;
};

/// The list of RFC 6376 §5.4.1, the MIME fields and List-Unsubscribe-Post (RFC 8058 §4). Oversigned
/// are the fields that readers see and answer to, and those that say how the body is read.
std::vector<SignedField> default_signed_fields();

/// The tags of one DKIM-Signature field (RFC 6376 §3.5).
struct DkimSettings {
  std::string domain;    ///< d=
  std::string selector;  ///< s=
  DkimKey key;
  std::string identity{};  ///< i=: [local]@domain, the domain being d= or below it; empty: no i=
  Canonicalization header = Canonicalization::relaxed;  ///< c=, before the slash
  Canonicalization body = Canonicalization::relaxed;    ///< c=, after the slash
  /// From is signed and oversigned even if it is not in the list.
  std::vector<SignedField> fields = default_signed_fields();
  /// x=, counted from the signing; at most ten years. It must be longer than retries may take.
  std::optional<std::chrono::seconds> lifetime = std::nullopt;
};

/// The settings with From among the fields. Throws std::invalid_argument with one sentence that
/// names what cannot be used.
DkimSettings checked(DkimSettings settings);

}  // namespace postern::smtp
#pragma GCC visibility pop
