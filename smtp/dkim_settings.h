// How one signature is made: who signs, with what, and what is covered (RFC 6376 §3.5, §5.4).
//
// Domains and selectors are ASCII here: an internationalised one is given as A-labels (RFC 8616
// §5). There is no l= : a signature covers the whole body, or text could be added behind it (RFC
// 6376 §8.2).
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "smtp/dkim_key.h"

#pragma GCC visibility push(default)
namespace postern::smtp {

/// How much a signature forgives on the way (RFC 6376 §3.4).
enum class Canonicalization { simple, relaxed };
/// As it stands in c=.
std::string_view name(Canonicalization canonicalization);

/// Whether a signature also says that there are no further fields of a name (RFC 6376 §5.4.2): the
/// name stands in h= once more than there are such fields, so that adding one breaks the signature.
enum class Oversign {
  none,
  if_present,  ///< for what servers on the way may add where it is missing
  always,
};

struct SignedField {
  std::string name;  ///< in any case; all fields of the name are signed
  Oversign oversign = Oversign::none;
};

/// What RFC 6376 §5.4.1 lists, the MIME fields and List-Unsubscribe-Post (RFC 8058 §4). Sealed are
/// what readers see and answer to, and what decides how the body is read.
std::vector<SignedField> default_signed_fields();

struct DkimSettings {
  std::string domain;    ///< d=
  std::string selector;  ///< s=
  DkimKey key;
  std::string identity{};  ///< i=: [local]@domain, the domain being d= or below it; empty: not said
  Canonicalization header = Canonicalization::relaxed;
  Canonicalization body = Canonicalization::relaxed;
  /// From is signed and sealed even if it is not in the list.
  std::vector<SignedField> fields = default_signed_fields();
  /// x=, counted from the signing; at most ten years. Retries of days must fit into it.
  std::optional<std::chrono::seconds> lifetime = std::nullopt;
};

/// The settings ready for use: From is in the fields. Throws std::invalid_argument with one
/// sentence that names what cannot be used.
DkimSettings checked(DkimSettings settings);

}  // namespace postern::smtp
#pragma GCC visibility pop
