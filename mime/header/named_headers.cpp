#include "mime/named_headers.h"

#include <algorithm>
#include <array>
#include <set>

#include "base/text.h"
#include "mapi/property_tags.h"
#include "mime/header/field_syntax.h"
#include "mime/header/header_encoding.h"

namespace postern::mime {
namespace {

/// What is made from the content, or tells of the last journey.
constexpr std::array<std::string_view, 13> blocked{"MIME-Version",
                                                   "Received",
                                                   "Return-Path",
                                                   "Delivered-To",
                                                   "Bcc",
                                                   "DKIM-Signature",
                                                   "Authentication-Results",
                                                   "Authentication-Results-Original",
                                                   "Received-SPF",
                                                   "X-Received",
                                                   "X-Originating-IP",
                                                   "X-Original-To",
                                                   "X-MS-TNEF-Correlator"};
constexpr std::array<std::string_view, 17> blocked_prefixes{"Content-",
                                                            "Resent-",
                                                            "ARC-",
                                                            "X-Spam-",
                                                            "X-Forefront-",
                                                            "X-Microsoft-Antispam",
                                                            "X-MS-Exchange-CrossTenant-",
                                                            "X-MS-Exchange-Transport-",
                                                            "X-MS-Exchange-AntiSpam",
                                                            "X-Google-",
                                                            "X-GM-",
                                                            "X-Proofpoint-",
                                                            "X-Mailgun-",
                                                            "X-SES-",
                                                            "X-Virus-",
                                                            "X-Envelope-",
                                                            "X-Exchange-Antispam-Report-"};
constexpr std::array<std::string_view, 4> organisation_prefixes{
    "X-Microsoft-Exchange-Organization", "X-Microsoft-Exchange-Forest",
    "X-MS-Exchange-Organization-", "X-MS-Exchange-Forest-"};

struct Spelling {
  std::string_view stored;
  std::string_view name;
};
/// As some programs store the names ([MS-OXCMAIL] 2.2.3.2.4).
constexpr std::array spellings{
    Spelling{"acceptlanguage", "Accept-Language"}, Spelling{"replyto", "Reply-To"},
    Spelling{"inreplyto", "In-Reply-To"},          Spelling{"listhelp", "List-Help"},
    Spelling{"listsubscribe", "List-Subscribe"},   Spelling{"listunsubscribe", "List-Unsubscribe"}};

std::string mended(const std::string& name) {
  const auto* found = std::ranges::find_if(
      spellings, [&](const Spelling& each) { return equals_ignoring_case(each.stored, name); });
  return found == spellings.end() ? name : std::string(found->name);
}

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
  return !is_blocked && !has_prefix(name, blocked_prefixes) &&
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

std::vector<NamedHeader> named_headers(const mapi::Message& message, bool is_embedded,
                                       bool smtputf8) {
  std::vector<NamedHeader> fields;
  std::set<std::string> seen;
  for_each_text(message, [&](const std::string& stored_name, const std::string& text) {
    auto name = mended(stored_name);
    if (!may_be_sent(name, is_embedded)) return;
    const bool is_name = is_header_name(name);
    auto [value, is_lossy] =
        is_name ? field_value(name, text, smtputf8) : FieldValue{"", !trim(text).empty()};
    if (value.empty() && !is_lossy) return;
    if (!is_name) name = one_line(name);
    if (!seen.insert(lower_case(name)).second) return;
    fields.push_back({{std::move(name), std::move(value)}, is_lossy});
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
