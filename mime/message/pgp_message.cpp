#include "mime/message/pgp_message.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "mapi/property_tags.h"
#include "mime/attachment/media_type.h"
#include "mime/octets/content_view.h"

namespace postern::mime {
namespace {

using mapi::Attachment;

constexpr std::string_view control_type = "application/pgp-encrypted";

std::string tag_of(const Attachment& attachment) {
  return acceptable_media_type(attachment.get_or(mapi::PR_ATTACH_MIME_TAG, ""));
}

bool is_control_part(const Attachment& attachment) {
  return tag_of(attachment) == control_type;
}

/// A session key or encrypted data, in the old or the new format of packets (RFC 4880 §4.2, §4.3).
bool begins_as_packet(std::string_view octets) {
  constexpr std::array encrypted{1U, 3U, 9U, 18U, 20U};
  if (octets.empty() || !is_high(octets.front())) return false;
  const auto octet = static_cast<unsigned char>(octets.front());
  const unsigned tag = (octet & 0x40U) != 0 ? octet & 0x3FU : (octet >> 2U) & 0x0FU;
  return std::ranges::find(encrypted, tag) != encrypted.end();
}

bool is_encrypted_data(const Attachment& attachment) {
  constexpr std::string_view armor = "-----BEGIN PGP MESSAGE-----";
  if (mapi::attach_method(attachment) != mapi::AttachMethod::by_value) return false;
  if (is_control_part(attachment)) return false;
  const auto start = first_octets(attachment.data, 256);
  return trim(start).starts_with(armor) || begins_as_packet(start);
}

bool has_body(const mapi::Message& message) {
  const auto* html = message.get(mapi::PR_HTML);
  const auto* rtf = message.get(mapi::PR_RTF_COMPRESSED);
  return !trim(message.get_or(mapi::PR_BODY, "")).empty() || (html != nullptr && !html->empty()) ||
         (rtf != nullptr && !rtf->empty());
}

std::unique_ptr<Entity> part(std::string_view content_type, const mapi::Content& data,
                             std::string_view disposition) {
  auto entity =
      Entity::leaf(content_type, data,
                   can_go_unencoded(data) ? TransferEncoding::seven_bit : TransferEncoding::base64);
  entity->add_field({"Content-Disposition", std::string(disposition)});
  return entity;
}

}  // namespace

std::unique_ptr<Entity> pgp_encrypted_entity(const mapi::Message& message,
                                             ComposeContext& context) {
  const auto& attachments = message.attachments;
  if (attachments.size() != 2) return nullptr;
  const auto control = std::find_if(attachments.begin(), attachments.end(), is_control_part);
  const auto data = std::find_if(attachments.begin(), attachments.end(), is_encrypted_data);
  if (control == attachments.end() || data == attachments.end()) return nullptr;
  if (has_body(message)) {
    context.tell({mapi::LossKind::dropped, mapi::body_part,
                  "the message is encrypted; the text that is stored beside it is not sent"});
  }
  for (int i = 0; i < 2; ++i) context.count_part();
  auto entity =
      Entity::multipart("multipart/encrypted; protocol=\"" + std::string(control_type) + '"',
                        make_boundary(context.options));
  entity->add_part(part(control_type, control->data, "attachment"));
  entity->add_part(part("application/octet-stream; name=\"encrypted.asc\"", data->data,
                        "inline; filename=\"encrypted.asc\""));
  return entity;
}

}  // namespace postern::mime
