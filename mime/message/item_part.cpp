#include "mime/message/item_part.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "mapi/property_tags.h"
#include "mime/attachment/file_name.h"
#include "mime/calendar/appointment.h"
#include "mime/calendar/calendar_summary.h"
#include "mime/card/card.h"
#include "mime/context/message_class.h"
#include "mime/header/header_encoding.h"
#include "mime/header/parameter_encoding.h"
#include "mime/html/html.h"
#include "mime/html/visible.h"
#include "mime/message/address_header.h"
#include "mime/message/attachment_part.h"
#include "mime/summary/summary.h"

namespace postern::mime {
namespace {

using mapi::LossKind;

constexpr mapi::Tag<mapi::PropertyType::boolean> PR_RESPONSE_REQUESTED{0x0063};
constexpr mapi::Tag<mapi::PropertyType::int32> PR_RECIPIENT_FLAGS{0x5FFD};
constexpr std::int32_t recipient_is_organizer = 0x2;
constexpr mapi::Tag<mapi::PropertyType::int32> PR_RECIPIENT_TRACKSTATUS{0x5FFF};

struct CalendarClass {
  std::string_view base;
  CalendarMethod method;
  std::string_view participation;  ///< what an answer says
};

const CalendarClass* calendar_class(std::string_view message_class) {
  static constexpr std::array<CalendarClass, 6> classes{
      {{"IPM.Schedule.Meeting.Request", CalendarMethod::request, {}},
       {"IPM.Schedule.Meeting.Canceled", CalendarMethod::cancel, {}},
       {"IPM.Schedule.Meeting.Resp.Pos", CalendarMethod::reply, "ACCEPTED"},
       {"IPM.Schedule.Meeting.Resp.Neg", CalendarMethod::reply, "DECLINED"},
       {"IPM.Schedule.Meeting.Resp.Tent", CalendarMethod::reply, "TENTATIVE"},
       {"IPM.Appointment", CalendarMethod::publish, {}}}};
  const auto* found = std::find_if(classes.begin(), classes.end(), [&](const auto& each) {
    return is_class(message_class, each.base);
  });
  return found == classes.end() ? nullptr : found;
}

bool is_answer(CalendarMethod method) {
  return method == CalendarMethod::reply || method == CalendarMethod::counter;
}

Party party_of(const Mailbox& mailbox) {
  return {mailbox.name, mailbox.address};
}

/// Who stands in From.
std::optional<Party> author(const mapi::Message& message, const Parent& parent,
                            const ComposeContext& context) {
  if (const auto from = originators(message, context.options).from) return party_of(*from);
  if (parent.depth > 0 || !context.options.default_from) return std::nullopt;
  const auto address = wire_address(*context.options.default_from, context.options.smtputf8);
  return address ? std::optional(Party{{}, *address}) : std::nullopt;
}

std::string_view role_of(mapi::RecipientType type) {
  switch (type) {
    case mapi::RecipientType::cc:
      return "OPT-PARTICIPANT";
    case mapi::RecipientType::bcc:  // where meetings have their rooms
      return "NON-PARTICIPANT";
    case mapi::RecipientType::to:
    case mapi::RecipientType::originator:
    case mapi::RecipientType::p1:
      break;
  }
  return "REQ-PARTICIPANT";
}

/// PidTagRecipientTrackStatus.
std::string_view participation_of(const mapi::Recipient& row) {
  switch (row.get_or(PR_RECIPIENT_TRACKSTATUS, 0)) {
    case 2:
      return "TENTATIVE";
    case 3:
      return "ACCEPTED";
    case 4:
      return "DECLINED";
    default:
      return "NEEDS-ACTION";
  }
}

std::optional<Attendee> attendee_of(const mapi::Recipient& row,
                                    const mapi::ExchangeAddresses& known, CalendarMethod method,
                                    bool is_asked, ComposeContext& context) {
  const auto type = mapi::recipient_type(row);
  const bool is_invited = type && *type != mapi::RecipientType::p1 &&
                          *type != mapi::RecipientType::originator &&
                          (row.get_or(PR_RECIPIENT_FLAGS, 0) & recipient_is_organizer) == 0;
  if (!is_invited) return std::nullopt;
  const auto found = mailbox(known, row, mapi::recipient_group, context.options);
  if (!found) {
    const auto name = one_line(mapi::display_name(row, mapi::recipient_group, {}));
    context.tell({LossKind::dropped, mapi::calendar_part,
                  "the participant '" + name + "' has no address and is left out of the calendar"});
    return std::nullopt;
  }
  Attendee attendee{party_of(*found), role_of(*type), {}, false, false};
  attendee.is_resource = *type == mapi::RecipientType::bcc;
  attendee.is_asked = is_asked && method == CalendarMethod::request;
  if (method == CalendarMethod::request) attendee.participation = "NEEDS-ACTION";
  if (method == CalendarMethod::publish) attendee.participation = participation_of(row);
  return attendee;
}

/// Organizer and attendees of what the organizer sends.
void add_invited(MessageFacts& facts, const mapi::Message& message, const Parent& parent,
                 ComposeContext& context) {
  facts.organizer = author(message, parent, context);
  const bool is_publication = facts.method == CalendarMethod::publish;
  if (is_publication && !is_meeting(message)) return;
  const bool is_asked = message.get_or(PR_RESPONSE_REQUESTED, true);
  const mapi::ExchangeAddresses known(message);
  for (const auto& row : message.recipients) {
    if (auto found = attendee_of(row, known, facts.method, is_asked, context)) {
      facts.attendees.push_back(std::move(*found));
    }
  }
  if (!facts.organizer && !is_publication) {
    context.tell({LossKind::dropped, mapi::calendar_part,
                  "the meeting has no organizer whom its receivers could answer"});
  }
}

/// An answer goes to the organizer and is about its author alone.
void add_answering(MessageFacts& facts, std::string_view participation,
                   const mapi::Message& message, const Parent& parent, ComposeContext& context) {
  const mapi::ExchangeAddresses known(message);
  for (const auto& row : message.recipients) {
    if (mapi::recipient_type(row) != mapi::RecipientType::to || facts.organizer) continue;
    if (const auto found = mailbox(known, row, mapi::recipient_group, context.options)) {
      facts.organizer = party_of(*found);
    }
  }
  if (!facts.organizer) {
    context.tell({LossKind::dropped, mapi::calendar_part,
                  "the answer to a meeting request does not say to whom it goes"});
  }
  if (auto from = author(message, parent, context)) {
    facts.attendees.push_back({std::move(*from), "REQ-PARTICIPANT", participation, false, false});
  } else {
    context.tell({LossKind::dropped, mapi::calendar_part,
                  "the answer to a meeting request does not say whose it is"});
  }
}

MessageFacts facts_of(const mapi::Message& message, const CalendarClass& kind,
                      std::string_view description, const Parent& parent, ComposeContext& context) {
  MessageFacts facts;
  facts.method = kind.method;
  if (is_answer(kind.method) && proposes_time(message)) facts.method = CalendarMethod::counter;
  facts.summary =
      one_line(message.get_or(mapi::PR_SUBJECT, message.get_or(mapi::PR_NORMALIZED_SUBJECT, "")));
  facts.description = trim(description);
  if (is_answer(facts.method)) {
    add_answering(facts, kind.participation, message, parent, context);
  } else {
    add_invited(facts, message, parent, context);
  }
  return facts;
}

std::unique_ptr<Entity> calendar_entity(const Calendar& calendar, ComposeContext& context) {
  const auto made = calendar_text(calendar);
  if (made.events_left_out > 0) {
    context.tell({LossKind::dropped, mapi::calendar_part,
                  std::to_string(made.events_left_out) +
                      " changed occurrences are not sent, since the calendar would be too big"});
  }
  const auto type =
      "text/calendar; charset=\"utf-8\"; method=" + std::string(method_name(calendar.method));
  return Entity::leaf(type, mapi::Content::from_text(made.text),
                      text_encoding(line_facts(made.text)));
}

bool shows_something(const Body& body) {
  return is_visible_text(body.text.value_or(SharedText())) ||
         (body.html && is_visible_html(*body.html));
}

std::string summary_of(const mapi::Message& message) {
  const auto message_class = class_of(message);
  if (is_class(message_class, "IPM.DistList")) return list_summary(message);
  if (is_class(message_class, "IPM.Task") || is_class(message_class, "IPM.TaskRequest")) {
    return task_summary(message);
  }
  if (is_class(message_class, "IPM.Activity")) return journal_summary(message);
  return voting_summary(message);
}

}  // namespace

void fill_if_empty(Body& body, std::string_view text) {
  if (!text.empty() && !shows_something(body)) body = {std::string(text), std::nullopt};
}

Body with_summary(Body body, const mapi::Message& message, ComposeContext& context) {
  const auto summary = summary_of(message);
  if (summary.empty()) return body;
  context.tell({LossKind::substituted, mapi::body_part,
                "what only Outlook shows of the message is sent as lines of its text"});
  if (!shows_something(body)) return {summary, std::nullopt};
  if (body.text) body.text = std::string(body.text->view()) + "\r\n\r\n" + summary;
  if (body.html) body.html = with_lines(*body.html, summary);
  return body;
}

CalendarPart calendar_part(const mapi::Message& message, std::string_view description,
                           const Parent& parent, ComposeContext& context) {
  const auto message_class = class_of(message);
  const auto* kind = calendar_class(message_class);
  if (kind == nullptr) {
    if (is_class(message_class, "IPM.Schedule.Meeting")) {
      context.tell({LossKind::dropped, mapi::calendar_part,
                    "the notice about a meeting is sent as a note, without its calendar data"});
    }
    return {};
  }
  std::vector<mapi::Loss> losses;
  const auto calendar =
      read_appointment(message, facts_of(message, *kind, description, parent, context), losses);
  for (auto& loss : losses) context.tell(std::move(loss));
  if (!calendar) {
    context.tell({LossKind::dropped, mapi::calendar_part,
                  "the appointment has no time; its calendar data are not sent"});
    return {nullptr, "This message is about an appointment without a date.\r\n"};
  }
  return {calendar_entity(*calendar, context), calendar_summary(*calendar)};
}

std::unique_ptr<Entity> card_part(const mapi::Message& contact, std::string_view note) {
  const auto text = card_text(contact, note);
  auto name = contact_name(contact);
  std::replace_if(
      name.begin(), name.end(), [](char c) { return c == '/' || c == '\\'; }, '_');
  const auto file = mapi::make_attachment(name + ".vcf", {});
  const auto file_name = attachment_name(file, 1, "text/vcard");
  auto entity =
      Entity::leaf("text/vcard; charset=\"utf-8\"" + parameter_for_old_readers("name", file_name),
                   mapi::Content::from_text(text), TransferEncoding::base64);
  entity->set_file_name(file_name);
  entity->add_field({"Content-Disposition", "attachment" + parameter("filename", file_name) +
                                                "; size=" + std::to_string(text.size())});
  return entity;
}

}  // namespace postern::mime
