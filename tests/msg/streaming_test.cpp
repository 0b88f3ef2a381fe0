// Attachment data passes through; it is never held.
#include <array>
#include <sys/resource.h>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/msg/test_support.h"

namespace postern::msg {
namespace {

using test::failure_of;
using test::note;

constexpr std::uint64_t big = 64U << 20;

std::byte pattern(std::uint64_t position) {
  return static_cast<std::byte>(position * 2'654'435'761U >> 13U);
}

/// Octets made as they are read.
class PatternContent final : public mapi::ContentSource {
 public:
  [[nodiscard]] std::uint64_t size() const override { return big; }
  [[nodiscard]] std::unique_ptr<mapi::ContentReader> open() const override {
    return std::make_unique<Reader>();
  }

 private:
  class Reader final : public mapi::ContentReader {
   public:
    std::size_t read(std::span<std::byte> into) override {
      std::size_t count = 0;
      for (; count < into.size() && position_ < big; ++count) into[count] = pattern(position_++);
      return count;
    }

   private:
    std::uint64_t position_ = 0;
  };
};

bool has_pattern(const mapi::Content& content) {
  std::array<std::byte, 10'007> block{};  // a prime, so that blocks and sectors never agree
  const auto reader = content.open();
  std::uint64_t position = 0;
  while (const auto count = reader->read(block)) {
    for (std::size_t i = 0; i < count; ++i) {
      if (block[i] != pattern(position++)) return false;
    }
  }
  return position == content.size();
}

/// The most memory this process ever had, in octets.
std::uint64_t peak_memory() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<std::uint64_t>(usage.ru_maxrss) * 1024;
}

class Streaming : public testing::Test {
 protected:
  test::TemporaryDirectory directory_;
  std::filesystem::path path_ = directory_ / "message.msg";
};

TEST_F(Streaming, ABigAttachmentDoesNotShowInMemory) {
  auto message = note("big");
  message.attachments.push_back(
      mapi::make_attachment("big", mapi::Content(std::make_shared<PatternContent>())));
  const auto before = peak_memory();
  write(message, path_);
  const auto found = read(path_).message;
  EXPECT_EQ(found.attachments.at(0).data.size(), big);
  EXPECT_TRUE(has_pattern(found.attachments[0].data));
  EXPECT_LT(peak_memory() - before, 16U << 20);
}

TEST_F(Streaming, ReadersOfOneAttachmentDoNotDisturbEachOther) {
  auto message = note("shared");
  message.attachments.push_back(mapi::make_attachment(
      "a", mapi::Content::from_text(std::string(200'000, 'a') + std::string(200'000, 'b'))));
  write(message, path_);
  const auto found = read(path_).message;
  const auto expected = message.attachments[0].data.read_all();
  std::vector<std::thread> threads;
  std::array<bool, 4> equal{};
  threads.reserve(equal.size());
  for (auto& result : equal) {
    threads.emplace_back([&] { result = found.attachments[0].data.read_all() == expected; });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_THAT(equal, testing::Each(true));
}

class ChangedFile : public Streaming {
 protected:
  mapi::Content read_attachment() {
    auto message = note("changed");
    message.attachments.push_back(
        mapi::make_attachment("a", mapi::Content::from_text(std::string(200'000, 'a'))));
    write(message, path_);
    return read(path_).message.attachments.at(0).data;
  }
};

TEST_F(ChangedFile, AFileThatIsGoneIsNamed) {
  const auto data = read_attachment();
  std::filesystem::remove(path_);
  const auto failure = failure_of([&] { (void)data.open(); });
  EXPECT_EQ(failure.code(), mapi::MAPI_E_NOT_FOUND);
  EXPECT_THAT(failure.what(), testing::HasSubstr(path_.string()));
}

TEST_F(ChangedFile, AFileThatWasReplacedIsNamed) {
  const auto data = read_attachment();
  write(note("another"), path_);
  const auto failure = failure_of([&] { (void)data.open(); });
  EXPECT_EQ(failure.code(), mapi::MAPI_E_OBJECT_CHANGED);
  EXPECT_THAT(failure.what(), testing::HasSubstr(path_.string()));
}

TEST_F(ChangedFile, AFileCutShortWhileItIsReadIsNamed) {
  const auto data = read_attachment();
  const auto reader = data.open();
  std::vector<std::byte> block(1000);
  EXPECT_EQ(reader->read(block), block.size());
  std::filesystem::resize_file(path_, 50'000);
  const auto failure = failure_of([&] {
    while (reader->read(block) > 0) continue;
  });
  EXPECT_EQ(failure.code(), mapi::MAPI_E_OBJECT_CHANGED);
  EXPECT_THAT(failure.what(), testing::HasSubstr(path_.string()));
}

}  // namespace
}  // namespace postern::msg
