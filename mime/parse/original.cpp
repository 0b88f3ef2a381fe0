#include "mime/parse/original.h"

#include <string>

#include "base/text.h"
#include "mapi/property_tags.h"
#include "mime/header/header_block.h"
#include "mime/header/header_encoding.h"
#include "mime/octets/content_view.h"

namespace postern::mime {
namespace {

mapi::Attachment original(mapi::Content octets, std::string_view name, std::string_view type,
                          OriginalExtent extent) {
  auto attachment = mapi::make_attachment(name, std::move(octets), type);
  attachment.set(mapi::PR_ATTACHMENT_HIDDEN, true);
  attachment.set(mapi::PR_POSTERN_ORIGINAL, static_cast<std::int32_t>(extent));
  return attachment;
}

}  // namespace

std::optional<mapi::Content> entity_of(const MailPart& part, const mapi::Content& mail) {
  std::string header;
  bool has_type = false;
  for (const auto& field : part.fields) {
    if (!is_content_field(field.name)) continue;
    if (!is_printable_ascii(one_line(field.value))) return std::nullopt;
    has_type = has_type || equals_ignoring_case(field.name, "Content-Type");
    header += fold(field.name, one_line(field.value));
  }
  if (!has_type) header.insert(0, "Content-Type: " + part.type.value + "\r\n");
  header += "\r\n";
  return joined(mapi::Content::from_text(header),
                mail.slice(part.content_begin, part.content_end - part.content_begin));
}

std::optional<mapi::Attachment> original_content(const MailPart& part, OriginalExtent extent,
                                                 const mapi::Content& mail) {
  auto entity = entity_of(part, mail);
  if (!entity) return std::nullopt;
  return original(*std::move(entity), "original.mime", part.type.value, extent);
}

mapi::Attachment original_message(const mapi::Content& message) {
  return original(message, "original.eml", "message/rfc822", OriginalExtent::message);
}

}  // namespace postern::mime
