#include "mime/message/note.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <map>

#include "mapi/property_tags.h"
#include "mime/attachment/content_ids.h"
#include "mime/attachment/media_type.h"
#include "mime/calendar/appointment.h"
#include "mime/card/card.h"
#include "mime/context/message_class.h"
#include "mime/header/header_encoding.h"
#include "mime/html/html.h"
#include "mime/message/attachment_part.h"
#include "mime/message/body.h"
#include "mime/message/item_part.h"
#include "mime/message/original_entity.h"
#include "mime/message/report_part.h"
#include "mime/message/tnef_part.h"

namespace postern::mime {
namespace {

struct AttachmentParts {
  std::vector<std::unique_ptr<Entity>> shown;  ///< by the HTML
  std::vector<std::unique_ptr<Entity>> attached;
};

/// True RTF shows its attachments in the order of their places (§5).
std::uint32_t place_of(const mapi::Attachment& attachment, const Body& body) {
  return body.is_true_rtf
             ? static_cast<std::uint32_t>(attachment.get_or(mapi::PR_RENDERING_POSITION, -1))
             : 0;
}

/// Finds what the HTML means, and makes it mean just that.
std::vector<InlineUse> resolve_references(const mapi::Message& message, Body& body,
                                          ComposeContext& context) {
  std::vector<std::string> ids_of_body;
  if (auto id = legal_content_id(message.get_or(mapi::PR_BODY_CONTENT_ID, ""))) {
    ids_of_body.push_back(std::move(*id));
  }
  for (const auto& picture : body.pictures) ids_of_body.push_back(picture.content_id);
  auto ids = content_ids(message, body.html.value_or(SharedText()),
                         context.options.message_id_domain, ids_of_body);
  for (auto& loss : ids.losses) context.tell(std::move(loss));
  if (body.html) body.html = std::move(ids.html);
  return std::move(ids.uses);
}

/// What the calendar has of a changed occurrence is no part beside it (§6.5).
bool is_in_calendar(const mapi::Attachment& attachment, bool has_calendar,
                    ComposeContext& context) {
  if (!has_calendar || !is_changed_occurrence(attachment)) return false;
  if (!attachment.embedded->attachments.empty()) {
    context.tell({mapi::LossKind::dropped, mapi::calendar_part,
                  "the attachments of a changed occurrence are not sent"});
  }
  return true;
}

AttachmentParts attachment_parts(const mapi::Message& message, Body& body, bool has_calendar,
                                 const Parent& parent, ComposeContext& context) {
  const auto uses = resolve_references(message, body, context);
  AttachmentParts parts;
  std::multimap<std::uint32_t, std::unique_ptr<Entity>> shown;
  for (std::size_t i = 0; i < uses.size(); ++i) {
    const auto& attachment = message.attachments[i];
    if (original_extent(attachment)) continue;
    if (is_in_calendar(attachment, has_calendar, context)) continue;
    auto entity = attachment_entity(attachment, i + 1, uses[i], parent, context);
    if (!entity) continue;
    if (uses[i].is_inline) {
      shown.emplace(place_of(attachment, body), std::move(entity));
    } else {
      parts.attached.push_back(std::move(entity));
    }
  }
  for (auto& [place, entity] : shown) parts.shown.push_back(std::move(entity));
  return parts;
}

/// A multipart of `first` and the others; `first` itself if there are no others.
std::unique_ptr<Entity> combined(std::string_view content_type, std::unique_ptr<Entity> first,
                                 std::vector<std::unique_ptr<Entity>> others,
                                 const ComposeContext& context) {
  if (others.empty()) return first;
  auto multipart = Entity::multipart(content_type, make_boundary(context.options));
  multipart->add_part(std::move(first));
  for (auto& other : others) multipart->add_part(std::move(other));
  return multipart;
}

/// The content fields a writer stored for the body itself (§3.1, rarely present).
void add_body_fields(Entity& body, const mapi::Message& message) {
  constexpr std::size_t longest = 400;
  if (const auto id = legal_content_id(message.get_or(mapi::PR_BODY_CONTENT_ID, ""))) {
    body.add_field({"Content-ID", '<' + *id + '>'});
  }
  const auto location = one_line(message.get_or(mapi::PR_BODY_CONTENT_LOCATION, ""));
  if (!location.empty() && location.size() <= longest && is_printable_ascii(location)) {
    body.add_field({"Content-Location", location});
  }
}

/// A message's own text, from PR_REPORT_TEXT if it is a report without a body (§7.4).
Body body_of(const mapi::Message& message, ComposeContext& context) {
  auto body = choose_body(message, context);
  const bool is_empty = !body.html && body.text.value_or(SharedText()).view().empty();
  const bool is_report = is_report_class(class_of(message));
  if (is_empty && is_report) body.text = SharedText(message, mapi::PR_REPORT_TEXT);
  return body;
}

/// The calendar as the last of the alternatives.
std::unique_ptr<Entity> with_calendar(std::unique_ptr<Entity> body,
                                      std::unique_ptr<Entity> calendar,
                                      const ComposeContext& context) {
  if (!calendar) return body;
  if (body->media_type() != "multipart/alternative") {
    auto alternative = Entity::multipart("multipart/alternative", make_boundary(context.options));
    alternative->add_part(std::move(body));
    body = std::move(alternative);
  }
  body->add_part(std::move(calendar));
  return body;
}

/// The pictures that were inside an RTF body.
std::unique_ptr<Entity> picture_entity(const InlinePicture& picture, std::size_t number) {
  const auto name =
      "image" + std::to_string(number) + std::string(extension_of(picture.media_type));
  auto entity = Entity::leaf(std::string(picture.media_type) + "; name=\"" + name + '"',
                             mapi::Content::from_text(picture.octets), TransferEncoding::base64);
  entity->set_file_name(name);
  entity->add_field({"Content-Disposition", "inline; filename=\"" + name + "\"; size=" +
                                                std::to_string(picture.octets.size())});
  entity->add_field({"Content-ID", '<' + picture.content_id + '>'});
  return entity;
}

std::unique_ptr<Entity> multipart_structure(const mapi::Message& message, const Body& body,
                                            std::unique_ptr<Entity> calendar, AttachmentParts parts,
                                            ComposeContext& context) {
  auto entity = body_entity(body, context);
  add_body_fields(*entity, message);
  entity = with_calendar(std::move(entity), std::move(calendar), context);
  std::vector<std::unique_ptr<Entity>> pictures;
  for (const auto& picture : body.pictures) {
    pictures.push_back(picture_entity(picture, pictures.size() + 1));
  }
  std::move(pictures.begin(), pictures.end(), std::back_inserter(parts.shown));
  const auto related = "multipart/related; type=\"" + std::string(entity->media_type()) + '"';
  entity = combined(related, std::move(entity), std::move(parts.shown), context);
  return combined("multipart/mixed", std::move(entity), std::move(parts.attached), context);
}

bool is_contact(const mapi::Message& message) {
  return is_class(class_of(message), "IPM.Contact");
}

struct NoteBody {
  Body body;
  SharedText text;  ///< as it is stored
  std::unique_ptr<Entity> calendar;
};

/// The body, with what the properties say in words.
NoteBody note_body(const mapi::Message& message, const Parent& parent, ComposeContext& context) {
  auto body = body_of(message, context);
  auto text = body.text.value_or(SharedText());
  body = with_summary(std::move(body), message, context);
  auto calendar = calendar_part(message, text, parent, context);
  fill_if_empty(body, calendar.summary);
  if (is_contact(message)) fill_if_empty(body, contact_summary(message));
  return {std::move(body), std::move(text), std::move(calendar.entity)};
}

}  // namespace

std::unique_ptr<Entity> note_entity(const mapi::Message& message, const Parent& parent,
                                    ComposeContext& context) {
  if (auto kept = original_entity(message, OriginalExtent::body, context)) {
    Body shown_by_nothing;
    auto parts = attachment_parts(message, shown_by_nothing, false, parent, context);
    return combined("multipart/mixed", std::move(kept), std::move(parts.attached), context);
  }
  auto [body, text, calendar] = note_body(message, parent, context);
  auto parts = attachment_parts(message, body, calendar != nullptr, parent, context);
  if (is_contact(message)) parts.attached.push_back(card_part(message, text));
  return multipart_structure(message, body, std::move(calendar), std::move(parts), context);
}

/// Nothing is lost that is not in the text, so nothing is said of it.
std::unique_ptr<Entity> tnef_note_entity(const mapi::Message& message, const Parent& parent,
                                         const std::string& message_id, ComposeContext& context) {
  ComposeContext aside(context.options);
  auto body = note_body(message, parent, aside).body;
  if (!body.text) body.text = text_from_html(*body.html);
  body.html.reset();
  auto entity = Entity::multipart("multipart/mixed", make_boundary(context.options));
  if (!message_id.empty()) entity->add_field({"X-MS-TNEF-Correlator", message_id});
  entity->add_part(body_entity(body, context));
  entity->add_part(tnef_part(message, message_id));
  return entity;
}

std::unique_ptr<Entity> report_note_entity(const mapi::Message& message, const Parent& parent,
                                           ComposeContext& context) {
  auto body = body_of(message, context);
  auto parts = attachment_parts(message, body, false, parent, context);
  const auto original =
      std::find_if(parts.attached.begin(), parts.attached.end(),
                   [](const auto& part) { return part->media_type() == "message/rfc822"; });
  std::unique_ptr<Entity> about;
  if (original != parts.attached.end()) {
    about = std::move(*original);
    parts.attached.erase(original);
  }
  const std::string type(report_type(class_of(message)));
  auto report =
      Entity::multipart("multipart/report; report-type=" + type, make_boundary(context.options));
  report->add_part(multipart_structure(message, body, nullptr, std::move(parts), context));
  report->add_part(report_entity(message, context));
  if (!about) about = returned_headers_entity(message);
  if (about) report->add_part(std::move(about));
  return report;
}

}  // namespace postern::mime
