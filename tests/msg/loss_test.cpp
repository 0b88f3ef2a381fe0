// Every branch of the reader that leaves out, replaces or guesses something says so, typed.
#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "msg/msg_file.h"
#include "tests/losses.h"
#include "tests/msg/hand_made_file.h"

namespace postern::msg {
namespace {

using enum mapi::LossKind;
using testing::Field;
using testing::HasSubstr;

constexpr std::string_view reader_source = "message/reader.cpp";
constexpr std::string_view texts_source = "property/message_texts.cpp";

struct Row {
  std::string_view source;
  mapi::LossKind kind;
  std::string part;
  std::string_view words;
  void (*fill)(StorageWriter& root);
};

void with_importance(StorageWriter& root) {
  test::Entries(32).add(0x0017'0003, 1).write(root);
}

const Row loss_rows[] = {
    {"message/losses.h", damaged, "message", "property 68000999 is damaged and left out",
     [](StorageWriter& root) {
       test::Entries(32).add(0x0017'0003, 1).add(0x6800'0999).write(root);
     }},
    {reader_source, damaged, "recipient 1", "recipient 1: the property stream is missing",
     [](StorageWriter& root) {
       with_importance(root);
       root.storage("__recip_version1.0_#00000000");
     }},
    {reader_source, substituted, "message", "the subject holds what cannot be read as characters",
     [](StorageWriter& root) {
       test::Entries(32).add(0x0037'001F).write(root);
       test::text_stream(root, "__substg1.0_0037001F", std::string_view("a\0\0\xD8", 4));
     }},
    {texts_source, guessed, "message", "nothing says in which code page its 8-bit texts are",
     [](StorageWriter& root) {
       test::Entries(32).add(0x0037'001E).write(root);
       test::text_stream(root, "__substg1.0_0037001E", "\xE9");
     }},
    {texts_source, substituted, "message", "a text holds what cannot be read as characters",
     [](StorageWriter& root) {
       test::Entries(32).add(0x3FFD'0003, 50220).add(0x0037'001E).write(root);
       test::text_stream(root, "__substg1.0_0037001E", "\x1B$B~~");
     }},
    {reader_source, dropped, "attachment 1", "it has data and an object; the data is taken",
     [](StorageWriter& root) {
       with_importance(root);
       auto attachment = root.storage("__attach_version1.0_#00000000");
       test::Entries(8).add(0x3705'0003, 1).write(attachment);
       test::text_stream(attachment, "__substg1.0_37010102", "octets");
       auto object = attachment.storage("__substg1.0_3701000D");
       test::Entries(24).add(0x0017'0003, 2).write(object);
     }},
    {reader_source, damaged, "attachment 1", "attachment 1: the data is missing",
     [](StorageWriter& root) {
       with_importance(root);
       auto attachment = root.storage("__attach_version1.0_#00000000");
       test::Entries(8).add(0x3705'0003, 1).write(attachment);
     }},
    {"message/losses.cpp", damaged, "message", "and 20 more parts were damaged",
     [](StorageWriter& root) {
       test::Entries entries(32);
       entries.add(0x0017'0003, 1);
       for (std::uint32_t i = 0; i < 120; ++i) entries.add((0x6800 + i) << 16U | 0x0999);
       entries.write(root);
     }},
};

class ReadingLosses : public testing::Test {
 protected:
  std::vector<mapi::Loss> losses_in(void (*fill)(StorageWriter& root)) {
    test::make_file(path_, fill);
    return read(path_).losses;
  }

  test::TemporaryDirectory directory_;
  std::filesystem::path path_ = directory_ / "message.msg";
};

TEST_F(ReadingLosses, EachBranchTellsItsOwn) {
  for (const auto& row : loss_rows) {
    const auto losses = losses_in(row.fill);
    EXPECT_THAT(losses, testing::Contains(
                            testing::AllOf(Field(&mapi::Loss::kind, row.kind),
                                           Field(&mapi::Loss::part, row.part),
                                           Field(&mapi::Loss::sentence, HasSubstr(row.words))))
                            .Times(1))
        << row.words << testing::PrintToString(sentences(losses));
  }
}

TEST_F(ReadingLosses, ThoseInAnAttachedMessageSayWhereTheyAre) {
  const auto losses = losses_in([](StorageWriter& root) {
    with_importance(root);
    auto attachment = root.storage("__attach_version1.0_#00000000");
    test::Entries(8).add(0x3705'0003, 5).write(attachment);
    auto embedded = attachment.storage("__substg1.0_3701000D");
    test::Entries(24).add(0x0017'0003, 2).write(embedded);
    embedded.storage("__recip_version1.0_#00000000");
  });
  EXPECT_THAT(losses, testing::ElementsAre(
                          mapi::Loss{damaged, "attachment 1: recipient 1",
                                     "attachment 1: recipient 1: the property stream is missing"}));
}

TEST_F(ReadingLosses, EachPlaceThatTellsHasARow) {
  std::map<std::string, std::size_t> of_rows;
  for (const auto& row : loss_rows) ++of_rows[std::string(row.source)];
  auto places = places_that_tell("src/msg");
  std::erase_if(places, [](const auto& place) { return place.first.starts_with("tnef/"); });
  EXPECT_EQ(of_rows, places);
}

}  // namespace
}  // namespace postern::msg
