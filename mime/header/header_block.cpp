#include "mime/header/header_block.h"

#include <algorithm>

#include "base/text.h"
#include "mime/header/header_encoding.h"

namespace postern::mime {

HeaderBlock parse_header_block(std::string_view text) {
  HeaderBlock block;
  bool continues_field = false;
  for (std::size_t at = 0; at < text.size();) {
    const auto end = std::min(text.find('\n', at), text.size());
    auto line = text.substr(at, end - at);
    if (line.ends_with('\r')) line.remove_suffix(1);
    at = std::min(end + 1, text.size());
    if (line.empty()) {
      block.body_offset = at;
      break;
    }
    if (line.front() == ' ' || line.front() == '\t') {
      if (continues_field) block.fields.back().value += line;
      continue;
    }
    const auto colon = line.find(':');
    continues_field = colon != std::string_view::npos && is_header_name(line.substr(0, colon));
    if (continues_field) {
      block.fields.push_back(
          {std::string(line.substr(0, colon)), std::string(trim(line.substr(colon + 1)))});
    }
  }
  return block;
}

const HeaderField* find_field(const HeaderBlock& block, std::string_view name) {
  const auto found = std::find_if(
      block.fields.begin(), block.fields.end(),
      [name](const HeaderField& field) { return equals_ignoring_case(field.name, name); });
  return found == block.fields.end() ? nullptr : &*found;
}

}  // namespace postern::mime
