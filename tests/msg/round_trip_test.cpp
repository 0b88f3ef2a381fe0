// What is written is what is read back.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mapi/code_page.h"
#include "msg/compound/compound_file.h"
#include "msg/compound_streams.h"
#include "tests/losses.h"
#include "tests/msg/hand_made_file.h"
#include "tests/msg/test_support.h"

namespace postern::msg {
namespace {

using mapi::Message;
using mapi::PropertyValue;
using test::note;
using test::with_support_mask;

class RoundTrip : public testing::Test {
 protected:
  Message again(const Message& message, StringType strings = StringType::unicode) {
    write(message, path_, {strings});
    auto result = read(path_);
    EXPECT_TRUE(result.losses.empty()) << result.losses.front().sentence;
    return std::move(result.message);
  }

  test::TemporaryDirectory directory_;
  std::filesystem::path path_ = directory_ / "message.msg";
};

/// One value of each type there is.
std::vector<PropertyValue> one_of_each_type() {
  const mapi::Guid guid{{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}};
  const std::string text = "gr\xC3\xBC\xC3\x9F \xF0\x9F\x93\xAE";
  const auto octets = test::binary(std::string_view("\0\1\2\xFF\0", 5));
  return {std::int16_t{-2},
          std::int32_t{-70'000},
          1.5F,
          -2.25,
          mapi::Currency{-12'345},
          mapi::ApplicationTime{45'000.5},
          mapi::PropertyError{0x8004010F},
          true,
          false,
          std::int64_t{-5'000'000'000},
          text,
          std::string(),
          std::string(5000, 'x'),
          mapi::FileTime{133'000'000'000'000'000},
          guid,
          octets,
          mapi::Binary{},
          std::vector<std::int16_t>{1, -1},
          std::vector<std::int32_t>{1, -70'000},
          std::vector<float>{0.5F, -0.5F},
          std::vector<double>{0.25, 1e300},
          std::vector<mapi::Currency>{{1}, {-1}},
          std::vector<mapi::ApplicationTime>{{1.5}, {2.5}},
          std::vector<std::int64_t>{1, -1},
          std::vector<std::string>{text, "", "third"},
          std::vector<mapi::FileTime>{{1}, {2}},
          std::vector<mapi::Guid>{guid, mapi::PS_MAPI},
          std::vector<mapi::Binary>{octets, {}, octets},
          std::vector<std::int32_t>{},
          std::vector<std::string>{},
          std::vector<mapi::Binary>{}};
}

TEST_F(RoundTrip, KeepsEveryPropertyType) {
  auto message = note("types");
  std::uint16_t id = 0x6800;
  for (const auto& value : one_of_each_type()) message.set(id++, value);
  EXPECT_EQ(again(message), message);
}

TEST_F(RoundTrip, KeepsEveryPropertyTypeUnderANameAndInRows) {
  auto message = note("names");
  mapi::Attachment attachment = mapi::make_attachment("a.txt", mapi::Content::from_text("data"));
  std::uint32_t number = 0x8500;
  std::uint16_t id = 0x6800;
  for (const auto& value : one_of_each_type()) {
    message.set(mapi::PropertyName{mapi::PSETID_Common, number++}, value);
    message.recipients.front().set(id, value);
    attachment.set(id++, value);
  }
  message.attachments.push_back(attachment);
  const auto found = again(message);
  EXPECT_EQ(static_cast<const mapi::PropertyBag&>(found), message);
  EXPECT_EQ(found.recipients, message.recipients);
  EXPECT_EQ(static_cast<const mapi::PropertyBag&>(found.attachments.at(0)), attachment);
}

TEST_F(RoundTrip, KeepsNamesInEverySet) {
  auto message = note("sets");
  for (const auto& set : {mapi::PS_MAPI, mapi::PS_PUBLIC_STRINGS, mapi::PS_INTERNET_HEADERS,
                          mapi::PSETID_Meeting, mapi::PSETID_Address}) {
    message.set(mapi::PropertyName{set, 0x23U}, std::int32_t{1});
    message.set(mapi::PropertyName{set, std::string("x-h\xC3\xA9")}, std::string("text"));
    message.set(mapi::PropertyName{set, std::string("odd")}, std::string("odd"));
  }
  EXPECT_EQ(again(message), message);
}

TEST_F(RoundTrip, KeepsThousandsOfNames) {
  auto message = note("names");
  for (std::uint32_t number = 0; number < 3000; ++number) {
    message.set(mapi::PropertyName{mapi::PSETID_Common, number}, static_cast<std::int32_t>(number));
  }
  EXPECT_EQ(again(message), message);
}

TEST_F(RoundTrip, KeepsRecipientsInTheirOrder) {
  auto message = note("recipients");
  for (int i = 0; i < 40; ++i) {
    const auto type = static_cast<mapi::RecipientType>(1 + i % 3);
    message.recipients.push_back(
        mapi::make_recipient(type, "r" + std::to_string(i) + "@example.com"));
  }
  EXPECT_EQ(again(message).recipients, message.recipients);
}

TEST_F(RoundTrip, KeepsAttachmentsOfAllSizes) {
  auto message = note("attachments");
  // Around the sizes of mini sectors, sectors and the limit between the two.
  for (const std::size_t size : {0U, 1U, 63U, 64U, 65U, 511U, 512U, 4095U, 4096U, 4097U, 70'000U}) {
    std::string data(size, ' ');
    for (std::size_t i = 0; i < size; ++i) data[i] = static_cast<char>(i * 7 + size);
    message.attachments.push_back(
        mapi::make_attachment(std::to_string(size), mapi::Content::from_text(data)));
  }
  const auto found = again(message);
  ASSERT_EQ(found.attachments.size(), message.attachments.size());
  for (std::size_t i = 0; i < found.attachments.size(); ++i) {
    const auto& data = found.attachments[i].data;
    EXPECT_EQ(data.size(), message.attachments[i].data.size());
    EXPECT_EQ(data.read_all(), message.attachments[i].data.read_all());
    EXPECT_EQ(found.attachments[i].get(mapi::PR_ATTACH_LONG_FILENAME), std::to_string(data.size()));
    EXPECT_EQ(found.attachments[i].find(mapi::PR_ATTACH_DATA_BIN.id), nullptr);
  }
}

TEST_F(RoundTrip, KeepsMessagesInMessages) {
  const mapi::PropertyName name{mapi::PS_INTERNET_HEADERS, std::string("x-depth")};
  auto message = note("innermost");
  message.attachments.push_back(
      mapi::make_attachment("deep.txt", mapi::Content::from_text("deep data")));
  message.set(name, std::string("0"));
  for (int depth = 1; depth <= 20; ++depth) {
    auto outer = note("depth " + std::to_string(depth));
    outer.set(name, std::to_string(depth));
    outer.attachments.push_back(mapi::make_attachment(std::move(message)));
    message = std::move(outer);
  }
  const auto found = again(message);
  const Message* at = &found;
  for (int depth = 20; depth >= 1; --depth) {
    EXPECT_EQ(at->get(mapi::PR_SUBJECT), "depth " + std::to_string(depth));
    EXPECT_EQ(at->get_text(name), std::to_string(depth));
    ASSERT_EQ(at->attachments.size(), 1U);
    ASSERT_TRUE(at->attachments[0].embedded);
    EXPECT_EQ(at->recipients.size(), 1U);
    at = at->attachments[0].embedded.get();
  }
  EXPECT_EQ(at->get(mapi::PR_SUBJECT), "innermost");
  EXPECT_EQ(test::text_of(at->attachments.at(0).data), "deep data");
}

TEST_F(RoundTrip, RefusesMessagesNestedDeeperThanCanBeRead) {
  auto message = note("0");
  for (int depth = 1; depth <= 33; ++depth) {
    auto outer = note(std::to_string(depth));
    outer.attachments.push_back(mapi::make_attachment(std::move(message)));
    message = std::move(outer);
  }
  EXPECT_EQ(test::failure_of([&] { write(message, path_); }).code(), mapi::MAPI_E_TOO_COMPLEX);
  write(*message.attachments[0].embedded, path_);
  EXPECT_TRUE(read(path_).losses.empty());
}

TEST_F(RoundTrip, KeepsHtmlAsOctetsAndAsText) {
  auto message = note("octets");
  message.set(mapi::PR_HTML, test::binary("<p>\xE4\xF6\xFC</p>"));
  EXPECT_EQ(again(message), message);
  message.set(mapi::PR_BODY_HTML, "<p>\xC3\xA4</p>");
  EXPECT_EQ(again(message), message);
}

TEST_F(RoundTrip, EightBitStringsAreWindows1252) {
  auto message = note(
      "Gr\xC3\xBC\xC3\x9F"
      "e \xE2\x82\xAC");
  message.recipients[0].set(mapi::PR_DISPLAY_NAME, "J\xC3\xBCrgen");
  message.set(0x6800, std::vector<std::string>{"\xC3\xA9", "", "x"});
  const auto found = again(message, StringType::string8);
  EXPECT_EQ(found.get(mapi::PR_SUBJECT), message.get(mapi::PR_SUBJECT));
  EXPECT_EQ(found.recipients, message.recipients);
  EXPECT_EQ(*found.find(0x6800), *message.find(0x6800));
  EXPECT_EQ(found.get(mapi::PR_MESSAGE_CODEPAGE), mapi::code_page_windows_1252);
  EXPECT_EQ(found.get(mapi::PR_STORE_SUPPORT_MASK), 0);
}

TEST_F(RoundTrip, WhatWindows1252DoesNotHoldBecomesAQuestionMark) {
  auto message = note("\xC3\xA9 \xE4\xB8\xAD\xE6\x96\x87 \xF0\x9F\x93\xAE x");
  EXPECT_EQ(again(message, StringType::string8).get(mapi::PR_SUBJECT), "\xC3\xA9 ?? ? x");
}

TEST_F(RoundTrip, EightBitHtmlStaysOctets) {
  auto message = note("html");
  message.set(mapi::PR_BODY_HTML, "<p>\xC3\xA4</p>");
  const auto found = again(message, StringType::string8);
  ASSERT_NE(found.get(mapi::PR_HTML), nullptr);
  EXPECT_EQ(*found.get(mapi::PR_HTML), test::binary("<p>\xE4</p>"));
}

TEST_F(RoundTrip, KeepsReferencesWithoutData) {
  auto message = note("reference");
  mapi::Attachment reference;
  reference.set(mapi::PR_ATTACH_METHOD,
                static_cast<std::int32_t>(mapi::AttachMethod::by_web_reference));
  reference.set(mapi::PR_ATTACH_LONG_PATHNAME, "https://example.com/file");
  message.attachments.push_back(reference);
  const auto found = again(message).attachments.at(0);
  EXPECT_EQ(static_cast<const mapi::PropertyBag&>(found), reference);
  EXPECT_EQ(found.data.source(), nullptr);
}

class OleRoundTrip : public RoundTrip {
 protected:
  mapi::Attachment ole_attachment() {
    test::make_file(object_path_, [this](StorageWriter& root) {
      root.set_class_id(class_id_);
      test::text_stream(root, "CONTENTS", "the object");
      auto inner = root.storage("inner");
      test::text_stream(inner, "big", std::string(100'000, 'o'));
    });
    mapi::Attachment attachment;
    attachment.set(mapi::PR_ATTACH_METHOD, static_cast<std::int32_t>(mapi::AttachMethod::ole));
    attachment.data = mapi::Content::from_file(object_path_);
    return attachment;
  }

  const ClassId class_id_{std::byte{0x0B}, std::byte{0x0D}, std::byte{2}, std::byte{0x46}};
  std::filesystem::path object_path_ = directory_ / "object.bin";
};

TEST_F(OleRoundTrip, KeepsWhatIsInTheObject) {
  auto message = note("ole");
  message.attachments.push_back(ole_attachment());
  const auto found = again(message);
  const auto& data = found.attachments.at(0).data;
  EXPECT_FALSE(found.attachments[0].embedded);
  const auto octets = data.read_all();
  EXPECT_EQ(octets.size(), data.size());
  EXPECT_EQ(data.read_all(), octets);
  const auto copy = directory_ / "copy.bin";
  test::save_file(copy, {reinterpret_cast<const char*>(octets.data()),
                         reinterpret_cast<const char*>(octets.data()) + octets.size()});
  const CompoundFile file(InputFile::open(copy));
  EXPECT_EQ(file.read(*file.root().find_stream("CONTENTS")), test::binary("the object"));
  EXPECT_EQ(file.read(*file.root().find_storage("inner")->find_stream("big")),
            test::binary(std::string(100'000, 'o')));
}

TEST_F(OleRoundTrip, KeepsTheClassOfTheObject) {
  auto message = note("ole");
  message.attachments.push_back(ole_attachment());
  const auto octets = again(message).attachments.at(0).data.read_all();
  EXPECT_NE(std::search(octets.begin(), octets.end(), class_id_.begin(), class_id_.end()),
            octets.end());
}

TEST_F(OleRoundTrip, TheStreamsOfAnObjectAreReadWhereTheyAre) {
  auto message = note("ole");
  message.attachments.push_back(ole_attachment());
  const auto found = again(message);
  const std::array<std::string_view, 3> names{"contents", "inner", "absent"};
  for (const auto& object : {message.attachments[0].data, found.attachments.at(0).data}) {
    const auto streams = compound_streams(object, names);
    ASSERT_EQ(streams.size(), 1U);
    EXPECT_EQ(streams.at("contents").size(), 10U);
    EXPECT_EQ(test::text_of(streams.at("contents")), "the object");
    EXPECT_EQ(test::text_of(streams.at("contents")), "the object");
  }
  EXPECT_TRUE(compound_streams(mapi::Content::from_text("no compound file"), names).empty());
  EXPECT_TRUE(compound_streams({}, names).empty());
}

TEST_F(OleRoundTrip, AnObjectLongerThanItsFileIsLeftOut) {
  auto message = note("ole");
  message.attachments.push_back(ole_attachment());
  write(message, path_);
  auto octets = test::load_file(path_);
  const std::string name("b\0i\0g\0\0", 7);  // of the stream's directory entry
  const auto entry = std::search(octets.begin(), octets.end(), name.begin(), name.end());
  ASSERT_NE(entry, octets.end());
  entry[122] = '\x7F';
  test::save_file(path_, octets);
  const auto result = read(path_);
  EXPECT_THAT(sentences(result.losses), testing::ElementsAre(testing::HasSubstr("the OLE object")));
  EXPECT_EQ(result.message.attachments.at(0).data.source(), nullptr);
}

TEST_F(OleRoundTrip, AnObjectThatIsNoCompoundFileIsKeptAsOctets) {
  auto message = note("ole 1");
  mapi::Attachment attachment;
  attachment.set(mapi::PR_ATTACH_METHOD, static_cast<std::int32_t>(mapi::AttachMethod::ole));
  attachment.data = mapi::Content::from_text("an OLE 1 object");
  message.attachments.push_back(attachment);
  EXPECT_EQ(test::text_of(again(message).attachments.at(0).data), "an OLE 1 object");
}

TEST_F(OleRoundTrip, AFileGoneBeforeTheObjectWasReadIsNamed) {
  auto message = note("ole");
  message.attachments.push_back(ole_attachment());
  const auto found = again(message);
  std::filesystem::remove(path_);
  const auto failure = test::failure_of([&] { (void)found.attachments.at(0).data.size(); });
  EXPECT_EQ(failure.code(), mapi::MAPI_E_NOT_FOUND);
  EXPECT_THAT(failure.what(), testing::HasSubstr(path_.string()));
}

}  // namespace
}  // namespace postern::msg
