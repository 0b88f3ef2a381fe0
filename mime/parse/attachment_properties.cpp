#include "mime/parse/attachment_properties.h"

#include <algorithm>
#include <array>
#include <string>

#include "base/text.h"
#include "mapi/property_tags.h"
#include "mime/attachment/content_ids.h"
#include "mime/attachment/media_type.h"
#include "mime/header/date.h"
#include "mime/header/header_block.h"
#include "mime/header/header_encoding.h"

namespace postern::mime {
namespace {

constexpr std::int32_t ATT_MHTML_REF = 4;  ///< PR_ATTACH_FLAGS: the HTML shows it

void set_name(mapi::Attachment& attachment, const MailPart& part) {
  const auto name = one_line(part.file_name());
  const auto dot = name.rfind('.');
  attachment.set(mapi::PR_ATTACH_LONG_FILENAME, name);
  attachment.set(mapi::PR_ATTACH_FILENAME, name);
  if (dot != std::string::npos) attachment.set(mapi::PR_ATTACH_EXTENSION, name.substr(dot));
}

void set_time(mapi::Attachment& attachment, const MailPart& part, std::string_view parameter,
              mapi::Tag<mapi::PropertyType::system_time> tag) {
  const auto text = part.disposition ? part.disposition->parameter(parameter) : std::string_view();
  if (const auto time = parse_date(text)) attachment.set(tag, *time);
}

void set_content_id(mapi::Attachment& attachment, const MailPart& part) {
  auto id = one_line(part.field("Content-ID"));
  if (id.starts_with('<') && id.ends_with('>')) id = id.substr(1, id.size() - 2);
  if (!id.empty()) attachment.set(mapi::PR_ATTACH_CONTENT_ID, id);
}

void set_fields(mapi::Attachment& attachment, const MailPart& part) {
  const auto description = text_value(part.field("Content-Description"));
  const auto name = one_line(part.file_name());
  if (!description.empty() || !name.empty()) {
    attachment.set(mapi::PR_DISPLAY_NAME, description.empty() ? name : description);
  }
  const auto set_text = [&](std::string_view field, auto tag) {
    if (const auto value = text_value(part.field(field)); !value.empty())
      attachment.set(tag, value);
  };
  set_content_id(attachment, part);
  set_text("Content-Location", mapi::PR_ATTACH_CONTENT_LOCATION);
  set_text("Content-Base", mapi::PR_ATTACH_CONTENT_BASE);
  set_text("X-Payload-Class", mapi::PR_ATTACH_PAYLOAD_CLASS);
  set_text("X-Payload-Provider-GUID", mapi::PR_ATTACH_PAYLOAD_PROV_GUID_STR);
  set_time(attachment, part, "creation-date", mapi::PR_CREATION_TIME);
  set_time(attachment, part, "modification-date", mapi::PR_LAST_MODIFICATION_TIME);
}

/// What a file's part says that its attachment can say too.
bool is_plain_file(const MailPart& part) {
  constexpr std::array<std::string_view, 8> known{
      "Content-Type",     "Content-Transfer-Encoding", "Content-Disposition", "Content-ID",
      "Content-Location", "Content-Description",       "Content-Base",        "Content-Length"};
  const bool has_known_parameters =
      std::ranges::all_of(part.type.parameters, [&](const Parameter& each) {
        return each.name == "name" || each.name.starts_with("x-") ||
               (each.name == "charset" && part.type.value.starts_with("text/"));
      });
  return has_known_parameters && has_only_fields(part, known) && !part.file_name().empty() &&
         part.encoding != ContentTransferEncoding::other &&
         acceptable_media_type(part.type.value) == part.type.value;
}

ReadAttachment file_of(const MailPart& part, std::size_t number, bool is_related,
                       const Reading& reading) {
  mapi::Attachment attachment =
      mapi::make_attachment({}, content_of(part, reading.mail), part.type.value);
  attachment.erase(mapi::PR_ATTACH_LONG_FILENAME);
  if (!part.file_name().empty()) set_name(attachment, part);
  set_fields(attachment, part);
  const auto charset = part.type.parameter("charset");
  if (!charset.empty() && part.type.value.starts_with("text/")) {
    attachment.set(mapi::PR_TEXT_ATTACHMENT_CHARSET, std::string(charset));
  }
  if (is_related) {
    attachment.set(mapi::PR_ATTACH_FLAGS, ATT_MHTML_REF);
  } else if (part.disposition && part.disposition->value == "inline") {
    attachment.set(mapi::PR_ATTACH_DISPOSITION, "inline");
  }
  if (part.encoding == ContentTransferEncoding::other) {
    reading.lose({mapi::LossKind::guessed, mapi::attachment_part(part.file_name()),
                  "the transfer encoding of attachment " + std::to_string(number) +
                      " is unknown; its octets are taken as they are"});
  }
  // A picture of the HTML needs no name.
  const bool has_id = is_related && !part.field("Content-ID").empty();
  return {std::move(attachment), is_plain_file(part) || (has_id && part.file_name().empty())};
}

}  // namespace

bool has_only_fields(const MailPart& part, std::span<const std::string_view> known) {
  return std::ranges::all_of(part.fields, [&](const HeaderField& field) {
    return !is_content_field(field.name) || std::ranges::any_of(known, [&](std::string_view name) {
      return equals_ignoring_case(name, field.name);
    });
  });
}

ReadAttachment attachment_of(const MailPart& part, std::size_t number, bool is_related,
                             const Reading& reading) {
  const bool is_message = part.is("message/rfc822") || part.is("message/global");
  if (auto message = is_message ? message_within(part, reading) : std::nullopt) {
    auto attachment = mapi::make_attachment(*std::move(message));
    set_content_id(attachment, part);
    return {std::move(attachment), part.is("message/rfc822")};
  }
  return file_of(part, number, is_related, reading);
}

}  // namespace postern::mime
