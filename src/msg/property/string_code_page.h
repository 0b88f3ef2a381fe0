// The code page of a message's 8-bit strings (mapi-to-mime.md §1.3).
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "mapi/property_bag.h"

namespace postern::msg {

struct StringCodePage {
  int page;
  std::string guess;  ///< why it is one; empty: it is none, or there is nothing to guess
};

/// The page in which all `texts` of an object can be read: UTF-8 if they are that, else the first
/// that fits of `declared`, the message code page, the locale's, the RTF body's, PR_INTERNET_CPID
/// if it is a Windows ANSI page, the parent's, 1252. `bag` has the message's fixed-size and binary
/// properties; `parent`: the page of the message that this one is attached to; `declared`: the page
/// that the container itself names.
StringCodePage string_code_page(const mapi::PropertyBag& bag,
                                const std::vector<std::string_view>& texts,
                                std::optional<int> parent, std::optional<int> declared = {});

/// The number after \ansicpg near the start of a PR_RTF_COMPRESSED value of any container; nullopt
/// if it is not among the first 512 octets of the text.
std::optional<int> rtf_code_page(std::span<const std::byte> compressed);

}  // namespace postern::msg
