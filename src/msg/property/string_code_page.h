// The code page of a message's 8-bit strings (mapi-to-mime.md §1.3).
#pragma once

#include <cstddef>
#include <optional>
#include <span>

#include "mapi/property_bag.h"

namespace postern::msg {

/// The first that is there (§1.3): the message code page, the locale's, the RTF body's,
/// PR_INTERNET_CPID if it is a Windows ANSI page, 1252. `bag` has the message's fixed-size and
/// binary properties.
int string_code_page(const mapi::PropertyBag& bag);

/// The number after \ansicpg near the start of a PR_RTF_COMPRESSED value of any container; nullopt
/// if it is not among the first 512 octets of the text.
std::optional<int> rtf_code_page(std::span<const std::byte> compressed);

}  // namespace postern::msg
