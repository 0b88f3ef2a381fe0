// Series: their rules, what is left out of them, and occurrences that were changed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mapi/property_tags.h"
#include "tests/losses.h"
#include "tests/mime/item/blob_writer.h"
#include "tests/mime/item/meeting.h"
#include "tests/mime/mail.h"

namespace postern::mime {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// Mondays at 10 in Berlin, from 3 June to 1 July 2024.
RecurrenceBlob mondays() {
  RecurrenceBlob blob;
  blob.end = 0x2021;
  blob.count = 5;
  blob.end_date = minutes_at(2024, 7, 1);
  return blob;
}

mapi::Message series(const RecurrenceBlob& blob) {
  auto message = meeting();
  message.set(named(mapi::PSETID_Appointment, 0x820D), utc(2024, 6, 3, 8));
  message.set(named(mapi::PSETID_Appointment, 0x820E), utc(2024, 6, 3, 9));
  message.set(named(mapi::PSETID_Appointment, 0x8223), true);
  message.set(named(mapi::PSETID_Appointment, 0x8216), blob.blob());
  message.set(named(mapi::PSETID_Appointment, 0x8233), ZoneBlob().structure());
  message.set(named(mapi::PSETID_Appointment, 0x8234), std::string("Berlin"));
  return message;
}

/// The occurrence of 17 June on 18 June from 12 to 13, elsewhere and under another name.
RecurrenceBlob with_change(RecurrenceBlob blob) {
  BlobWriter change;
  const auto times = [](BlobWriter& writer) {
    writer.double_word(minutes_at(2024, 6, 18, 720)).double_word(minutes_at(2024, 6, 18, 780));
    writer.double_word(minutes_at(2024, 6, 17, 600));
  };
  times(change);
  change.word(0x0001 | 0x0010 | 0x0020);
  change.word(4).word(3).octets("old").word(4).word(3).octets("old").double_word(3);
  BlobWriter extension;
  extension.double_word(4).double_word(0).double_word(0);
  times(extension);
  extension.wide("Größer").wide("Garten").double_word(0);
  const auto text = [](const BlobWriter& writer) {
    const auto octets = writer.blob();
    return std::string(reinterpret_cast<const char*>(octets.data()), octets.size());
  };
  blob.deleted.push_back(minutes_at(2024, 6, 17));
  blob.modified.push_back(minutes_at(2024, 6, 18));
  blob.changes = 1;
  blob.changes_octets = text(change);
  blob.extension_octets = text(extension);
  return blob;
}

mapi::Message changed_occurrence() {
  mapi::Message message;
  message.set(mapi::PR_MESSAGE_CLASS, "IPM.OLE.CLASS.{00061055-0000-0000-C000-000000000046}");
  message.set(mapi::PR_BODY, "Bring chairs");
  message.set(named(mapi::PSETID_Appointment, 0x8228), utc(2024, 6, 17, 8));
  return message;
}

TEST(CalendarSeries, EndsWithItsLastStart) {
  const auto event = event_of(series(mondays()));
  EXPECT_EQ(event.value("DTSTART"), "20240603T100000");
  EXPECT_EQ(event.property("DTSTART").parameters.at("TZID"), "Berlin");
  EXPECT_EQ(event.value("RRULE"), "FREQ=WEEKLY;BYDAY=MO;WKST=MO;UNTIL=20240701T080000Z");
}

TEST(CalendarSeries, ExcludesWhatWasDeleted) {
  auto blob = mondays();
  blob.deleted = {minutes_at(2024, 6, 10), minutes_at(2024, 6, 24)};
  const auto excluded = event_of(series(blob)).all("EXDATE");
  ASSERT_EQ(excluded.size(), 2U);
  EXPECT_EQ(excluded[0].value, "20240610T100000");
  EXPECT_EQ(excluded[1].value, "20240624T100000");
  EXPECT_EQ(excluded[1].parameters.at("TZID"), "Berlin");
}

TEST(CalendarSeries, OfWholeDaysCountsInDates) {
  auto blob = mondays();
  blob.deleted = {minutes_at(2024, 6, 10)};
  blob.start_time = 0;
  blob.end_time = 1440;
  auto message = series(blob);
  message.set(named(mapi::PSETID_Appointment, 0x8215), true);
  message.set(named(mapi::PSETID_Appointment, 0x820D), utc(2024, 6, 2, 22));
  message.set(named(mapi::PSETID_Appointment, 0x820E), utc(2024, 6, 3, 22));
  const auto event = event_of(message);
  EXPECT_EQ(event.value("DTSTART"), "20240603");
  EXPECT_EQ(event.value("DTEND"), "20240604");
  EXPECT_EQ(event.value("RRULE"), "FREQ=WEEKLY;BYDAY=MO;WKST=MO;UNTIL=20240701");
  EXPECT_EQ(event.value("EXDATE"), "20240610");
}

TEST(CalendarSeries, AChangedOccurrenceIsAnEventOfItsOwn) {
  auto message = series(with_change(mondays()));
  message.attachments.push_back(mapi::make_attachment(changed_occurrence()));
  const auto plan = compose(message, fixed_options());
  EXPECT_THAT(sentences(plan.losses), IsEmpty());
  EXPECT_THAT(outline(plan), testing::Not(HasSubstr("message/rfc822")));
  const auto events = calendar_of(message).parts("VEVENT");
  ASSERT_EQ(events.size(), 2U);
  EXPECT_TRUE(events[0].has("RRULE"));
  EXPECT_FALSE(events[0].has("EXDATE")) << "it is changed, not deleted";
  const auto& changed = events[1];
  EXPECT_EQ(changed.value("UID"), events[0].value("UID"));
  EXPECT_EQ(changed.value("RECURRENCE-ID"), "20240617T100000");
  EXPECT_EQ(changed.property("RECURRENCE-ID").parameters.at("TZID"), "Berlin");
  EXPECT_EQ(changed.value("DTSTART"), "20240618T120000");
  EXPECT_EQ(changed.value("DTEND"), "20240618T130000");
  EXPECT_EQ(changed.value("SUMMARY"), "Größer");
  EXPECT_EQ(changed.value("LOCATION"), "Garten");
  EXPECT_EQ(changed.value("DESCRIPTION"), "Bring chairs");
  EXPECT_EQ(changed.value("X-MICROSOFT-CDO-BUSYSTATUS"), "OOF");
  EXPECT_EQ(changed.value("ATTENDEE"), "mailto:bob@example.net");
  EXPECT_FALSE(changed.has("RRULE"));
}

TEST(CalendarSeries, WithoutAZoneItsOwnTimesTellTheOffset) {
  auto message = series(mondays());
  message.erase(named(mapi::PSETID_Appointment, 0x8233));
  EXPECT_EQ(event_of(message).value("DTSTART"), "20240603T100000");
  EXPECT_EQ(event_of(message).property("DTSTART").parameters.at("TZID"), "UTC+0200");
  EXPECT_THAT(sentences(compose(message, fixed_options()).losses),
              ElementsAre(HasSubstr("UTC+0200")));
}

TEST(CalendarSeries, ADamagedBlobLeavesTheFirstOccurrence) {
  const auto whole = with_change(mondays()).blob();
  for (std::size_t size = 0; size < whole.size(); size += 3) {
    auto message = series(mondays());
    message.set(named(mapi::PSETID_Appointment, 0x8216),
                mapi::Binary(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)));
    message.attachments.push_back(mapi::make_attachment(changed_occurrence()));
    const auto events = calendar_of(message).parts("VEVENT");
    EXPECT_EQ(events.at(0).value("DTSTART"), "20240603T100000");
    if (events.at(0).has("RRULE")) continue;
    EXPECT_EQ(events.size(), 1U);
    EXPECT_THAT(sentences(compose(message, fixed_options()).losses),
                ElementsAre(HasSubstr("recurs cannot be read"), HasSubstr("is not sent")));
  }
}

TEST(CalendarSeries, ManyChangesOfALongTextAreBounded) {
  auto blob = mondays();
  BlobWriter changes;
  constexpr std::uint32_t count = 500;
  for (std::uint32_t i = 0; i < count; ++i) {
    const auto start = minutes_at(2024, 6, 3) + i * 7 * 1440 + 600;
    changes.double_word(start).double_word(start + 60).double_word(start).word(0);
  }
  const auto octets = changes.blob();
  blob.changes = count;
  blob.changes_octets = std::string(reinterpret_cast<const char*>(octets.data()), octets.size());
  blob.extension_octets = std::string(count * 8, '\0');
  auto message = series(blob);
  message.set(mapi::PR_BODY, std::string(100'000, 'x'));
  const auto plan = compose(message, fixed_options());
  EXPECT_THAT(sentences(plan.losses), ElementsAre(HasSubstr("calendar would be too big")));
  EXPECT_LT(plan.size(), 6U << 20U);
}

}  // namespace
}  // namespace postern::mime
