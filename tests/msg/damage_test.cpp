// Files cut short and with octets changed: always a message or one clear sentence, never more.
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/losses.h"
#include "tests/msg/hand_made_file.h"
#include "tests/msg/test_support.h"

namespace postern::msg {
namespace {

using test::note;

/// Everything there is, in one message.
mapi::Message rich_message(const std::filesystem::path& object_path) {
  auto message = note("damage");
  message.set(mapi::PropertyName{mapi::PS_PUBLIC_STRINGS, std::string("Keywords")},
              std::vector<std::string>{"one", "two"});
  message.set(mapi::PropertyName{mapi::PSETID_Common, 0x8503U}, true);
  message.set(mapi::PR_HTML, mapi::Binary(6000, std::byte{'h'}));
  message.attachments.push_back(
      mapi::make_attachment("small", mapi::Content::from_text("small data")));
  message.attachments.push_back(
      mapi::make_attachment("big", mapi::Content::from_text(std::string(20'000, 'b'))));
  auto inner = note("inner");
  inner.attachments.push_back(mapi::make_attachment("in", mapi::Content::from_text("inner data")));
  message.attachments.push_back(mapi::make_attachment(std::move(inner)));
  test::make_file(object_path, [](StorageWriter& root) {
    test::text_stream(root, "CONTENTS", "an object");
    auto storage = root.storage("storage");
    test::text_stream(storage, "big", std::string(10'000, 'o'));
  });
  mapi::Attachment object;
  object.set(mapi::PR_ATTACH_METHOD, static_cast<std::int32_t>(mapi::AttachMethod::ole));
  object.data = mapi::Content::from_file(object_path);
  message.attachments.push_back(object);
  return message;
}

void read_attachments(const mapi::Message& message) {
  for (const auto& attachment : message.attachments) {
    if (attachment.embedded) read_attachments(*attachment.embedded);
    const auto octets = attachment.data.read_all();
    EXPECT_EQ(octets.size(), attachment.data.size());
  }
}

class Damaged : public testing::Test {
 protected:
  void SetUp() override {
    write(rich_message(directory_ / "object.bin"), path_);
    whole_ = test::load_file(path_);
  }

  /// True where there is a message with everything readable in it.
  bool survives(const std::vector<char>& octets) {
    test::save_file(path_, octets);
    try {
      read_attachments(read(path_).message);
      return true;
    } catch (const mapi::Failure& failure) {
      EXPECT_THAT(failure.what(), testing::HasSubstr(path_.string()));
      return false;
    }
  }

  test::TemporaryDirectory directory_;
  std::filesystem::path path_ = directory_ / "message.msg";
  std::vector<char> whole_;
};

TEST_F(Damaged, CutShortAnywhere) {
  ASSERT_TRUE(survives(whole_));
  for (std::size_t size = 0; size < whole_.size(); size += size < 2048 ? 41 : 509) {
    EXPECT_FALSE(survives({whole_.begin(), whole_.begin() + static_cast<std::ptrdiff_t>(size)}))
        << size;
  }
}

TEST_F(Damaged, OctetsChangedAnywhere) {
  std::mt19937 random(20'240'607);  // a fixed seed: the same files each time
  int survivors = 0;
  for (int round = 0; round < 600; ++round) {
    auto octets = whole_;
    for (int change = 0; change < 1 + round % 8; ++change) {
      octets[random() % octets.size()] = static_cast<char>(random());
    }
    if (survives(octets)) ++survivors;
  }
  EXPECT_GT(survivors, 200);  // damage in one place is not the end of the message
}

TEST_F(Damaged, NumbersOfTheStructureChangedToExtremes) {
  constexpr std::array<std::uint32_t, 8> extremes{0,          1,          0x7FFFFFFF, 0x80000000,
                                                  0xFFFFFFFA, 0xFFFFFFFE, 0xFFFFFFFF, 64};
  std::mt19937 random(4711);
  int survivors = 0;
  int refusals = 0;
  // The header, and (libgsf writes them last) the directory and the allocation tables.
  for (std::size_t at = 24; at < whole_.size(); at += at < 512 ? 4 : 4 * (1 + random() % 12)) {
    auto octets = whole_;
    const auto value = extremes.at(random() % extremes.size());
    for (std::size_t i = 0; i < 4; ++i) octets[at + i] = static_cast<char>(value >> (8 * i));
    ++(survives(octets) ? survivors : refusals);
  }
  EXPECT_GT(survivors, refusals);  // most numbers are some attachment's
  EXPECT_GT(refusals, 0);
}

TEST_F(Damaged, AnAttachmentThatIsBrokenDoesNotLoseTheOthers) {
  // The chain of the big attachment's sectors is the first in the allocation table: cut it.
  auto octets = whole_;
  const std::vector<char> big(512, 'b');
  const auto data = std::search(octets.begin(), octets.end(), big.begin(), big.end());
  ASSERT_NE(data, octets.end());
  const auto sector = (data - octets.begin()) / 512 - 1;
  const auto table_sector =
      static_cast<unsigned char>(octets[76]) | static_cast<unsigned char>(octets[77]) << 8U;
  const auto place = (static_cast<std::ptrdiff_t>(table_sector) + 1) * 512 + (sector + 3) * 4;
  for (int i = 0; i < 4; ++i) octets[static_cast<std::size_t>(place + i)] = '\xFF';
  test::save_file(path_, octets);
  const auto result = read(path_);
  EXPECT_THAT(sentences(result.losses),
              testing::ElementsAre(testing::HasSubstr("attachment 2: the data")));
  ASSERT_EQ(result.message.attachments.size(), 4U);
  EXPECT_EQ(result.message.get(mapi::PR_SUBJECT), "damage");
  EXPECT_EQ(test::text_of(result.message.attachments[0].data), "small data");
  EXPECT_EQ(result.message.attachments[1].data.size(), 0U);
  EXPECT_EQ(test::text_of(result.message.attachments[2].embedded->attachments.at(0).data),
            "inner data");
}

}  // namespace
}  // namespace postern::msg
