#include "mime/message/signed_message.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "mapi/error.h"
#include "mapi/property_tags.h"
#include "mime/header/header_block.h"
#include "mime/header/header_encoding.h"
#include "mime/message/message_class.h"
#include "mime/octets/content_view.h"

namespace postern::mime {
namespace {

constexpr std::size_t biggest_header_block = 64U << 10U;
constexpr std::size_t longest_line = 998;
constexpr std::string_view content_prefix = "Content-";

std::string media_type_of(std::string_view content_type) {
  return lower_case(trim(content_type.substr(0, content_type.find(';'))));
}

bool is_pkcs7_mime(std::string_view content_type) {
  const auto type = media_type_of(content_type);
  return type == "application/pkcs7-mime" || type == "application/x-pkcs7-mime";
}

bool is_content_field(const HeaderField& field) {
  return equals_ignoring_case(std::string_view(field.name).substr(0, content_prefix.size()),
                              content_prefix) &&
         field.name.size() > content_prefix.size();
}

/// The Content-* fields of the block, each once; empty if one of them cannot be a header.
std::vector<HeaderField> content_fields(const HeaderBlock& block) {
  std::vector<HeaderField> fields;
  for (const auto& field : block.fields) {
    const bool is_repeated = std::any_of(fields.begin(), fields.end(), [&](const auto& earlier) {
      return equals_ignoring_case(earlier.name, field.name);
    });
    if (!is_content_field(field) || is_repeated) continue;
    fields.push_back({field.name, one_line(field.value)});
    if (!is_printable_ascii(fields.back().value)) return {};
  }
  return fields;
}

/// The data as a finished MIME entity; null if it is none.
std::unique_ptr<Entity> finished_entity(const mapi::Content& data, ComposeContext& context) {
  const auto block = parse_header_block(first_octets(data, biggest_header_block));
  const auto fields = content_fields(block);
  const auto type = std::find_if(fields.begin(), fields.end(), [](const HeaderField& field) {
    return equals_ignoring_case(field.name, "Content-Type");
  });
  if (!block.body_offset || type == fields.end()) return nullptr;
  if (media_type_of(type->value) != "multipart/signed" && !is_pkcs7_mime(type->value)) {
    return nullptr;
  }
  const auto offset = *block.body_offset;
  const auto [body, facts] = canonical_lines(data.slice(offset, data.size() - offset));
  if (facts.has_nul || facts.longest_line > longest_line) {
    context.warn(
        "the signed content has a NUL or a line over 998 octets; a server may change it, and the "
        "signature would not hold");
  }
  return Entity::finished(fields, body, facts.has_8bit);
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

std::string opaque_content_type(const mapi::Message& message, const mapi::Attachment& attachment) {
  const std::string name("Content-Type");
  const auto stored = message.get_text({mapi::PS_INTERNET_HEADERS, name}).value_or("");
  for (const auto candidate : {stored, attachment.get_or(mapi::PR_ATTACH_MIME_TAG, "")}) {
    auto value = one_line(candidate);
    if (is_pkcs7_mime(value) && is_printable_ascii(value) && value.find(';') != std::string::npos) {
      return value;
    }
  }
  return "application/pkcs7-mime; smime-type=" + std::string(smime_type(attachment.data)) +
         "; name=\"smime.p7m\"";
}

std::unique_ptr<Entity> opaque_entity(const mapi::Message& message,
                                      const mapi::Attachment& attachment) {
  auto entity = Entity::leaf(opaque_content_type(message, attachment), attachment.data,
                             TransferEncoding::base64);
  entity->add_field({"Content-Disposition", "attachment; filename=\"smime.p7m\""});
  entity->set_file_name("smime.p7m");
  return entity;
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
    if (auto entity = finished_entity(attachment.data, context)) return entity;
  }
  if (!is_secured) return nullptr;
  throw mapi::Failure(mapi::MAPI_E_CORRUPT_DATA,
                      "the signed or encrypted form of the message is missing or damaged; submit "
                      "the message again");
}

std::unique_ptr<Entity> signed_entity(const mapi::Message& message, ComposeContext& context) {
  if (message.attachments.size() != 1 ||
      mapi::attach_method(message.attachments.front()) != mapi::AttachMethod::by_value) {
    context.warn(
        "the message is of an S/MIME class but does not have exactly one attachment with data; it "
        "is sent as an ordinary note");
    return nullptr;
  }
  context.count_part();
  const auto& attachment = message.attachments.front();
  if (auto entity = finished_entity(attachment.data, context)) return entity;
  if (is_opaque_smime_class(class_of(message))) {
    return opaque_entity(message, attachment);
  }
  context.warn(
      "the message is of a clear-signed class but its attachment does not begin with a "
      "multipart/signed header; it is sent as an ordinary note");
  return nullptr;
}

}  // namespace postern::mime
