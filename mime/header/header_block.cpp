#include "mime/header/header_block.h"

#include <algorithm>

#include "base/header_field.h"
#include "base/text.h"
#include "mime/header/header_encoding.h"

namespace postern::mime {

std::string unfolded(std::string_view body) {
  std::string value(trim(body));
  std::erase_if(value, [](char octet) { return octet == '\r' || octet == '\n'; });
  return value;
}

HeaderBlock parse_header_block(std::string_view text) {
  HeaderBlock block;
  for (std::string_view rest = text; !rest.empty();) {
    const auto field = take_header_field(rest);
    if (field.is_empty_line()) {
      block.body_offset = text.size() - rest.size();
      break;
    }
    // RFC 5322 §4.5 has blanks before the colon.
    const auto colon = field.octets.find(':');
    auto name = field.octets.substr(0, colon);
    name = name.substr(0, name.find_last_not_of(" \t") + 1);
    if (colon != std::string_view::npos && is_header_name(name)) {
      block.fields.push_back({std::string(name), unfolded(field.body)});
    }
  }
  return block;
}

bool is_content_field(std::string_view name) {
  constexpr std::string_view prefix = "Content-";
  return equals_ignoring_case(name.substr(0, prefix.size()), prefix);
}

const HeaderField* find_field(const HeaderBlock& block, std::string_view name) {
  const auto found = std::find_if(
      block.fields.begin(), block.fields.end(),
      [name](const HeaderField& field) { return equals_ignoring_case(field.name, name); });
  return found == block.fields.end() ? nullptr : &*found;
}

}  // namespace postern::mime
