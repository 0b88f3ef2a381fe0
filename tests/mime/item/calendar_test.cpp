// Meetings and appointments as text/calendar (mapi-to-mime.md §7.2, RFC 5545, 5546, 6047).
#include <stdexcept>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mapi/address.h"
#include "mapi/property_tags.h"
#include "mime/tree/entity.h"
#include "tests/losses.h"
#include "tests/mime/item/blob_writer.h"
#include "tests/mime/item/meeting.h"
#include "tests/mime/mail.h"
#include "tests/mime/support.h"

namespace postern::mime {

mapi::FileTime utc(int year, unsigned month, unsigned day, int hour, int minute) {
  using namespace std::chrono;
  const sys_days date{std::chrono::year{year} / static_cast<int>(month) / static_cast<int>(day)};
  return mapi::FileTime::from(date + hours{hour} + minutes{minute});
}

mapi::Binary global_object_id() {
  BlobWriter writer;
  writer.octets(std::string("\x04\0\0\0\x82\0\xE0\0\x74\xC5\xB7\x10\x1A\x82\xE0\x08", 16));
  writer.double_word(0).octets("creation").octets(std::string(8, '\0')).double_word(16);
  return writer.octets("sixteen octets ..").blob();
}

std::string uid_of_meeting() {
  constexpr char digits[] = "0123456789ABCDEF";
  std::string text;
  for (const auto octet : global_object_id()) {
    text += digits[std::to_integer<unsigned>(octet) >> 4U];
    text += digits[std::to_integer<unsigned>(octet) & 0xFU];
  }
  return text;
}

mapi::Message meeting(std::string_view message_class) {
  mapi::Message message;
  message.set(mapi::PR_MESSAGE_CLASS, std::string(message_class));
  message.set(mapi::PR_SUBJECT, "Lunch; with, friends");
  message.set(mapi::PR_BODY, "First line\r\nSecond line");
  message.set(mapi::PR_CLIENT_SUBMIT_TIME, utc(2024, 5, 6, 7, 8));
  mapi::set_address(message, mapi::sender_group, "ann@example.org", "Ann");
  mapi::set_address(message, mapi::sent_representing_group, "ann@example.org", "Ann");
  message.recipients.push_back(
      mapi::make_recipient(mapi::RecipientType::to, "bob@example.net", "Bob"));
  message.set(named(mapi::PSETID_Meeting, 0x0023), global_object_id());
  message.set(named(mapi::PSETID_Appointment, 0x820D), utc(2024, 6, 1, 8));
  message.set(named(mapi::PSETID_Appointment, 0x820E), utc(2024, 6, 1, 9));
  message.set(named(mapi::PSETID_Appointment, 0x8208), std::string("Room 1"));
  message.set(named(mapi::PSETID_Appointment, 0x8201), std::int32_t{3});
  message.set(named(mapi::PSETID_Appointment, 0x8205), std::int32_t{2});
  return message;
}

namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

const Entity* calendar_part(const Entity& entity) {
  if (entity.media_type() == "text/calendar") return &entity;
  for (const auto* part : entity.parts()) {
    if (const auto* found = calendar_part(*part)) return found;
  }
  return nullptr;
}

}  // namespace

Component calendar_of(const mapi::Message& message) {
  const auto plan = compose(message, fixed_options());
  const auto* part = calendar_part(plan.root());
  if (part == nullptr) throw std::runtime_error("there is no calendar");
  auto calendar = parsed_lines(octets_of(part->content()));
  EXPECT_EQ(calendar.name, "VCALENDAR");
  EXPECT_EQ(calendar.value("VERSION"), "2.0");
  EXPECT_EQ(part->header().field("Content-Type").value(),
            "text/calendar; charset=\"utf-8\"; method=" + calendar.value("METHOD"));
  return calendar;
}

Component event_of(const mapi::Message& message) {
  const auto events = calendar_of(message).parts("VEVENT");
  EXPECT_EQ(events.size(), 1U);
  return events.front();
}

namespace {

TEST(Calendar, ARequestCanBeAnswered) {
  const auto message = meeting();
  EXPECT_THAT(sentences(compose(message, fixed_options()).losses), IsEmpty());
  EXPECT_EQ(calendar_of(message).value("METHOD"), "REQUEST");
  const auto event = event_of(message);
  EXPECT_EQ(event.value("UID"), uid_of_meeting());
  EXPECT_EQ(event.value("SEQUENCE"), "3");
  EXPECT_EQ(event.value("DTSTAMP"), "20240506T070800Z");
  EXPECT_EQ(event.value("DTSTART"), "20240601T080000Z");
  EXPECT_EQ(event.value("DTEND"), "20240601T090000Z");
  EXPECT_EQ(event.value("SUMMARY"), "Lunch\\; with\\, friends");
  EXPECT_EQ(event.value("LOCATION"), "Room 1");
  EXPECT_EQ(event.value("DESCRIPTION"), "First line\\nSecond line");
  EXPECT_EQ(event.value("STATUS"), "CONFIRMED");
  EXPECT_EQ(event.value("TRANSP"), "OPAQUE");
  EXPECT_EQ(event.value("X-MICROSOFT-CDO-BUSYSTATUS"), "BUSY");
  EXPECT_EQ(event.value("CLASS"), "PUBLIC");
  EXPECT_EQ(event.value("PRIORITY"), "5");
  EXPECT_EQ(event.value("ORGANIZER"), "mailto:ann@example.org");
  EXPECT_EQ(event.property("ORGANIZER").parameters.at("CN"), "Ann");
  const auto attendee = event.property("ATTENDEE");
  EXPECT_EQ(attendee.value, "mailto:bob@example.net");
  EXPECT_EQ(attendee.parameters.at("ROLE"), "REQ-PARTICIPANT");
  EXPECT_EQ(attendee.parameters.at("PARTSTAT"), "NEEDS-ACTION");
  EXPECT_EQ(attendee.parameters.at("RSVP"), "TRUE");
  EXPECT_FALSE(event.has("RECURRENCE-ID"));
}

TEST(Calendar, IsTheLastOfTheAlternatives) {
  auto message = meeting();
  const auto is_outline = [&message](std::string_view expected) {
    EXPECT_THAT(outline(compose(message, fixed_options())), testing::StartsWith(expected));
  };
  is_outline("multipart/alternative\n  text/plain 7bit 25\n  text/calendar 7bit");
  set_html(message, "<p>Hello</p>");
  message.attachments.push_back(
      mapi::make_attachment("a.txt", mapi::Content::from_text("a"), "text/plain"));
  is_outline(
      "multipart/mixed\n  multipart/alternative\n    text/plain 7bit 25\n    text/html 7bit 14\n"
      "    text/calendar 7bit");
}

TEST(Calendar, ArrivesAsItWasWritten) {
  auto message = meeting();
  message.set(mapi::PR_BODY, "Größe");
  const auto part = parsed(composed(message))["parts"][1];
  EXPECT_EQ(part["type"], "text/calendar");
  EXPECT_EQ(part["charset"], "utf-8");
  EXPECT_EQ(parsed_lines(content(part)).parts("VEVENT").at(0).value("DESCRIPTION"), "Größe");
}

TEST(Calendar, ACancellationIsAboutTheSameMeeting) {
  const auto message = meeting("IPM.Schedule.Meeting.Canceled");
  EXPECT_EQ(calendar_of(message).value("METHOD"), "CANCEL");
  const auto event = event_of(message);
  EXPECT_EQ(event.value("UID"), uid_of_meeting());
  EXPECT_EQ(event.value("SEQUENCE"), "3");
  EXPECT_EQ(event.value("STATUS"), "CANCELLED");
  EXPECT_EQ(event.value("ATTENDEE"), "mailto:bob@example.net");
  EXPECT_FALSE(event.property("ATTENDEE").parameters.contains("RSVP"));
}

TEST(Calendar, AnAnswerHasOneAttendeeAndGoesToTheOrganizer) {
  const std::vector<std::pair<std::string, std::string>> answers{
      {"Pos", "ACCEPTED"}, {"Neg", "DECLINED"}, {"Tent", "TENTATIVE"}};
  for (const auto& [suffix, participation] : answers) {
    auto message = meeting("IPM.Schedule.Meeting.Resp." + suffix);
    message.recipients.push_back(
        mapi::make_recipient(mapi::RecipientType::cc, "other@example.net"));
    EXPECT_EQ(calendar_of(message).value("METHOD"), "REPLY");
    const auto event = event_of(message);
    EXPECT_EQ(event.value("ORGANIZER"), "mailto:bob@example.net");
    EXPECT_EQ(event.value("ATTENDEE"), "mailto:ann@example.org");
    EXPECT_EQ(event.property("ATTENDEE").parameters.at("PARTSTAT"), participation);
    EXPECT_EQ(event.value("UID"), uid_of_meeting());
    EXPECT_FALSE(event.has("STATUS"));
  }
}

TEST(Calendar, ACounterProposalHasTheProposedTime) {
  auto message = meeting("IPM.Schedule.Meeting.Resp.Tent");
  message.set(named(mapi::PSETID_Appointment, 0x8257), true);
  message.set(named(mapi::PSETID_Appointment, 0x8250), utc(2024, 6, 2, 8));
  message.set(named(mapi::PSETID_Appointment, 0x8251), utc(2024, 6, 2, 10));
  EXPECT_EQ(calendar_of(message).value("METHOD"), "COUNTER");
  EXPECT_EQ(event_of(message).value("DTSTART"), "20240602T080000Z");
  EXPECT_EQ(event_of(message).value("DTEND"), "20240602T100000Z");
}

TEST(Calendar, AMeetingMadeElsewhereKeepsItsId) {
  auto message = meeting();
  auto id = global_object_id();
  id.resize(40);
  const auto foreign = BlobWriter()
                           .octets(std::string("vCal-Uid\1\0\0\0", 12))
                           .octets(std::string("a;b@example.com\0rest", 20))
                           .blob();
  id.insert(id.end(), foreign.begin(), foreign.end());
  message.set(named(mapi::PSETID_Meeting, 0x0023), id);
  EXPECT_EQ(unescaped(event_of(message).value("UID")), "a;b@example.com");
}

TEST(Calendar, OneOccurrenceHasTheIdOfItsSeries) {
  auto message = meeting();
  auto id = global_object_id();
  id[16] = std::byte{0x07};
  id[17] = std::byte{0xE8};
  id[18] = std::byte{6};
  id[19] = std::byte{3};
  message.erase(named(mapi::PSETID_Meeting, 0x0023));
  message.set(named(mapi::PSETID_Meeting, 0x0003), id);
  EXPECT_EQ(event_of(message).value("UID"), uid_of_meeting());
  EXPECT_EQ(event_of(message).value("RECURRENCE-ID"), "20240603T080000Z");
  message.set(named(mapi::PSETID_Meeting, 0x000E), std::int32_t{7 * 4096 + 30 * 64});
  EXPECT_EQ(event_of(message).value("RECURRENCE-ID"), "20240603T073000Z");
  message.set(named(mapi::PSETID_Appointment, 0x8228), utc(2024, 6, 3, 6));
  EXPECT_EQ(event_of(message).value("RECURRENCE-ID"), "20240603T060000Z");
}

TEST(Calendar, AnAppointmentWithoutAnIdGetsTheSameEachTime) {
  auto message = meeting("IPM.Appointment");
  message.erase(named(mapi::PSETID_Meeting, 0x0023));
  const auto uid = event_of(message).value("UID");
  EXPECT_THAT(uid, Not(IsEmpty()));
  EXPECT_EQ(event_of(message).value("UID"), uid);
  message.set(mapi::PR_MESSAGE_CLASS, "IPM.Schedule.Meeting.Request");
  EXPECT_THAT(sentences(compose(message, fixed_options()).losses), ElementsAre(HasSubstr("no id")));
}

TEST(Calendar, AnAppointmentIsPublishedWithThoseWhoAreInvitedToIt) {
  auto message = meeting("IPM.Appointment");
  EXPECT_EQ(calendar_of(message).value("METHOD"), "PUBLISH");
  EXPECT_FALSE(event_of(message).has("ATTENDEE")) << "who gets the mail is not invited by it";
  message.set(named(mapi::PSETID_Appointment, 0x8217), std::int32_t{1});
  message.recipients.front().set(std::uint16_t{0x5FFF}, std::int32_t{3});
  EXPECT_EQ(event_of(message).property("ATTENDEE").parameters.at("PARTSTAT"), "ACCEPTED");
  message.set(named(mapi::PSETID_Appointment, 0x8217), std::int32_t{5});
  EXPECT_EQ(event_of(message).value("STATUS"), "CANCELLED");
}

TEST(Calendar, ParticipantsHaveRoles) {
  auto message = meeting();
  auto organizer = mapi::make_recipient(mapi::RecipientType::to, "ann@example.org");
  organizer.set(std::uint16_t{0x5FFD}, std::int32_t{3});
  message.recipients.push_back(organizer);
  message.recipients.push_back(mapi::make_recipient(mapi::RecipientType::cc, "c@example.net"));
  message.recipients.push_back(mapi::make_recipient(mapi::RecipientType::bcc, "r@example.net"));
  mapi::Recipient nameless;
  nameless.set(mapi::PR_RECIPIENT_TYPE, 1);
  nameless.set(mapi::PR_DISPLAY_NAME, "Nobody");
  message.recipients.push_back(nameless);
  const auto attendees = event_of(message).all("ATTENDEE");
  ASSERT_EQ(attendees.size(), 3U);
  EXPECT_EQ(attendees[1].parameters.at("ROLE"), "OPT-PARTICIPANT");
  EXPECT_EQ(attendees[2].parameters.at("ROLE"), "NON-PARTICIPANT");
  EXPECT_EQ(attendees[2].parameters.at("CUTYPE"), "RESOURCE");
  EXPECT_THAT(sentences(compose(message, fixed_options()).losses),
              testing::Contains(HasSubstr("'Nobody' has no address and is left out")));
}

TEST(Calendar, AddressesAreUris) {
  auto message = meeting();
  message.recipients = {
      mapi::make_recipient(mapi::RecipientType::to, "\"a..b\"@example.net", "B \"x\"; y: z")};
  const auto attendee = event_of(message).property("ATTENDEE");
  EXPECT_EQ(attendee.value, "mailto:%22a..b%22@example.net");
  EXPECT_EQ(attendee.parameters.at("CN"), "B 'x'; y: z");
}

TEST(Calendar, TimesStandInTheZoneThatIsStored) {
  auto message = meeting();
  message.set(named(mapi::PSETID_Appointment, 0x825E), ZoneBlob().definition());
  EXPECT_EQ(event_of(message).value("DTSTART"), "20240601T100000");
  EXPECT_EQ(event_of(message).property("DTSTART").parameters.at("TZID"), "W. Europe Standard Time");
  message.set(named(mapi::PSETID_Appointment, 0x820D), utc(2024, 1, 15, 8));
  EXPECT_EQ(event_of(message).value("DTSTART"), "20240115T090000");
  const auto zone = calendar_of(message).parts("VTIMEZONE").at(0);
  EXPECT_EQ(zone.value("TZID"), "W. Europe Standard Time");
  const auto summer = zone.parts("DAYLIGHT").at(0);
  EXPECT_EQ(summer.value("DTSTART"), "16010325T020000");
  EXPECT_EQ(summer.value("RRULE"), "FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3");
  EXPECT_EQ(summer.value("TZOFFSETFROM"), "+0100");
  EXPECT_EQ(summer.value("TZOFFSETTO"), "+0200");
  const auto winter = zone.parts("STANDARD").at(0);
  EXPECT_EQ(winter.value("RRULE"), "FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10");
  EXPECT_EQ(winter.value("TZOFFSETTO"), "+0100");
}

TEST(Calendar, AZoneOfHalfHoursWithoutSummerTime) {
  auto message = meeting();
  message.set(named(mapi::PSETID_Appointment, 0x8233), ZoneBlob{"", -330, 0, {}, {}}.structure());
  message.set(named(mapi::PSETID_Appointment, 0x8234), std::string("India; Standard"));
  EXPECT_EQ(event_of(message).value("DTSTART"), "20240601T133000");
  const auto zone = calendar_of(message).parts("VTIMEZONE").at(0);
  EXPECT_EQ(zone.value("TZID"), "India Standard");
  EXPECT_EQ(zone.parts("STANDARD").at(0).value("TZOFFSETTO"), "+0530");
  EXPECT_TRUE(zone.parts("DAYLIGHT").empty());
}

TEST(Calendar, WholeDaysAreDatesOfTheZone) {
  auto message = meeting();
  message.set(named(mapi::PSETID_Appointment, 0x8215), true);
  message.set(named(mapi::PSETID_Appointment, 0x820D), utc(2024, 5, 31, 22));
  message.set(named(mapi::PSETID_Appointment, 0x820E), utc(2024, 6, 2, 22));
  const auto expect_days = [&message] {
    const auto event = event_of(message);
    EXPECT_EQ(event.value("DTSTART"), "20240601");
    EXPECT_EQ(event.property("DTSTART").parameters.at("VALUE"), "DATE");
    EXPECT_EQ(event.value("DTEND"), "20240603");
    EXPECT_TRUE(calendar_of(message).parts("VTIMEZONE").empty());
  };
  expect_days();  // guessed, since no zone is stored
  EXPECT_THAT(sentences(compose(message, fixed_options()).losses),
              ElementsAre(HasSubstr("UTC+0200")));
  message.set(named(mapi::PSETID_Appointment, 0x825E), ZoneBlob().definition());
  expect_days();
  EXPECT_THAT(sentences(compose(message, fixed_options()).losses), IsEmpty());
}

TEST(Calendar, AReminderIsAnAlarm) {
  auto message = meeting();
  message.set(named(mapi::PSETID_Common, 0x8501), std::int32_t{30});
  EXPECT_TRUE(event_of(message).components.empty());
  message.set(named(mapi::PSETID_Common, 0x8503), true);
  const auto trigger = [&message] {
    return event_of(message).parts("VALARM").at(0).value("TRIGGER");
  };
  EXPECT_EQ(trigger(), "-PT30M");
  message.set(named(mapi::PSETID_Common, 0x8501), std::int32_t{0x5AE980E1});
  EXPECT_EQ(trigger(), "-PT15M") << "Outlook's value for the usual";
  message.set(mapi::PR_MESSAGE_CLASS, "IPM.Schedule.Meeting.Canceled");
  EXPECT_TRUE(event_of(message).components.empty());
}

TEST(Calendar, StandingAndCategories) {
  auto message = meeting();
  message.set(mapi::PR_SENSITIVITY, 3);
  message.set(mapi::PR_IMPORTANCE, 2);
  message.set(named(mapi::PSETID_Appointment, 0x8205), std::int32_t{0});
  message.set(mapi::PropertyName{mapi::PS_PUBLIC_STRINGS, std::string("Keywords")},
              std::vector<std::string>{"Red, green", "Blue"});
  const auto event = event_of(message);
  EXPECT_EQ(event.value("CLASS"), "CONFIDENTIAL");
  EXPECT_EQ(event.value("PRIORITY"), "1");
  EXPECT_EQ(event.value("TRANSP"), "TRANSPARENT");
  EXPECT_EQ(event.value("CATEGORIES"), "Red\\, green,Blue");
}

TEST(Calendar, NoTextMakesALineOfItsOwn) {
  for (const std::string end : {"\r", "\n", "\r\n", "\xE2\x80\xA8", "\x0B", "\xC2\x85"}) {
    const auto bad = "x" + end + "X-INJECTED:yes" + end + "END:VEVENT";
    auto message = meeting();
    message.set(mapi::PR_SUBJECT, bad);
    message.set(mapi::PR_BODY, bad);
    message.set(named(mapi::PSETID_Appointment, 0x8208), bad);
    message.set(named(mapi::PSETID_Appointment, 0x8234), bad);
    message.set(named(mapi::PSETID_Appointment, 0x8233), ZoneBlob().structure());
    message.set(mapi::PropertyName{mapi::PS_PUBLIC_STRINGS, std::string("Keywords")},
                std::vector<std::string>{bad});
    message.recipients.front().set(mapi::PR_DISPLAY_NAME, bad);
    mapi::set_address(message, mapi::sent_representing_group, "ann@example.org", bad);
    auto id = global_object_id();
    id.resize(40);
    const auto foreign =
        BlobWriter().octets(std::string("vCal-Uid\1\0\0\0", 12)).octets(bad).blob();
    id.insert(id.end(), foreign.begin(), foreign.end());
    message.set(named(mapi::PSETID_Meeting, 0x0023), id);
    const auto event = event_of(message);
    EXPECT_FALSE(event.has("X-INJECTED"));
    EXPECT_THAT(unescaped(event.value("DESCRIPTION")), HasSubstr("\nX-INJECTED:yes"));
  }
}

TEST(Calendar, LongTextIsFoldedBetweenCharacters) {
  std::string text;
  for (int i = 0; i < 100; ++i) text += "ä€😀,";
  auto message = meeting();
  message.set(mapi::PR_BODY, text);
  EXPECT_EQ(unescaped(event_of(message).value("DESCRIPTION")), text);
}

TEST(Calendar, AMessageWithoutABodyIsNotEmpty) {
  auto message = meeting("IPM.Appointment");
  message.set(mapi::PR_BODY, " \r\n");
  const auto mail = parsed(composed(message));
  EXPECT_EQ(content(mail["parts"][0]),
            "What: Lunch; with, friends\r\nWhen: 2024-06-01 08:00 to 09:00 (UTC)\r\n"
            "Where: Room 1\r\n");
  message.erase(named(mapi::PSETID_Appointment, 0x820D));
  EXPECT_THAT(content(parsed(composed(message))), HasSubstr("without a date"));
  EXPECT_THAT(sentences(compose(message, fixed_options()).losses),
              ElementsAre(HasSubstr("no time")));
}

TEST(Calendar, AnAttachedMeetingHasItToo) {
  mapi::Message message = meeting("IPM.Note");
  message.attachments.push_back(mapi::make_attachment(meeting()));
  EXPECT_EQ(event_of(message).value("UID"), uid_of_meeting());
}

TEST(Calendar, AnyOtherNoticeIsANoteWithAWarning) {
  const auto plan = compose(meeting("IPM.Schedule.Meeting.Notification.Forward"), fixed_options());
  EXPECT_THAT(sentences(plan.losses), ElementsAre(HasSubstr("without its calendar data")));
  EXPECT_EQ(outline(plan), "text/plain 7bit 25\n");
}

}  // namespace
}  // namespace postern::mime
