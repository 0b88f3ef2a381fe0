#include "mime/message/attachment_part.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "mapi/code_page.h"
#include "mapi/error.h"
#include "mapi/property_tags.h"
#include "mime/attachment/file_name.h"
#include "mime/attachment/mac_binary.h"
#include "mime/attachment/media_type.h"
#include "mime/attachment/ole_object.h"
#include "mime/calendar/appointment.h"
#include "mime/card/card.h"
#include "mime/context/message_class.h"
#include "mime/header/date.h"
#include "mime/header/header_encoding.h"
#include "mime/header/parameter_encoding.h"
#include "mime/message/body.h"
#include "mime/message/item_part.h"
#include "mime/message/message_headers.h"
#include "mime/message/original_entity.h"
#include "mime/octets/content_view.h"
#include "msg/msg_file.h"

namespace postern::mime {
namespace {

using mapi::Attachment;
using mapi::AttachMethod;
using mapi::LossKind;

constexpr std::size_t longest_location = 400;  // a header value without a blank must fit a line

std::string in_apostrophes(std::string_view name) {
  return "'" + std::string(name) + "'";
}

/// A URI reference as a header may hold it: printable ASCII without blanks and delimiters.
bool is_uri(std::string_view text) {
  return !text.empty() && text.size() <= longest_location && is_printable_ascii(text) &&
         text.find_first_of(" <>\"") == std::string_view::npos;
}

std::string disposition(const Attachment& attachment, bool is_inline, std::string_view name,
                        std::uint64_t size) {
  auto value = (is_inline ? "inline" : "attachment") + parameter("filename", name) +
               "; size=" + std::to_string(size);
  const std::array<std::pair<std::string_view, std::optional<mapi::FileTime>>, 2> times{
      {{"creation-date", attachment.get(mapi::PR_CREATION_TIME)},
       {"modification-date", attachment.get(mapi::PR_LAST_MODIFICATION_TIME)}}};
  for (const auto& [parameter_name, time] : times) {
    const auto text = time ? date(*time) : std::nullopt;
    if (text) value += parameter(parameter_name, *text);
  }
  return value;
}

void add_content_id(Entity& entity, const InlineUse& use) {
  if (!use.content_id.empty()) entity.add_field({"Content-ID", '<' + use.content_id + '>'});
}

/// What every kind of attachment has beside its content.
void add_fields(Entity& entity, const Attachment& attachment, std::string_view name,
                const InlineUse& use, std::uint64_t size) {
  entity.set_file_name(name);
  const auto title = one_line(attachment.get_or(mapi::PR_DISPLAY_NAME, ""));
  if (!title.empty() && title != name) {
    entity.add_field({"Content-Description", encode_unstructured(title, 21)});
  }
  entity.add_field({"Content-Disposition", disposition(attachment, use.is_inline, name, size)});
  add_content_id(entity, use);
  const std::string location(trim(attachment.get_or(mapi::PR_ATTACH_CONTENT_LOCATION, "")));
  if (is_uri(location)) entity.add_field({"Content-Location", location});
  const std::string base(trim(attachment.get_or(mapi::PR_ATTACH_CONTENT_BASE, "")));
  if (is_uri(base) && base.find(':') != std::string::npos) {
    entity.add_field({"Content-Base", base});
  }
  for (const auto& field : payload_fields(attachment)) entity.add_field(field);
}

/// What is sent of an attachment with data.
struct File {
  mapi::Content data;
  std::string type;  ///< empty: not known
  std::string name;  ///< empty: not known
};

File file_by_value(const Attachment& attachment, ComposeContext& context) {
  const auto mac = mac_file(attachment);
  auto type = acceptable_media_type(attachment.get_or(mapi::PR_ATTACH_MIME_TAG, ""));
  if (!mac) return {attachment.data, std::move(type), stored_name(attachment)};
  // The tag tells of MacBinary, if it does, not of the file in it.
  if (type == octet_stream || type.ends_with("macbinary")) type.clear();
  auto name = stored_name(attachment);
  if (name.empty()) name = mac->name;
  if (mac->resource_fork_size > 0) {
    context.tell(
        {LossKind::dropped, mapi::attachment_part(name),
         "the resource fork of the Macintosh file " + in_apostrophes(name) + " is not sent"});
  }
  return {mac->data_fork, std::move(type), std::move(name)};
}

/// What lies in an OLE object, else the object itself.
File file_of_object(const Attachment& attachment, std::size_t number, ComposeContext& context) {
  constexpr std::string_view compound_file = "application/x-ole-storage";
  constexpr std::size_t window = 8;  // of a signature
  const auto name = attachment_name(attachment, number, "");
  const auto object = "the embedded object " + in_apostrophes(name);
  const auto part = mapi::attachment_part(name);
  const auto of_type = [&](mapi::Content data, std::string_view type) {
    return File{std::move(data), std::string(type), with_extension(name, type)};
  };
  try {
    if (auto file = file_in_ole_object(attachment.data)) {
      if (file->is_only_picture) {
        context.tell({LossKind::dropped, part, "of " + object + " only its picture is sent"});
      }
      if (file->name.empty()) return of_type(file->content, file->media_type);
      return {file->content, file->media_type, file->name};
    }
    if (!msg::begins_as_compound_file(first_octets(attachment.data, window))) {
      return file_by_value(attachment, context);
    }
    context.tell({LossKind::substituted, part, object + " is sent as a compound file"});
    return of_type(attachment.data, compound_file);
  } catch (const mapi::Failure& failure) {
    if (failure.code() != mapi::MAPI_E_CORRUPT_DATA && failure.code() != mapi::MAPI_E_TOO_BIG) {
      throw;
    }
    context.tell({LossKind::damaged, part, object + " is damaged and sent empty"});
    return of_type(mapi::Content::from_text(""), compound_file);
  }
}

/// Finds the type by the name and the content, and makes a name for the type (§6.2).
void settle_name_and_type(File& file, const Attachment& attachment, std::size_t number) {
  constexpr std::size_t window = 4096;
  if (file.type.empty()) {
    const bool has_extension = file.name.find('.') != std::string::npos;
    file.type = guess_media_type(
        has_extension ? file.name : attachment.get_or(mapi::PR_ATTACH_EXTENSION, ""),
        first_octets(file.data, window));
  }
  if (file.name.empty()) file.name = attachment_name(attachment, number, file.type);
}

/// What a text's octets mean; without it they are US-ASCII (RFC 2046 §4.1.2).
std::string charset_parameter(const Attachment& attachment, std::string_view type) {
  constexpr std::size_t longest = 40;
  const auto charset = attachment.get_or(mapi::PR_TEXT_ATTACHMENT_CHARSET, "");
  const bool is_token =
      !charset.empty() && charset.size() <= longest && std::ranges::all_of(charset, [](char c) {
        return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
               c == '_' || c == '.' || c == ':' || c == '+';
      });
  return is_token && type.starts_with("text/") ? "; charset=\"" + std::string(charset) + '"' : "";
}

/// Shown at once by readers though no HTML means it.
bool is_shown(const Attachment& attachment, const InlineUse& use) {
  return use.is_inline ||
         equals_ignoring_case(attachment.get_or(mapi::PR_ATTACH_DISPOSITION, ""), "inline");
}

std::unique_ptr<Entity> file_entity(const Attachment& attachment, std::size_t number,
                                    const InlineUse& use, ComposeContext& context) {
  auto file = mapi::attach_method(attachment) == AttachMethod::ole
                  ? file_of_object(attachment, number, context)
                  : file_by_value(attachment, context);
  settle_name_and_type(file, attachment, number);
  auto encoding = TransferEncoding::base64;
  if (is_seven_bit_type(file.type)) {
    if (can_go_unencoded(file.data)) {
      encoding = TransferEncoding::seven_bit;
    } else {
      file.type = octet_stream;
    }
  }
  if (file.data.source() == nullptr) {
    context.tell(
        {LossKind::damaged, mapi::attachment_part(file.name),
         "the attachment " + in_apostrophes(file.name) + " has no data and is sent empty"});
  }
  auto entity = Entity::leaf(file.type + charset_parameter(attachment, file.type) +
                                 parameter_for_old_readers("name", file.name),
                             file.data, encoding);
  add_fields(*entity, attachment, file.name, {use.content_id, is_shown(attachment, use)},
             file.data.size());
  return entity;
}

/// Methods 2, 3, 4 and 7 without data: a text that names the path, which is never opened (§6.1).
/// It is inline, for readers to see it at once.
std::unique_ptr<Entity> reference_entity(const Attachment& attachment, std::size_t number,
                                         const InlineUse& use, ComposeContext& context) {
  std::string path;
  for (const auto tag : {mapi::PR_ATTACH_LONG_PATHNAME, mapi::PR_ATTACH_PATHNAME,
                         mapi::PR_ATTACH_CONTENT_LOCATION}) {
    if (path.empty()) path = one_line(attachment.get_or(tag, ""));
  }
  if (path.empty()) path = "(it is not said where)";
  const auto name = attachment_name(attachment, number, "");
  context.tell({LossKind::substituted, mapi::attachment_part(name),
                "the attachment " + in_apostrophes(name) + " is a link to '" + path +
                    "'; the link is sent, not the file"});
  const auto text =
      "The file " + in_apostrophes(name) + " is not attached. It is here:\r\n" + path + "\r\n";
  auto file = attachment;
  file.set(mapi::PR_ATTACH_METHOD, static_cast<std::int32_t>(AttachMethod::by_value));
  file.data = mapi::Content::from_text(text);
  file.set(mapi::PR_ATTACH_LONG_FILENAME, name + ".txt");
  file.set(mapi::PR_ATTACH_MIME_TAG, "text/plain");
  file.set(mapi::PR_TEXT_ATTACHMENT_CHARSET, is_ascii(text) ? "us-ascii" : "utf-8");
  file.set(mapi::PR_ATTACH_DISPOSITION, "inline");
  return file_entity(file, number, use, context);
}

/// A vCard has no attachments of its own.
std::unique_ptr<Entity> contact_entity(const mapi::Message& contact, ComposeContext& context) {
  if (!contact.attachments.empty()) {
    context.tell({LossKind::dropped, mapi::attachment_part(contact_name(contact)),
                  "the attached contact " + in_apostrophes(contact_name(contact)) +
                      " is sent as a vCard, without its attachments"});
  }
  return card_part(contact, choose_body(contact, context).text.value_or(SharedText()));
}

std::unique_ptr<Entity> embedded_entity(const Attachment& attachment, const InlineUse& use,
                                        const Parent& parent, ComposeContext& context) {
  const auto& message = *attachment.embedded;
  if (is_class(class_of(message), "IPM.Contact")) return contact_entity(message, context);
  auto entity = original_entity(message, OriginalExtent::message, context);
  if (!entity) entity = Entity::embedded(compose_embedded(message, parent, context));
  const auto name = embedded_message_name(subject(message));
  entity->set_file_name(name);
  entity->add_field({"Content-Disposition", "attachment" + parameter("filename", name)});
  add_content_id(*entity, use);
  return entity;
}

}  // namespace

std::unique_ptr<Entity> attachment_entity(const Attachment& attachment, std::size_t number,
                                          const InlineUse& use, const Parent& parent,
                                          ComposeContext& context) {
  context.count_part();
  if (attachment.embedded) return embedded_entity(attachment, use, parent, context);
  if (mapi::is_reference(mapi::attach_method(attachment))) {
    return reference_entity(attachment, number, use, context);
  }
  return file_entity(attachment, number, use, context);
}

}  // namespace postern::mime
