#include "mapi/message.h"

#include <string>

#include "mapi/property_tags.h"

namespace postern::mapi {

std::optional<RecipientType> recipient_type(const Recipient& recipient) {
  const auto value = recipient.get(PR_RECIPIENT_TYPE);
  if (!value) {
    const bool has_address =
        recipient.get(PR_EMAIL_ADDRESS).has_value() || recipient.get(PR_SMTP_ADDRESS).has_value();
    return has_address ? std::optional(RecipientType::to) : std::nullopt;
  }
  if ((*value & static_cast<std::int32_t>(RecipientType::p1)) != 0) return RecipientType::p1;
  switch (*value & 0x0F) {
    case 1:
      return RecipientType::to;
    case 2:
      return RecipientType::cc;
    case 3:
      return RecipientType::bcc;
    default:
      return std::nullopt;
  }
}

bool is_reference(AttachMethod method) {
  switch (method) {
    case AttachMethod::by_reference:
    case AttachMethod::by_reference_resolve:
    case AttachMethod::by_reference_only:
    case AttachMethod::by_web_reference:
      return true;
    default:
      return false;
  }
}

AttachMethod attach_method(const Attachment& attachment) {
  if (attachment.embedded) return AttachMethod::embedded_message;
  const auto value = attachment.get(PR_ATTACH_METHOD);
  const bool is_known =
      value && *value >= 0 && *value <= static_cast<int>(AttachMethod::by_web_reference);
  const auto stated = is_known ? static_cast<AttachMethod>(*value) : AttachMethod::by_value;
  if (stated == AttachMethod::ole || attachment.data.source() == nullptr) return stated;
  return is_reference(stated) && attachment.data.size() == 0 ? stated : AttachMethod::by_value;
}

Attachment make_attachment(std::string_view file_name, Content data, std::string_view mime_type) {
  Attachment attachment;
  attachment.set(PR_ATTACH_METHOD, static_cast<std::int32_t>(AttachMethod::by_value));
  attachment.set(PR_ATTACH_LONG_FILENAME, std::string(file_name));
  if (!mime_type.empty()) attachment.set(PR_ATTACH_MIME_TAG, std::string(mime_type));
  attachment.set(PR_RENDERING_POSITION, -1);
  attachment.data = std::move(data);
  return attachment;
}

bool has_same_content(const Attachment& left, const Attachment& right) {
  return left.data.is_same_as(right.data) && left.embedded == right.embedded;
}

Attachment make_attachment(Message embedded) {
  Attachment attachment;
  attachment.set(PR_ATTACH_METHOD, static_cast<std::int32_t>(AttachMethod::embedded_message));
  attachment.set(PR_DISPLAY_NAME, std::string(embedded.get_or(PR_SUBJECT, "")));
  attachment.set(PR_RENDERING_POSITION, -1);
  attachment.embedded = std::make_shared<const Message>(std::move(embedded));
  return attachment;
}

}  // namespace postern::mapi
