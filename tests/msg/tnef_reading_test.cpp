// Messages out of streams of TNEF made by hand, sound ones and damaged ones.
#include <map>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mapi/property_tags.h"
#include "msg/tnef_file.h"
#include "tests/losses.h"
#include "tests/msg/test_support.h"
#include "tests/msg/tnef_stream.h"

namespace postern::msg {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using namespace test;
using mapi::Guid;
using mapi::PropertyType;

constexpr std::uint16_t many = mapi::multi_valued_flag;

ReadResult result_of(const TnefStream& stream) {
  return read_tnef(stream.content());
}

TnefStream with_properties(std::uint32_t count, const TnefOctets& properties) {
  return TnefStream().attribute(Attribute::message_properties, property_list(count, properties));
}

std::string object(const Guid& interface, std::string_view data) {
  return property_list(
      1, TnefOctets().value(0x3701, 0x000D, TnefOctets().guid(interface).octets(data).text()));
}

TEST(TnefReading, EveryTypeOfValue) {
  const Guid guid{{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}};
  TnefOctets list;
  list.tag(0x6801, 0x0002).number(0xFFFE, 2).number(0x7777, 2);
  list.int32(0x6802, 7);
  list.tag(0x6803, 0x000B).number(1, 4);
  list.tag(0x6804, 0x0014).number(1ULL << 40U, 8);
  list.tag(0x6805, 0x0040).number(77, 8);
  list.tag(0x6806, 0x0048).guid(guid);
  list.tag(0x6807, 0x0006).number(25000, 8);
  list.value(0x6808, 0x001F, utf16("žluťoučký"));
  list.value(0x6809, 0x0102, "abcde");
  list.tag(0x680A, 0x000A).number(0x8004010F, 4);
  const auto result = result_of(with_properties(10, list));
  EXPECT_THAT(result.losses, IsEmpty());
  const auto value = [&](std::uint16_t id) { return *result.message.find(id); };
  EXPECT_EQ(value(0x6801), mapi::PropertyValue(std::int16_t{-2}));
  EXPECT_EQ(value(0x6802), mapi::PropertyValue(7));
  EXPECT_EQ(value(0x6803), mapi::PropertyValue(true));
  EXPECT_EQ(value(0x6804), mapi::PropertyValue(std::int64_t{1} << 40U));
  EXPECT_EQ(value(0x6805), mapi::PropertyValue(mapi::FileTime{77}));
  EXPECT_EQ(value(0x6806), mapi::PropertyValue(guid));
  EXPECT_EQ(value(0x6807), mapi::PropertyValue(mapi::Currency{25000}));
  EXPECT_EQ(value(0x6808), mapi::PropertyValue(std::string("žluťoučký")));
  EXPECT_EQ(value(0x6809), mapi::PropertyValue(binary("abcde")));
  EXPECT_EQ(value(0x680A), mapi::PropertyValue(mapi::PropertyError{0x8004010F}));
}

TEST(TnefReading, Lists) {
  TnefOctets list;
  list.tag(0x6801, 0x0002 | many).number(2, 4).number(5, 4).number(6, 4);
  list.tag(0x6802, 0x0014 | many).number(2, 4).number(8, 8).number(9, 8);
  list.tag(0x6803, 0x001F | many).number(2, 4).counted(utf16("a")).counted(utf16("bc"));
  list.tag(0x6804, 0x0102 | many).number(2, 4).counted("x").counted("");
  list.tag(0x6805, 0x001E | many).number(1, 4).counted(std::string("one\0", 4));
  list.int32(0x6806, 1);
  const auto message = result_of(with_properties(6, list)).message;
  EXPECT_EQ(*message.find(0x6801), mapi::PropertyValue(std::vector<std::int16_t>{5, 6}));
  EXPECT_EQ(*message.find(0x6802), mapi::PropertyValue(std::vector<std::int64_t>{8, 9}));
  EXPECT_EQ(*message.find(0x6803), mapi::PropertyValue(std::vector<std::string>{"a", "bc"}));
  EXPECT_EQ(*message.find(0x6804), mapi::PropertyValue(std::vector<mapi::Binary>{binary("x"), {}}));
  EXPECT_EQ(*message.find(0x6805), mapi::PropertyValue(std::vector<std::string>{"one"}));
  EXPECT_EQ(*message.find(0x6806), mapi::PropertyValue(1));
}

TEST(TnefReading, NamedPropertiesByNumberAndByName) {
  TnefOctets list;
  list.tag(0x8000, 0x0003).guid(mapi::PSETID_Common).number(0, 4).number(0x8520, 4).number(3, 4);
  list.tag(0x8001, 0x001F).guid(mapi::PS_PUBLIC_STRINGS).number(1, 4).counted(utf16("Key"));
  list.number(1, 4).counted(utf16("word"));
  const auto message = result_of(with_properties(2, list)).message;
  EXPECT_EQ(*message.find({mapi::PSETID_Common, 0x8520U}), mapi::PropertyValue(3));
  EXPECT_EQ(message.get_text({mapi::PS_PUBLIC_STRINGS, "Key"}), "word");
}

TEST(TnefReading, LegacyAttributesSayWhatMapiPropertiesDoNot) {
  TnefStream stream;
  stream.attribute(Attribute::message_class, std::string("IPM.Microsoft Mail.Note\0", 24));
  stream.attribute(Attribute::subject, std::string("Old\0", 4));
  stream.attribute(Attribute::body, std::string("Text\0", 5));
  stream.attribute(Attribute::priority, TnefOctets().number(1, 2).text());
  stream.attribute(Attribute::message_id, std::string("0AfF\0", 5));
  stream.attribute(Attribute::date_sent, dtr(2004, 2, 17, 11, 25, 35));
  stream.attribute(Attribute::message_status, "\x21");
  stream.attribute(Attribute::from, TnefOctets()
                                        .number(4, 2)
                                        .number(0, 2)
                                        .number(4, 2)
                                        .number(9, 2)
                                        .octets(std::string("Ann\0SMTP:a@b\0", 13))
                                        .text());
  stream.attribute(Attribute::request_response, TnefOctets().number(1, 2).text());
  stream.attribute(Attribute::owner_appointment_id, TnefOctets().number(99, 4).text());
  const auto [message, losses] = result_of(stream);
  EXPECT_EQ(message.get(mapi::PR_MESSAGE_CLASS), "IPM.Note");
  EXPECT_EQ(message.get(mapi::PR_SUBJECT), "Old");
  EXPECT_EQ(message.get(mapi::PR_BODY), "Text");
  EXPECT_EQ(message.get(mapi::PR_IMPORTANCE), 2);
  EXPECT_EQ(message.get_or(mapi::PR_SEARCH_KEY, {}), binary("\x0A\xFF"));
  EXPECT_EQ(message.get(mapi::PR_CLIENT_SUBMIT_TIME)->unix_seconds(), 1'077'017'135);
  EXPECT_EQ(message.get(mapi::PR_MESSAGE_FLAGS), mapi::MSGFLAG_READ);
  EXPECT_EQ(message.get(mapi::PR_SENDER_NAME), "Ann");
  EXPECT_EQ(message.get(mapi::PR_SENDER_ADDRTYPE), "SMTP");
  EXPECT_EQ(message.get(mapi::PR_SENDER_EMAIL_ADDRESS), "a@b");
  EXPECT_EQ(message.get(mapi::PR_RESPONSE_REQUESTED), true);
  EXPECT_EQ(message.get(mapi::PR_OWNER_APPT_ID), 99);
  EXPECT_THAT(sentences(losses), ElementsAre(HasSubstr("UTC is assumed")));
}

TEST(TnefReading, MapiPropertiesComeFirstWhereverTheyStand) {
  TnefOctets list;
  list.value(0x0037, 0x001F, utf16("Neu")).tag(0x0039, 0x0040).number(5, 8);
  auto stream = with_properties(2, list);
  stream.attribute(Attribute::subject, std::string("Old\0", 4));
  stream.attribute(Attribute::date_sent, dtr(2004, 2, 17, 11, 25, 35));
  const auto [message, losses] = result_of(stream);
  EXPECT_EQ(message.get(mapi::PR_SUBJECT), "Neu");
  EXPECT_EQ(message.get(mapi::PR_CLIENT_SUBMIT_TIME), mapi::FileTime{5});
  EXPECT_THAT(losses, IsEmpty());
}

TEST(TnefReading, TheOwnerOfAMeetingIsItsOrganiserOrWhomTheResponseIsFor) {
  const auto owner = TnefOctets()
                         .number(4, 2)
                         .octets(std::string("Ann\0", 4))
                         .number(9, 2)
                         .octets(std::string("SMTP:a@b\0", 9));
  const auto of_class = [&](const std::string& name) {
    return result_of(TnefStream()
                         .attribute(Attribute::owner, owner.text())
                         .attribute(Attribute::message_class, name))
        .message;
  };
  const auto request = of_class("IPM.Microsoft Schedule.MtgReq");
  EXPECT_EQ(request.get(mapi::PR_MESSAGE_CLASS), "IPM.Schedule.Meeting.Request");
  EXPECT_EQ(request.get(mapi::PR_SENT_REPRESENTING_EMAIL_ADDRESS), "a@b");
  const auto response = of_class("IPM.Microsoft Schedule.MtgRespP");
  EXPECT_EQ(response.get(mapi::PR_RCVD_REPRESENTING_EMAIL_ADDRESS), "a@b");
  EXPECT_FALSE(response.get(mapi::PR_SENT_REPRESENTING_EMAIL_ADDRESS));
}

TEST(TnefReading, EightBitTextsAreInTheCodePageOfTheStream) {
  auto stream = TnefStream().code_page(1251);
  stream.attribute(Attribute::subject, "\xCF\xF0\xE8");
  stream.attribute(Attribute::message_properties,
                   property_list(1, TnefOctets().text8(0x1000, "\xEC\xE8\xF0")));
  const auto [message, losses] = result_of(stream);
  EXPECT_EQ(message.get(mapi::PR_SUBJECT), "При");
  EXPECT_EQ(message.get(mapi::PR_BODY), "мир");
  EXPECT_THAT(losses, IsEmpty());
}

TEST(TnefReading, TextsThatAreUtf8AreReadAsThat) {
  auto stream = TnefStream().code_page(1252);
  stream.attribute(Attribute::subject, "Grüße");
  const auto [message, losses] = result_of(stream);
  EXPECT_EQ(message.get(mapi::PR_SUBJECT), "Grüße");
  EXPECT_THAT(sentences(losses), ElementsAre(HasSubstr("65001")));
}

TEST(TnefReading, Recipients) {
  TnefOctets table;
  table.number(2, 4);
  table.octets(property_list(2, TnefOctets().int32(0x0C15, 1).text8(0x3001, "Ann")));
  table.octets(property_list(1, TnefOctets().text8(0x3001, "Bob")));
  const auto message =
      result_of(TnefStream().attribute(Attribute::recipient_table, table.text())).message;
  ASSERT_EQ(message.recipients.size(), 2U);
  EXPECT_EQ(message.recipients[0].get(mapi::PR_RECIPIENT_TYPE), 1);
  EXPECT_EQ(message.recipients[0].get(mapi::PR_DISPLAY_NAME), "Ann");
  EXPECT_EQ(message.recipients[1].get(mapi::PR_DISPLAY_NAME), "Bob");
}

TEST(TnefReading, AttachmentsBeginWithTheirRendering) {
  TnefStream stream;
  stream.attribute(Attribute::attach_rendering, rendering());
  stream.attribute(Attribute::attach_title, std::string("one.txt\0", 8));
  stream.attribute(Attribute::attach_data, "first");
  stream.attribute(Attribute::attach_rendering, rendering(rendered_file, rendered_mac_binary));
  stream.attribute(Attribute::attach_data, "");
  stream.attribute(Attribute::attachment,
                   property_list(2, TnefOctets().text8(0x3707, "two.bin").int32(0x3705, 1)));
  const auto [message, losses] = result_of(stream);
  ASSERT_EQ(message.attachments.size(), 2U);
  const auto& [one, two] = std::tie(message.attachments[0], message.attachments[1]);
  EXPECT_EQ(one.get(mapi::PR_ATTACH_FILENAME), "one.txt");
  EXPECT_EQ(one.get(mapi::PR_ATTACH_METHOD), 1);
  EXPECT_EQ(one.get(mapi::PR_RENDERING_POSITION), -1);
  EXPECT_EQ(text_of(one.data), "first");
  EXPECT_EQ(two.get(mapi::PR_ATTACH_LONG_FILENAME), "two.bin");
  EXPECT_NE(two.get(mapi::PR_ATTACH_ENCODING), nullptr);
  EXPECT_THAT(losses, IsEmpty());
}

TEST(TnefReading, DataMayLieInTheProperties) {
  auto stream = TnefStream().attribute(Attribute::attach_rendering, rendering());
  stream.attribute(Attribute::attachment,
                   property_list(2, TnefOctets().value(0x3701, 0x0102, "abc").text8(0x3707, "x")));
  const auto message = result_of(stream).message;
  EXPECT_EQ(text_of(message.attachments.at(0).data), "abc");
  EXPECT_EQ(message.attachments[0].get(mapi::PR_ATTACH_LONG_FILENAME), "x");
}

TEST(TnefReading, LargeDataIsASliceOfTheFile) {
  const TemporaryDirectory directory;
  const auto path = directory.path() / "winmail.dat";
  std::string data;
  while (data.size() < 200'000) data += "line " + std::to_string(data.size()) + "\n";
  auto stream = TnefStream().attribute(Attribute::attach_rendering, rendering());
  stream.attribute(Attribute::attach_data, data);
  std::ofstream(path, std::ios::binary) << stream.text();
  const auto message = read_tnef(mapi::Content::from_file(path)).message;
  EXPECT_EQ(text_of(message.attachments.at(0).data), data);
  std::filesystem::remove(path);
  EXPECT_THROW(text_of(message.attachments[0].data), mapi::Failure);
}

TEST(TnefReading, EmbeddedMessagesAreStreamsOfTheirOwn) {
  auto inner = TnefStream().code_page(1253);
  inner.attribute(Attribute::subject, "\xC1\xE2");
  auto stream = TnefStream().code_page(1252).attribute(Attribute::attach_rendering, rendering());
  stream.attribute(Attribute::attach_data, "for old programs");
  stream.attribute(Attribute::attachment, object(message_interface, inner.text()));
  stream.attribute(Attribute::subject, "Outer");
  const auto [message, losses] = result_of(stream);
  ASSERT_NE(message.attachments.at(0).embedded, nullptr);
  EXPECT_EQ(message.attachments[0].embedded->get(mapi::PR_SUBJECT), "Αβ");
  EXPECT_EQ(message.attachments[0].get(mapi::PR_ATTACH_METHOD), 5);
  EXPECT_EQ(message.attachments[0].data.size(), 0U);
  EXPECT_EQ(message.get(mapi::PR_SUBJECT), "Outer");
  EXPECT_THAT(losses, IsEmpty());
}

TEST(TnefReading, AnEmbeddedMessageWithoutACodePageHasThatOfItsParent) {
  const auto inner = TnefStream().attribute(Attribute::subject, "\xC1\xE2");
  auto stream = TnefStream().code_page(1253).attribute(Attribute::attach_rendering, rendering());
  stream.attribute(Attribute::attachment, object(message_interface, inner.text()));
  const auto message = result_of(stream).message;
  EXPECT_EQ(message.attachments.at(0).embedded->get(mapi::PR_SUBJECT), "Αβ");
}

TEST(TnefReading, OleObjectsAreFilesOfTheirOwn) {
  auto stream = TnefStream().attribute(Attribute::attach_rendering, rendering(rendered_ole_object));
  stream.attribute(Attribute::attachment, object(storage_interface, "\xD0\xCF\x11\xE0"));
  const auto message = result_of(stream).message;
  EXPECT_EQ(text_of(message.attachments.at(0).data), "\xD0\xCF\x11\xE0");
  EXPECT_EQ(message.attachments[0].get(mapi::PR_ATTACH_METHOD), 6);
}

TEST(TnefReading, AnObjectThatIsNoMessageIsAFile) {
  auto stream = TnefStream().attribute(Attribute::attach_rendering, rendering());
  stream.attribute(Attribute::attachment, object(mapi::office_property_set(0x0C), "stream"));
  const auto message = result_of(stream).message;
  EXPECT_EQ(text_of(message.attachments.at(0).data), "stream");
  EXPECT_EQ(message.attachments[0].get(mapi::PR_ATTACH_METHOD), 1);
}

TEST(TnefReading, TypesMayBeMissingInTheIds) {
  TnefStream stream;
  stream.attribute(0x9002, "").attribute(0x800F, "data").attribute(0x8004, "S");
  const auto message = result_of(stream).message;
  EXPECT_EQ(text_of(message.attachments.at(0).data), "data");
  EXPECT_EQ(message.get(mapi::PR_SUBJECT), "S");
}

TEST(TnefReading, AWrongChecksumIsAWarning) {
  const auto stream = TnefStream().attribute(0x00018004, "Subject", 1);
  const auto [message, losses] = result_of(stream);
  EXPECT_EQ(message.get(mapi::PR_SUBJECT), "Subject");
  EXPECT_THAT(sentences(losses), ElementsAre(HasSubstr("00018004 has a wrong checksum")));
}

TEST(TnefReading, GarbageAtTheEndIsAWarning) {
  const auto stream = TnefStream().attribute(Attribute::subject, "Subject").octets("garbage");
  const auto [message, losses] = result_of(stream);
  EXPECT_EQ(message.get(mapi::PR_SUBJECT), "Subject");
  EXPECT_THAT(sentences(losses), ElementsAre(HasSubstr("no attribute")));
}

TEST(TnefReading, ADamagedListKeepsWhatCameBefore) {
  TnefOctets list;
  list.text8(0x0037, "Gr\xFC\xDF").tag(0x6801, 0x0777).number(1, 4);
  auto stream = TnefStream().code_page(1252);
  stream.attribute(Attribute::message_properties, property_list(9, list));
  stream.attribute(Attribute::body, "Body");
  const auto [message, losses] = result_of(stream);
  EXPECT_EQ(message.get(mapi::PR_SUBJECT), "Grüß");
  EXPECT_EQ(message.get(mapi::PR_BODY), "Body");
  EXPECT_THAT(sentences(losses), ElementsAre(HasSubstr("68010777 has an unknown type")));
}

TEST(TnefReading, DamageInAnEmbeddedMessageDoesNotReachItsParent) {
  auto stream = TnefStream().attribute(Attribute::attach_rendering, rendering());
  stream.attribute(Attribute::attachment, object(message_interface, "no stream at all"));
  stream.attribute(Attribute::subject, "Outer");
  const auto [message, losses] = result_of(stream);
  EXPECT_EQ(message.get(mapi::PR_SUBJECT), "Outer");
  EXPECT_THAT(sentences(losses),
              Contains(HasSubstr("attachment 1: the embedded message is damaged")));
}

TEST(TnefReading, EveryTruncationEnds) {
  auto inner = TnefStream().attribute(Attribute::subject, "Inner");
  auto stream = TnefStream().attribute(Attribute::subject, "Outer");
  stream.attribute(Attribute::attach_rendering, rendering());
  stream.attribute(Attribute::attachment, object(message_interface, inner.text()));
  for (std::size_t size = 0; size < stream.text().size(); ++size) {
    const auto part = mapi::Content::from_text(std::string_view(stream.text()).substr(0, size));
    if (size < 6 + 9 + 5) {  // the checksum may be missing
      EXPECT_THROW(read_tnef(part), mapi::Failure) << size;
    } else {
      EXPECT_EQ(read_tnef(part).message.get(mapi::PR_SUBJECT), "Outer") << size;
    }
  }
}

TEST(TnefReading, LengthsAndCountsThatLieCostNothing) {
  TnefOctets list;
  list.tag(0x6801, 0x0003 | many).number(0xFFFFFFFF, 4);
  EXPECT_THROW(result_of(with_properties(0xFFFFFFFF, list)), mapi::Failure);
  const auto longer = TnefStream().octets("\x01").octets(
      TnefOctets().number(0x00018004, 4).number(0xFFFFFFFF, 4).octets("x").text());
  EXPECT_THROW(result_of(longer), mapi::Failure);
}

TEST(TnefReading, ManyValuesOfLittleSizeAreTooComplex) {
  TnefOctets table;
  table.number(1'000'001, 4);
  for (int i = 0; i < 1'000'001; ++i) table.number(0, 4);
  const auto stream = TnefStream().attribute(Attribute::recipient_table, table.text());
  EXPECT_EQ(failure_of([&] { result_of(stream); }).code(), mapi::MAPI_E_TOO_COMPLEX);
}

TEST(TnefReading, VeryManyAttachmentsAreTooComplex) {
  TnefStream stream;
  for (int i = 0; i < 10'000; ++i) stream.attribute(Attribute::attach_rendering, rendering());
  EXPECT_EQ(result_of(stream).message.attachments.size(), 10'000U);
  stream.attribute(Attribute::attach_rendering, rendering());
  EXPECT_EQ(failure_of([&] { result_of(stream); }).code(), mapi::MAPI_E_TOO_COMPLEX);
}

TEST(TnefReading, DeepNestingIsTooComplex) {
  const auto nested = [](int levels) {
    auto stream = TnefStream().attribute(Attribute::subject, "Innermost");
    for (int i = 0; i < levels; ++i) {
      auto outer = TnefStream().attribute(Attribute::attach_rendering, rendering());
      outer.attribute(Attribute::attachment, object(message_interface, stream.text()));
      stream = outer;
    }
    return stream;
  };
  EXPECT_EQ(result_of(nested(32)).message.attachments.size(), 1U);
  EXPECT_EQ(failure_of([&] { result_of(nested(33)); }).code(), mapi::MAPI_E_TOO_COMPLEX);
}

TEST(TnefReading, WhatIsNoTnefIsRefused) {
  for (const auto* const octets : {"", "x", "From: a@b\r\n\r\nhello"}) {
    EXPECT_EQ(failure_of([&] { read_tnef(mapi::Content::from_text(octets)); }).code(),
              mapi::MAPI_E_CORRUPT_DATA);
  }
}

TEST(TnefReading, WhatCannotBeReadAsCharactersIsToldOf) {
  const auto [message, losses] = result_of(
      with_properties(1, TnefOctets().value(0x0037, 0x001F, std::string("a\0\0\xD8\0\0", 6))));
  EXPECT_EQ(message.get(mapi::PR_SUBJECT), "a\xEF\xBF\xBD");
  EXPECT_THAT(sentences(losses), ElementsAre(HasSubstr("U+FFFD stands in its place")));
}

TEST(TnefReading, AnAttachmentWithoutItsDataIsToldOf) {
  auto stream = TnefStream().attribute(Attribute::attach_rendering, rendering());
  stream.attribute(Attribute::attachment, property_list(1, TnefOctets().int32(0x3705, 1)));
  EXPECT_THAT(sentences(result_of(stream).losses),
              ElementsAre("attachment 1: the data is missing"));
}

TEST(TnefReading, EachPlaceThatTellsALossIsTestedHere) {
  // Checksums, guessed zones, what is missing; replaced characters in lists. Damage is told in
  // message/losses.h, as that of .msg files.
  const std::map<std::string, std::size_t> tested{{"list_reader.cpp", 1}, {"reader.cpp", 3}};
  EXPECT_EQ(places_that_tell("src/msg/tnef"), tested);
}

}  // namespace
}  // namespace postern::msg
