#include "mime/message/finished_entity.h"

#include <algorithm>
#include <string>
#include <vector>

#include "base/text.h"
#include "mime/header/header_block.h"
#include "mime/header/header_encoding.h"
#include "mime/octets/content_view.h"

namespace postern::mime {
namespace {

constexpr std::size_t biggest_header_block = 64U << 10U;
constexpr std::size_t longest_line = 998;

/// The Content-* fields of the block, each once; empty if one of them cannot be a header.
std::vector<HeaderField> content_fields(const HeaderBlock& block) {
  std::vector<HeaderField> fields;
  for (const auto& field : block.fields) {
    const bool is_repeated = std::any_of(fields.begin(), fields.end(), [&](const auto& earlier) {
      return equals_ignoring_case(earlier.name, field.name);
    });
    const bool has_name = field.name.size() > std::string_view("Content-").size();
    if (!is_content_field(field.name) || !has_name || is_repeated) continue;
    fields.push_back({field.name, one_line(field.value)});
    if (!is_printable_ascii(fields.back().value)) return {};
  }
  return fields;
}

}  // namespace

std::string media_type_of(std::string_view content_type) {
  return lower_case(trim(content_type.substr(0, content_type.find(';'))));
}

std::unique_ptr<Entity> finished_entity(const mapi::Content& data, ComposeContext& context,
                                        const AcceptsType& accepts) {
  const auto block = parse_header_block(first_octets(data, biggest_header_block));
  const auto fields = content_fields(block);
  const auto type = std::find_if(fields.begin(), fields.end(), [](const HeaderField& field) {
    return equals_ignoring_case(field.name, "Content-Type");
  });
  if (!block.body_offset || type == fields.end()) return nullptr;
  if (accepts && !accepts(type->value)) return nullptr;
  const auto offset = *block.body_offset;
  auto body = canonical_lines(data.slice(offset, data.size() - offset));
  if (body.facts.has_nul || body.facts.longest_line > longest_line) {
    context.tell(
        {mapi::LossKind::damaged, mapi::body_part,
         "what is sent as it came has a NUL or a line over 998 octets; a server may change "
         "it, and a signature would not hold"});
  }
  return Entity::finished(fields, std::move(body));
}

std::unique_ptr<Entity> finished_message(const mapi::Content& message) {
  return Entity::finished({{"Content-Type", "message/rfc822"}}, canonical_lines(message));
}

}  // namespace postern::mime
