#include "mime/message/note.h"

#include <algorithm>
#include <array>

#include "mapi/property_tags.h"
#include "mime/header/header_encoding.h"
#include "mime/message/attachment_part.h"
#include "mime/message/body.h"
#include "mime/message/message_class.h"
#include "mime/message/report_part.h"

namespace postern::mime {
namespace {

struct AttachmentParts {
  std::vector<std::unique_ptr<Entity>> shown;  ///< by the HTML
  std::vector<std::unique_ptr<Entity>> attached;
};

/// Finds what the HTML means, and makes it mean just that.
std::vector<InlineUse> resolve_references(const mapi::Message& message, Body& body,
                                          ComposeContext& context) {
  std::vector<std::string> ids_of_body;
  if (auto id = legal_content_id(message.get_or(mapi::PR_BODY_CONTENT_ID, ""))) {
    ids_of_body.push_back(std::move(*id));
  }
  auto ids = content_ids(message, body.html ? body.html->text : std::string_view(),
                         context.options.message_id_domain, ids_of_body);
  for (auto& warning : ids.warnings) context.warn(std::move(warning));
  if (body.html && body.html->text != ids.html) {
    body.html->text = std::move(ids.html);
    body.html->stored.reset();
  }
  return std::move(ids.uses);
}

AttachmentParts attachment_parts(const mapi::Message& message, Body& body, const Parent& parent,
                                 ComposeContext& context) {
  const auto uses = resolve_references(message, body, context);
  AttachmentParts parts;
  for (std::size_t i = 0; i < uses.size(); ++i) {
    auto entity = attachment_entity(message.attachments[i], i + 1, uses[i], parent, context);
    if (entity) {
      (uses[i].is_inline ? parts.shown : parts.attached).push_back(std::move(entity));
    }
  }
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

/// Classes that lose something as a note (§7.1, §9).
void warn_about_class(const mapi::Message& message, ComposeContext& context) {
  struct Row {
    std::string_view base;
    std::string_view sentence;
  };
  constexpr std::array<Row, 7> rows{{
      {"IPM.Schedule.Meeting", "the meeting request is sent as a note, without its calendar data"},
      {"IPM.Appointment", "the appointment is sent as a note, without its calendar data"},
      {"IPM.Contact", "the contact is sent as a note, without its fields"},
      {"IPM.DistList", "the distribution list is sent as a note, without its members"},
      {"IPM.Task", "the task is sent as a note, without its fields"},
      {"IPM.TaskRequest", "the task request is sent as a note, without its fields"},
      {"IPM.Activity", "the journal entry is sent as a note, without its fields"},
  }};
  constexpr std::uint32_t voting_options = 0x8520;
  const auto message_class = class_of(message);
  for (const auto& [base, sentence] : rows) {
    if (is_class(message_class, base)) context.warn(std::string(sentence));
  }
  if (message.find(mapi::PropertyName{mapi::PSETID_Common, voting_options}) != nullptr) {
    context.warn("the voting buttons are not sent");
  }
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
  const bool is_empty = !body.html && body.text.value_or("").empty();
  const bool is_report = is_report_class(class_of(message));
  if (is_empty && is_report) body.text = std::string(message.get_or(mapi::PR_REPORT_TEXT, ""));
  return body;
}

std::unique_ptr<Entity> multipart_structure(const mapi::Message& message, const Body& body,
                                            AttachmentParts parts, ComposeContext& context) {
  auto entity = body_entity(message, body, context);
  add_body_fields(*entity, message);
  const auto related = "multipart/related; type=\"" + std::string(entity->media_type()) + '"';
  entity = combined(related, std::move(entity), std::move(parts.shown), context);
  return combined("multipart/mixed", std::move(entity), std::move(parts.attached), context);
}

}  // namespace

std::unique_ptr<Entity> note_entity(const mapi::Message& message, const Parent& parent,
                                    ComposeContext& context) {
  warn_about_class(message, context);
  auto body = body_of(message, context);
  auto parts = attachment_parts(message, body, parent, context);
  return multipart_structure(message, body, std::move(parts), context);
}

std::unique_ptr<Entity> report_note_entity(const mapi::Message& message, const Parent& parent,
                                           ComposeContext& context) {
  auto body = body_of(message, context);
  auto parts = attachment_parts(message, body, parent, context);
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
  report->add_part(multipart_structure(message, body, std::move(parts), context));
  report->add_part(report_entity(message, context));
  if (!about) about = returned_headers_entity(message);
  if (about) report->add_part(std::move(about));
  return report;
}

}  // namespace postern::mime
