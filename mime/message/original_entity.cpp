#include "mime/message/original_entity.h"

#include <algorithm>

#include "mapi/property_tags.h"
#include "mime/message/finished_entity.h"

namespace postern::mime {
namespace {

const mapi::Attachment* find_original(const mapi::Message& message, OriginalExtent extent) {
  const auto found = std::ranges::find_if(
      message.attachments, [&](const auto& each) { return original_extent(each) == extent; });
  return found == message.attachments.end() ? nullptr : &*found;
}

}  // namespace

std::optional<OriginalExtent> original_extent(const mapi::Attachment& attachment) {
  const auto extent = attachment.get_or(mapi::PR_POSTERN_ORIGINAL, 0);
  if (extent < 1 || extent > 3) return std::nullopt;
  if (mapi::attach_method(attachment) != mapi::AttachMethod::by_value) return std::nullopt;
  return static_cast<OriginalExtent>(extent);
}

std::unique_ptr<Entity> original_entity(const mapi::Message& message, OriginalExtent extent,
                                        ComposeContext& context) {
  const auto* original = find_original(message, extent);
  if (original == nullptr) return nullptr;
  context.count_part();
  if (extent == OriginalExtent::message) return finished_message(original->data);
  auto entity = finished_entity(original->data, context);
  if (!entity) {
    context.tell({mapi::LossKind::damaged, mapi::whole_message,
                  "what the message keeps of the mail that it was is damaged; it is made anew"});
  }
  return entity;
}

mapi::Message without_originals(const mapi::Message& message) {
  auto rest = message;
  std::erase_if(rest.attachments,
                [](const auto& each) { return original_extent(each).has_value(); });
  for (auto& attachment : rest.attachments) {
    if (!attachment.embedded) continue;
    attachment.embedded =
        std::make_shared<const mapi::Message>(without_originals(*attachment.embedded));
  }
  return rest;
}

}  // namespace postern::mime
