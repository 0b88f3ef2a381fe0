#include "mime/named_headers.h"

#include <algorithm>
#include <array>
#include <set>

#include "base/text.h"
#include "mapi/property_tags.h"
#include "mime/header/header_encoding.h"

namespace postern::mime {
namespace {

constexpr std::array<std::string_view, 8> blocked{"MIME-Version",
                                                  "Received",
                                                  "Return-Path",
                                                  "Delivered-To",
                                                  "Bcc",
                                                  "DKIM-Signature",
                                                  "Authentication-Results",
                                                  "X-MS-TNEF-Correlator"};
constexpr std::array<std::string_view, 3> blocked_prefixes{"Content-", "Resent-", "ARC-"};
constexpr std::array<std::string_view, 4> organisation_prefixes{
    "X-Microsoft-Exchange-Organization", "X-Microsoft-Exchange-Forest",
    "X-MS-Exchange-Organization-", "X-MS-Exchange-Forest-"};

template <std::size_t Size>
bool has_prefix(std::string_view name, const std::array<std::string_view, Size>& prefixes) {
  return std::any_of(prefixes.begin(), prefixes.end(), [name](std::string_view prefix) {
    return equals_ignoring_case(name.substr(0, prefix.size()), prefix);
  });
}

bool may_be_sent(std::string_view name, bool is_embedded) {
  const bool is_blocked = std::any_of(blocked.begin(), blocked.end(), [name](auto each) {
    return equals_ignoring_case(name, each);
  });
  return is_header_name(name) && !is_blocked && !has_prefix(name, blocked_prefixes) &&
         (is_embedded || !has_prefix(name, organisation_prefixes));
}

/// Calls `use(name, text)` for each text property of the set that has a textual name.
template <class Use>
void for_each_text(const mapi::Message& message, Use use) {
  for (const auto& [property, value] : message.named_properties()) {
    const auto* name = std::get_if<std::string>(&property.name);
    const auto* text = std::get_if<std::string>(&value);
    if (property.set == mapi::PS_INTERNET_HEADERS && name != nullptr && text != nullptr) {
      use(*name, *text);
    }
  }
}

}  // namespace

std::vector<HeaderField> named_headers(const mapi::Message& message, bool is_embedded) {
  std::vector<HeaderField> fields;
  std::set<std::string> seen;
  for_each_text(message, [&](const std::string& name, const std::string& text) {
    if (!may_be_sent(name, is_embedded)) return;
    auto value = encode_unstructured(text, name.size() + 2);
    if (value.empty() || !seen.insert(lower_case(name)).second) return;
    fields.push_back({name, std::move(value)});
  });
  return fields;
}

std::string_view named_header(const mapi::Message& message, std::string_view wanted) {
  std::string_view found;
  for_each_text(message, [&](const std::string& name, const std::string& text) {
    if (found.empty() && equals_ignoring_case(name, wanted)) found = text;
  });
  return found;
}

}  // namespace postern::mime
