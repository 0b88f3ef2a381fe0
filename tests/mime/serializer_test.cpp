// Big content, retries and threads: what the pull serializer promises.
#include <algorithm>
#include <sys/resource.h>
#include <thread>

#include <gtest/gtest.h>

#include "mapi/error.h"
#include "mapi/property_tags.h"
#include "tests/mime/mail.h"
#include "tests/mime/support.h"

namespace postern::mime {
namespace {

/// Octets that are generated as they are read; holds no memory.
class GeneratedSource final : public mapi::ContentSource {
 public:
  explicit GeneratedSource(std::uint64_t size) : size_(size) {}
  [[nodiscard]] std::uint64_t size() const override { return size_; }
  [[nodiscard]] std::unique_ptr<mapi::ContentReader> open() const override {
    return std::make_unique<Reader>(size_);
  }

 private:
  class Reader final : public mapi::ContentReader {
   public:
    explicit Reader(std::uint64_t size) : left_(size) {}
    std::size_t read(std::span<std::byte> into) override {
      const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(into.size(), left_));
      std::fill_n(into.begin(), count, static_cast<std::byte>(left_));
      left_ -= count;
      return count;
    }

   private:
    std::uint64_t left_;
  };

  std::uint64_t size_;
};

mapi::Message message_with(std::uint64_t size) {
  auto message = simple_message();
  message.attachments.push_back(
      mapi::make_attachment("big.bin", mapi::Content(std::make_shared<GeneratedSource>(size))));
  return message;
}

std::uint64_t count_octets(const mapi::Content& content) {
  const auto reader = content.open();
  std::vector<std::byte> block(std::size_t{64} << 10U);
  std::uint64_t total = 0;
  while (const auto count = reader->read(block)) total += count;
  return total;
}

long peak_resident_kib() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss;
}

TEST(Serializer, ABigAttachmentShowsNeitherInMemoryNorInTheWrongSize) {
  constexpr std::uint64_t size = (std::uint64_t{256} << 20U) + 5;
  constexpr long allowance_kib = 16L << 10U;
  const auto plan = compose(message_with(size), fixed_options());
  const auto before = peak_resident_kib();
  EXPECT_GT(plan.size(), size / 57 * 78);
  EXPECT_EQ(count_octets(plan.content()), plan.size());
  EXPECT_LT(peak_resident_kib() - before, allowance_kib);
}

TEST(Serializer, SeveralThreadsReadTheSameOctets) {
  auto message = message_with(100'000);
  set_html(message, "<p>\xC3\xA9</p>");
  const auto plan = compose(message, fixed_options());
  const auto expected = octets_of(plan.content());
  std::vector<std::string> results(4);
  std::vector<std::thread> threads;
  for (auto& result : results) {
    threads.emplace_back([&] { result = octets_of(plan.content(), 1000); });
  }
  for (auto& thread : threads) thread.join();
  for (const auto& result : results) EXPECT_EQ(result, expected);
}

TEST(Serializer, TheContentOutlivesThePlan) {
  mapi::Content content;
  std::uint64_t size = 0;
  {
    auto plan = compose(message_with(1000), fixed_options());
    size = plan.size();
    content = plan.content();
  }
  EXPECT_EQ(octets_of(content).size(), size);
}

/// Loses its last octet once it was opened before.
class ShrinkingSource final : public mapi::ContentSource {
 public:
  [[nodiscard]] std::uint64_t size() const override { return 5; }
  [[nodiscard]] std::unique_ptr<mapi::ContentReader> open() const override {
    return mapi::Content::from_text("1234").open();
  }
};

TEST(Serializer, AnAttachmentThatShrankIsAnErrorAndNotAShorterMessage) {
  auto message = simple_message();
  message.attachments.push_back(
      mapi::make_attachment("x.bin", mapi::Content(std::make_shared<ShrinkingSource>())));
  const auto plan = compose(message, fixed_options());
  EXPECT_THROW(octets_of(plan.content()), mapi::Failure);
}

}  // namespace
}  // namespace postern::mime
