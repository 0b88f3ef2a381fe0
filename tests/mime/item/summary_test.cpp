// What lists, tasks, journal entries and voting options become in the text.
#include "mime/summary/summary.h"

#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mapi/address.h"
#include "mapi/property_tags.h"
#include "tests/mime/item/blob_writer.h"
#include "tests/mime/item/meeting.h"
#include "tests/mime/mail.h"

namespace postern::mime {
namespace {

using testing::HasSubstr;

mapi::Message object(std::string_view message_class) {
  auto message = simple_message();
  message.set(mapi::PR_MESSAGE_CLASS, std::string(message_class));
  return message;
}

std::string text_of(const mapi::Message& message) {
  return content(parsed(composed(message)));
}

mapi::Binary one_off(std::string_view name, std::string_view address) {
  return mapi::make_one_off({std::string(name), "SMTP", std::string(address)}).bytes;
}

TEST(Summary, AListNamesItsMembers) {
  auto list = object("IPM.DistList");
  list.set(named(mapi::PSETID_Address, 0x8053), std::string("Friends"));
  list.set(named(mapi::PSETID_Address, 0x8055),
           std::vector<mapi::Binary>{{}, one_off("Bob", "bob@example.net"), {}});
  list.set(named(mapi::PSETID_Address, 0x8054),
           std::vector<mapi::Binary>{one_off("Ann", "ann@example.org"), {}});
  const std::string members =
      "Distribution list: Friends\r\nMembers:\r\n  Ann <ann@example.org>\r\n"
      "  Bob <bob@example.net>\r\n  (a member whose name is not stored)\r\n";
  EXPECT_EQ(text_of(list), "Text\r\n\r\n" + members);
  list.set(mapi::PR_BODY, "");
  EXPECT_EQ(text_of(list), members);
}

TEST(Summary, AListsStreamIsReadAsFarAsItGoes) {
  BlobWriter stream;
  stream.octets(std::string(12, '\0')).double_word(0xFFFFFFFF).octets(std::string(12, '\0'));
  const auto entry = one_off("Ann", "ann@example.org");
  stream.double_word(0).double_word(static_cast<std::uint32_t>(entry.size()));
  auto octets = stream.blob();
  octets.insert(octets.end(), entry.begin(), entry.end());
  const auto tail = BlobWriter().double_word(0).double_word(0xFFFFFFFF).octets("x").blob();
  octets.insert(octets.end(), tail.begin(), tail.end());
  auto list = object("IPM.DistList");
  list.set(named(mapi::PSETID_Address, 0x8064), octets);
  EXPECT_EQ(list_summary(list), "Distribution list\r\nMembers:\r\n  Ann <ann@example.org>\r\n");
}

TEST(Summary, ATaskSaysHowFarItIs) {
  auto task = object("IPM.Task");
  task.set(named(mapi::PSETID_Task, 0x8101), std::int32_t{1});
  task.set(named(mapi::PSETID_Task, 0x8102), 0.25);
  task.set(named(mapi::PSETID_Task, 0x8104), utc(2024, 6, 1));
  task.set(named(mapi::PSETID_Task, 0x8105), utc(2024, 6, 9, 22));
  task.set(named(mapi::PSETID_Task, 0x811F), std::string("Ann\r\nX"));
  EXPECT_EQ(task_summary(task),
            "Task: Subject\r\nStatus: In progress\r\nComplete: 25%\r\nStart: 2024-06-01\r\n"
            "Due: 2024-06-10\r\nOwner: Ann X\r\n");
  EXPECT_THAT(text_of(task), HasSubstr("Text\r\n\r\nTask: Subject\r\n"));
  task.set(named(mapi::PSETID_Task, 0x8101), std::int32_t{-5});
  task.set(named(mapi::PSETID_Task, 0x8102), std::numeric_limits<double>::quiet_NaN());
  task.set(named(mapi::PSETID_Task, 0x8105), mapi::FileTime{0x0CB34557A3DD4000});
  EXPECT_EQ(task_summary(task), "Task: Subject\r\nStart: 2024-06-01\r\nOwner: Ann X\r\n");
}

TEST(Summary, AJournalEntrySaysWhen) {
  const mapi::Guid log{{0x0A, 0x20, 0x06, 0, 0, 0, 0, 0, 0xC0, 0, 0, 0, 0, 0, 0, 0x46}};
  auto entry = object("IPM.Activity");
  entry.set(named(log, 0x8712), std::string("Phone call"));
  entry.set(named(log, 0x8706), utc(2024, 6, 1, 8, 30));
  EXPECT_EQ(journal_summary(entry),
            "Journal entry: Phone call\r\nSubject: Subject\r\nStart: 2024-06-01 08:30 UTC\r\n");
  auto old = object("IPM.Activity");
  old.set(named(log, 0x8700), std::string("Fax"));
  EXPECT_EQ(journal_summary(old), "Journal entry: Fax\r\nSubject: Subject\r\n");
}

void add_verb(BlobWriter& writer, std::uint32_t type, const std::string& name) {
  const auto size = static_cast<unsigned>(name.size());
  writer.double_word(type).octet(size).octets(name).octet(8).octets("IPM.Note").octet(0);
  writer.octet(size).octets(name).octets(std::string(29, '\0'));
}

/// Reply, and two options in page 1252 and, if `is_wide`, in Unicode.
mapi::Binary verbs(bool is_wide) {
  BlobWriter writer;
  writer.word(0x0102).double_word(3);
  add_verb(writer, 0, "Reply");
  add_verb(writer, 4, "Ja");
  add_verb(writer, 4, "Unm\xF6glich");
  if (!is_wide) return writer.blob();
  writer.word(0x0104);
  for (const std::string name : {"Reply", "Ja", "Unmöglich"}) {
    const auto encoded = mapi::to_utf16le(name);
    const std::string octets(reinterpret_cast<const char*>(encoded.data()), encoded.size());
    for (int i = 0; i < 2; ++i) {
      writer.octet(static_cast<unsigned>(octets.size() / 2)).octets(octets);
    }
  }
  return writer.blob();
}

TEST(Summary, VotingOptionsStandInTheText) {
  auto note = object("IPM.Note");
  for (const bool is_wide : {true, false}) {
    note.set(named(mapi::PSETID_Common, 0x8520), verbs(is_wide));
    EXPECT_EQ(voting_summary(note), "Voting options: Ja; Unmöglich\r\n");
  }
  set_html(note, "<p>Text</p>");
  const auto mail = parsed(composed(note));
  EXPECT_EQ(content(mail["parts"][0]), "Text\r\n\r\nVoting options: Ja; Unmöglich\r\n");
  EXPECT_EQ(content(mail["parts"][1]), "<p>Text</p><p>Voting options: Ja; Unmöglich</p>\r\n");
  const auto whole = verbs(true);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    note.set(named(mapi::PSETID_Common, 0x8520),
             mapi::Binary(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)));
    voting_summary(note);
  }
}

}  // namespace
}  // namespace postern::mime
