// mime::outline (mime/compose.h): the tree of a plan as text.
#include "mime/compose.h"
#include "mime/tree/entity.h"

namespace postern::mime {
namespace {

void append(std::string& text, const Entity& entity, std::size_t depth) {
  text.append(2 * depth, ' ').append(entity.media_type());
  const auto parts = entity.parts();
  if (parts.empty()) text.append(" ").append(name(entity.encoding()));
  if (!entity.file_name().empty()) text.append(" \"").append(entity.file_name()).append("\"");
  if (parts.empty()) text.append(" ").append(std::to_string(entity.content().size()));
  text += '\n';
  for (const auto* part : parts) append(text, *part, depth + 1);
}

}  // namespace

std::string outline(const Plan& plan) {
  std::string text;
  append(text, plan.root(), 0);
  return text;
}

}  // namespace postern::mime
