#include "mapi/address.h"
#include "mapi/property_tags.h"
#include "tests/mime/item/blob_writer.h"
#include "tests/mime/item/meeting.h"
#include "tests/mime/loss/rows.h"

namespace postern::mime {
namespace {

using enum mapi::LossKind;
using mapi::Message;

constexpr std::string_view items = "message/item_part.cpp";
constexpr std::string_view appointments = "calendar/appointment.cpp";
constexpr std::string_view answer = "IPM.Schedule.Meeting.Resp.Pos";

void remove_senders(Message& message) {
  for (const auto& group : {mapi::sender_group, mapi::sent_representing_group}) {
    message.erase(group.display_name);
    message.erase(group.address_type);
    message.erase(group.email_address);
    message.erase(group.smtp_address);
    message.erase(group.entry_id);
    message.erase(group.search_key);
  }
}

Message changed_occurrence() {
  Message message;
  message.set(mapi::PR_MESSAGE_CLASS, "IPM.OLE.CLASS.{00061055-0000-0000-C000-000000000046}");
  message.set(named(mapi::PSETID_Appointment, 0x8228), utc(2024, 6, 17, 8));
  return message;
}

/// Mondays at 10, of which so many are at another time.
Message series(std::uint32_t changes) {
  BlobWriter writer;
  for (std::uint32_t i = 0; i < changes; ++i) {
    const auto start = minutes_at(2024, 6, 3) + i * 7 * 1440 + 600;
    writer.double_word(start).double_word(start + 60).double_word(start).word(0);
  }
  const auto octets = writer.blob();
  RecurrenceBlob blob;
  blob.changes = changes;
  blob.changes_octets = std::string(reinterpret_cast<const char*>(octets.data()), octets.size());
  blob.extension_octets = std::string(std::size_t{changes} * 8, '\0');
  auto message = meeting();
  message.set(named(mapi::PSETID_Appointment, 0x820D), utc(2024, 6, 3, 8));
  message.set(named(mapi::PSETID_Appointment, 0x820E), utc(2024, 6, 3, 9));
  message.set(named(mapi::PSETID_Appointment, 0x8223), true);
  message.set(named(mapi::PSETID_Appointment, 0x8216), blob.blob());
  return message;
}

void add_nobody(Message& message) {
  mapi::Recipient row;
  row.set(mapi::PR_RECIPIENT_TYPE, 1);
  row.set(mapi::PR_DISPLAY_NAME, "Nobody");
  message.recipients.push_back(row);
}

std::vector<LossRow> rows_of_participants() {
  return {
      {items, dropped, "calendar", "the participant 'Nobody' has no address",
       [](Message& m) {
         m = meeting();
         add_nobody(m);
       }},
      {items, dropped, "calendar", "the meeting has no organizer",
       [](Message& m) {
         m = meeting();
         remove_senders(m);
       },
       true},
      {items, dropped, "calendar", "does not say to whom it goes",
       [](Message& m) {
         m = meeting(answer);
         m.recipients.clear();
       }},
      {items, dropped, "calendar", "does not say whose it is",
       [](Message& m) {
         m = meeting(answer);
         remove_senders(m);
       },
       true},
  };
}

std::vector<LossRow> rows_of_calendars() {
  return {
      {items, dropped, "calendar", "changed occurrences are not sent, since",
       [](Message& m) {
         m = series(500);
         m.set(mapi::PR_BODY, std::string(100'000, 'x'));
       }},
      {items, dropped, "calendar", "the notice about a meeting is sent as a note",
       [](Message& m) { m = meeting("IPM.Schedule.Meeting.Notification.Forward"); }},
      {items, dropped, "calendar", "the appointment has no time",
       [](Message& m) {
         m = meeting();
         m.erase(named(mapi::PSETID_Appointment, 0x820D));
       }},
      {"message/note.cpp", dropped, "calendar", "the attachments of a changed occurrence",
       [](Message& m) {
         m = meeting();
         auto occurrence = changed_occurrence();
         occurrence.attachments.push_back(mapi::make_attachment(Message()));
         m.attachments.push_back(mapi::make_attachment(occurrence));
       }},
      {appointments, dropped, "calendar", "how the appointment recurs cannot be read",
       [](Message& m) {
         m = meeting();
         m.set(named(mapi::PSETID_Appointment, 0x8223), true);
       }},
      {appointments, guessed, "calendar", "UTC is taken",
       [](Message& m) {
         m = series(0);
         m.set(named(mapi::PSETID_Appointment, 0x820D), utc(2024, 6, 30, 8));
       }},
      {appointments, guessed, "calendar", "that of its local times, UTC+0200",
       [](Message& m) { m = series(0); }},
      {appointments, substituted, "calendar", "the meeting has no id",
       [](Message& m) {
         m = meeting();
         m.erase(named(mapi::PSETID_Meeting, 0x0023));
       }},
      {appointments, substituted, "calendar", "the time of the reminder is none",
       [](Message& m) {
         m = meeting();
         m.set(named(mapi::PSETID_Common, 0x8503), true);
         m.set(named(mapi::PSETID_Common, 0x8501), std::int32_t{-1});
       }},
      {appointments, dropped, "calendar", "that the series does not know",
       [](Message& m) {
         m = meeting();
         m.attachments.push_back(mapi::make_attachment(changed_occurrence()));
       }},
  };
}

std::vector<LossRow> rows_of_summaries_and_reports() {
  return {
      {items, substituted, "body", "what only Outlook shows",
       [](Message& m) {
         m.set(mapi::PR_MESSAGE_CLASS, "IPM.Task");
         m.set(named(mapi::PSETID_Task, 0x8102), 0.5);
       }},
      {"message/report_part.cpp", dropped, "message", "the delivery report names no recipient",
       [](Message& m) {
         m.set(mapi::PR_MESSAGE_CLASS, "REPORT.IPM.Note.NDR");
         m.recipients.clear();
       }},
  };
}

}  // namespace

std::vector<LossRow> item_rows() {
  auto rows = rows_of_participants();
  for (const auto& some : {rows_of_calendars(), rows_of_summaries_and_reports()}) {
    rows.insert(rows.end(), some.begin(), some.end());
  }
  return rows;
}

}  // namespace postern::mime
