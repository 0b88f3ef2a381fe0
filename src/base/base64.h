// Base64 (RFC 4648 §4) of short texts, as SASL uses it: unbroken, with padding.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#pragma GCC visibility push(default)
namespace postern {

/// The octets as base64.
std::string base64(std::string_view octets);
std::string base64(std::span<const unsigned char> octets);
/// Returns nullopt if the text is no base64.
std::optional<std::string> base64_decoded(std::string_view text);

}  // namespace postern
#pragma GCC visibility pop
