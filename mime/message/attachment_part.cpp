#include "mime/message/attachment_part.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "mapi/code_page.h"
#include "mapi/property_tags.h"
#include "mime/calendar/appointment.h"
#include "mime/card/card.h"
#include "mime/header/date.h"
#include "mime/header/header_encoding.h"
#include "mime/header/parameter_encoding.h"
#include "mime/message/item_part.h"
#include "mime/message/media_type.h"
#include "mime/message/message_class.h"
#include "mime/message/message_headers.h"
#include "mime/octets/content_view.h"
#include "mime/text/text_part.h"

namespace postern::mime {
namespace {

using mapi::Attachment;
using mapi::AttachMethod;

constexpr std::size_t longest_reference = 400;  // a header value without a blank must fit a line

/// The last component, without what a file system or a reader could stumble over.
std::string clean_file_name(std::string_view name) {
  if (const auto slash = name.find_last_of("/\\"); slash != std::string_view::npos) {
    name.remove_prefix(slash + 1);
  }
  const auto line = one_line(name);
  const auto end = line.find_last_not_of(". ");
  return end == std::string::npos ? "" : std::string(trim(line.substr(0, end + 1)));
}

std::string in_apostrophes(std::string_view name) {
  return "'" + std::string(name) + "'";
}

/// Content-ID in `<>`, everything that may not stand there percent-encoded; empty for none.
std::string content_id(std::string_view stored) {
  constexpr char digits[] = "0123456789ABCDEF";
  auto text = trim(stored);
  if (text.starts_with('<')) text.remove_prefix(1);
  if (text.ends_with('>')) text.remove_suffix(1);
  std::string id;
  for (const char c : text) {
    const auto octet = static_cast<unsigned char>(c);
    if (octet > 0x20 && octet < 0x7F && c != '<' && c != '>' && c != '"') {
      id += c;
    } else {
      id += {'%', digits[octet >> 4U], digits[octet & 0xFU]};
    }
  }
  return id.empty() || id.size() > longest_reference ? "" : '<' + id + '>';
}

/// A URI reference as a header may hold it: printable ASCII without blanks and delimiters.
bool is_uri(std::string_view text) {
  return !text.empty() && text.size() <= longest_reference && is_printable_ascii(text) &&
         text.find_first_of(" <>\"") == std::string_view::npos;
}

std::string disposition(const Attachment& attachment, bool is_inline, std::string_view name,
                        std::optional<std::uint64_t> size) {
  auto value = (is_inline ? "inline" : "attachment") + parameter("filename", name);
  if (size) value += "; size=" + std::to_string(*size);
  const std::array<std::pair<std::string_view, std::optional<mapi::FileTime>>, 2> times{
      {{"creation-date", attachment.get(mapi::PR_CREATION_TIME)},
       {"modification-date", attachment.get(mapi::PR_LAST_MODIFICATION_TIME)}}};
  for (const auto& [parameter_name, time] : times) {
    const auto text = time ? date(*time) : std::nullopt;
    if (text) value += parameter(parameter_name, *text);
  }
  return value;
}

/// What every kind of attachment has beside its content.
void add_fields(Entity& entity, const Attachment& attachment, std::string_view name,
                const std::optional<InlineUse>& inline_use, std::optional<std::uint64_t> size) {
  entity.set_file_name(name);
  const auto title = one_line(attachment.get_or(mapi::PR_DISPLAY_NAME, ""));
  if (!title.empty() && title != name) {
    entity.add_field({"Content-Description", encode_unstructured(title, 21)});
  }
  entity.add_field(
      {"Content-Disposition", disposition(attachment, inline_use.has_value(), name, size)});
  const auto id = content_id(attachment.get_or(mapi::PR_ATTACH_CONTENT_ID, ""));
  if (!id.empty()) entity.add_field({"Content-ID", id});
  const auto stored = trim(attachment.get_or(mapi::PR_ATTACH_CONTENT_LOCATION, ""));
  const std::string location(inline_use && !inline_use->location.empty()
                                 ? std::string_view(inline_use->location)
                                 : stored);
  if (is_uri(location)) entity.add_field({"Content-Location", location});
  const std::string base(trim(attachment.get_or(mapi::PR_ATTACH_CONTENT_BASE, "")));
  if (is_uri(base) && base.find(':') != std::string::npos) {
    entity.add_field({"Content-Base", base});
  }
  for (const auto& field : payload_fields(attachment)) entity.add_field(field);
}

/// §6.6: of MacBinary (marked by the OID 2A 86 48 86 F7 14 03 0B 01) the data fork.
mapi::Content data_of(const Attachment& attachment) {
  constexpr std::array<unsigned char, 9> mac_binary{0x2A, 0x86, 0x48, 0x86, 0xF7,
                                                    0x14, 0x03, 0x0B, 0x01};
  constexpr std::size_t header_size = 128;
  constexpr std::size_t data_fork_length_at = 83;
  const auto* encoding = attachment.get(mapi::PR_ATTACH_ENCODING);
  const bool is_mac_binary =
      encoding != nullptr && std::equal(encoding->begin(), encoding->end(), mac_binary.begin(),
                                        mac_binary.end(), [](std::byte octet, unsigned char value) {
                                          return std::to_integer<unsigned char>(octet) == value;
                                        });
  if (!is_mac_binary) return attachment.data;
  const auto header = first_octets(attachment.data, header_size);
  if (header.size() < header_size) return attachment.data;
  std::uint64_t length = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    length = length << 8U | static_cast<unsigned char>(header[data_fork_length_at + i]);
  }
  if (length > attachment.data.size() - header_size) return attachment.data;
  return slice(attachment.data, header_size, length);
}

/// Content of a type that may not be encoded is sent as it is, or as something else (§6.2).
bool can_go_unencoded(const mapi::Content& content) {
  constexpr std::size_t biggest = 1U << 20U;
  constexpr std::size_t longest_line = 998;
  return content.size() <= biggest && is_seven_bit(first_octets(content, biggest), longest_line);
}

std::unique_ptr<Entity> file_entity(const Attachment& attachment, std::size_t number,
                                    const std::optional<InlineUse>& inline_use,
                                    ComposeContext& context) {
  const auto data = data_of(attachment);
  const bool is_ole = mapi::attach_method(attachment) == AttachMethod::ole;
  auto type = is_ole ? "application/x-ole-storage"
                     : acceptable_media_type(attachment.get_or(mapi::PR_ATTACH_MIME_TAG, ""));
  auto name = attachment_name(attachment, number, type);
  if (type.empty()) type = guess_media_type(name, first_octets(data, 16));
  if (type != octet_stream) name = attachment_name(attachment, number, type);
  if (is_ole) {
    name += ".ole";
    context.warn("the embedded object " + in_apostrophes(name) + " is sent as a compound file");
  }
  auto encoding = TransferEncoding::base64;
  if (is_seven_bit_type(type)) {
    if (can_go_unencoded(data)) {
      encoding = TransferEncoding::seven_bit;
    } else {
      type = octet_stream;
    }
  }
  if (data.source() == nullptr) {
    context.warn("the attachment " + in_apostrophes(name) + " has no data and is sent empty");
  }
  auto entity = Entity::leaf(type + parameter_for_old_readers("name", name), data, encoding);
  add_fields(*entity, attachment, name, inline_use, data.size());
  return entity;
}

/// Methods 2, 3, 4 and 7: a text that names the path, which is never opened (§6.1).
std::unique_ptr<Entity> reference_entity(const Attachment& attachment, std::size_t number,
                                         ComposeContext& context) {
  const auto path = attachment.get_or(mapi::PR_ATTACH_LONG_PATHNAME,
                                      attachment.get_or(mapi::PR_ATTACH_PATHNAME, ""));
  const auto name = attachment_name(attachment, number, "text/plain");
  context.warn("the attachment " + in_apostrophes(name) + " is a link to '" + one_line(path) +
               "'; the link is sent, not the file");
  auto entity = text_entity("text/plain", "This attachment is a link to:\r\n" + one_line(path));
  add_fields(*entity, attachment, name + ".txt", std::nullopt, std::nullopt);
  return entity;
}

/// A vCard has no attachments of its own.
std::unique_ptr<Entity> contact_entity(const mapi::Message& contact, ComposeContext& context) {
  if (!contact.attachments.empty()) {
    context.warn("the attached contact '" + contact_name(contact) +
                 "' is sent as a vCard, without its attachments");
  }
  return card_part(contact, choose_body(contact, context).text.value_or(""));
}

std::unique_ptr<Entity> embedded_entity(const Attachment& attachment, const Parent& parent,
                                        ComposeContext& context) {
  const auto& message = *attachment.embedded;
  if (is_changed_occurrence(attachment)) return nullptr;
  if (is_class(class_of(message), "IPM.Contact")) return contact_entity(message, context);
  auto entity = Entity::embedded(compose_embedded(message, parent, context));
  auto name = clean_file_name(message.get_or(mapi::PR_SUBJECT, ""));
  if (name.empty()) name = "message";
  name += ".eml";
  entity->set_file_name(name);
  entity->add_field({"Content-Disposition", "attachment" + parameter("filename", name)});
  return entity;
}

}  // namespace

std::string attachment_name(const Attachment& attachment, std::size_t number,
                            std::string_view media_type) {
  for (const auto tag :
       {mapi::PR_ATTACH_LONG_FILENAME, mapi::PR_ATTACH_FILENAME, mapi::PR_DISPLAY_NAME}) {
    auto name = clean_file_name(attachment.get_or(tag, ""));
    if (!name.empty()) return name;
  }
  auto extension = clean_file_name(attachment.get_or(mapi::PR_ATTACH_EXTENSION, ""));
  if (extension.empty()) extension = extension_of(media_type);
  if (!extension.empty() && extension.front() != '.') extension.insert(0, 1, '.');
  return "attachment" + std::to_string(number) + extension;
}

std::unique_ptr<Entity> attachment_entity(const Attachment& attachment, std::size_t number,
                                          const std::optional<InlineUse>& inline_use,
                                          const Parent& parent, ComposeContext& context) {
  context.count_part();
  switch (mapi::attach_method(attachment)) {
    case AttachMethod::embedded_message:
      if (attachment.embedded) return embedded_entity(attachment, parent, context);
      break;
    case AttachMethod::by_reference:
    case AttachMethod::by_reference_resolve:
    case AttachMethod::by_reference_only:
    case AttachMethod::by_web_reference:
      return reference_entity(attachment, number, context);
    case AttachMethod::none:
    case AttachMethod::by_value:
    case AttachMethod::ole:
      break;
  }
  return file_entity(attachment, number, inline_use, context);
}

}  // namespace postern::mime
