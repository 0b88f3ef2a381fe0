#include "mime/message/signed_message.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "mapi/error.h"
#include "mapi/property_tags.h"
#include "mime/context/message_class.h"
#include "mime/header/header_block.h"
#include "mime/header/header_encoding.h"
#include "mime/header/parameter_encoding.h"
#include "mime/message/finished_entity.h"
#include "mime/octets/content_view.h"

namespace postern::mime {
namespace {

using mapi::LossKind;

bool is_pkcs7_mime(std::string_view content_type) {
  const auto type = media_type_of(content_type);
  return type == "application/pkcs7-mime" || type == "application/x-pkcs7-mime";
}

/// smime-type by the content type OID near the front of the CMS structure (RFC 5652 §3).
std::string_view smime_type(const mapi::Content& data) {
  constexpr std::string_view oid_prefix("\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x07", 10);
  const auto start = first_octets(data, 32);
  const auto at = start.find(oid_prefix);
  const auto last = at + oid_prefix.size();
  const bool is_enveloped = at != std::string::npos && last < start.size() && start[last] == 3;
  return is_enveloped ? "enveloped-data" : "signed-data";
}

std::string opaque_content_type(const mapi::Message& message, const mapi::Attachment& attachment,
                                ComposeContext& context) {
  const std::string name("Content-Type");
  const auto stored = message.get_text({mapi::PS_INTERNET_HEADERS, name}).value_or("");
  for (const auto candidate : {stored, attachment.get_or(mapi::PR_ATTACH_MIME_TAG, "")}) {
    auto value = one_line(candidate);
    if (!is_pkcs7_mime(value) || value.find(';') == std::string::npos) continue;
    if (is_printable_ascii(value) && has_sound_parameters(value)) return value;
    context.tell(
        {LossKind::substituted, mapi::header_part("Content-Type"),
         "the Content-Type '" + value + "' is none; one made of the data stands in its place"});
  }
  return "application/pkcs7-mime; smime-type=" + std::string(smime_type(attachment.data)) +
         "; name=\"smime.p7m\"";
}

std::unique_ptr<Entity> opaque_entity(const mapi::Message& message,
                                      const mapi::Attachment& attachment, ComposeContext& context) {
  auto entity = Entity::leaf(opaque_content_type(message, attachment, context), attachment.data,
                             TransferEncoding::base64);
  entity->add_field({"Content-Disposition", "attachment; filename=\"smime.p7m\""});
  entity->set_file_name("smime.p7m");
  return entity;
}

bool is_secured_type(std::string_view content_type) {
  // Readers disagree about what lies behind a quotation mark that nothing closes.
  const bool is_sound = std::ranges::count(content_type, '"') % 2 == 0;
  return is_sound &&
         (media_type_of(content_type) == "multipart/signed" || is_pkcs7_mime(content_type));
}

}  // namespace

std::unique_ptr<Entity> secured_entity(const mapi::Message& message, ComposeContext& context) {
  const auto& marked = mapi::PR_POSTERN_SECURED_ENTITY;
  bool is_secured = false;
  for (const auto& attachment : message.attachments) {
    const auto number = attachment.get(marked);
    is_secured = is_secured || number;
    if (number != context.options.secured_entity) continue;
    context.count_part();
    if (auto entity = finished_entity(attachment.data, context, is_secured_type)) return entity;
  }
  if (!is_secured) return nullptr;
  throw mapi::Failure(mapi::MAPI_E_CORRUPT_DATA,
                      "the signed or encrypted form of the message is missing or damaged; submit "
                      "the message again");
}

std::unique_ptr<Entity> signed_entity(const mapi::Message& message, ComposeContext& context) {
  if (message.attachments.size() != 1 ||
      mapi::attach_method(message.attachments.front()) != mapi::AttachMethod::by_value) {
    context.tell({LossKind::substituted, mapi::whole_message,
                  "the message is of an S/MIME class but does not have exactly one attachment with "
                  "data; it is sent as an ordinary note"});
    return nullptr;
  }
  context.count_part();
  const auto& attachment = message.attachments.front();
  if (auto entity = finished_entity(attachment.data, context, is_secured_type)) return entity;
  if (is_opaque_smime_class(class_of(message))) {
    return opaque_entity(message, attachment, context);
  }
  context.tell({LossKind::substituted, mapi::whole_message,
                "the message is of a clear-signed class but its attachment does not begin with a "
                "multipart/signed header; it is sent as an ordinary note"});
  return nullptr;
}

}  // namespace postern::mime
