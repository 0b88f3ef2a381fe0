#include "base/header_field.h"

#include <algorithm>

#include "base/text.h"

namespace postern {
namespace {

std::size_t line_size(std::string_view block) {
  return std::min(block.find('\n'), block.size() - 1) + 1;
}

}  // namespace

HeaderFieldView take_header_field(std::string_view& block) {
  std::size_t size = line_size(block);
  HeaderFieldView field{block.substr(0, size), {}, {}};
  if (!field.is_empty_line()) {
    while (size < block.size() && is_blank(block[size])) size += line_size(block.substr(size));
    field.octets = block.substr(0, size);
  }
  block.remove_prefix(size);
  const auto colon = field.octets.find(':');
  if (colon == std::string_view::npos) return field;
  const auto name = field.octets.substr(0, colon);
  field.name = name.substr(0, name.find_last_not_of(" \t") + 1);
  field.body = field.octets.substr(colon + 1);
  return field;
}

}  // namespace postern
