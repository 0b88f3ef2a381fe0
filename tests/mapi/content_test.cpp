// Slices of contents, of those that can begin anywhere and of those that cannot.
#include "mapi/content.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "tests/temporary_directory.h"

namespace postern::mapi {
namespace {

/// Content that is read from its start only.
class Stream final : public ContentSource {
 public:
  explicit Stream(std::string_view text) : octets_(Content::from_text(text)) {}
  [[nodiscard]] std::uint64_t size() const override { return octets_.size(); }
  [[nodiscard]] std::unique_ptr<ContentReader> open() const override { return octets_.open(); }

 private:
  Content octets_;
};

std::string text_of(const Content& content) {
  std::string text;
  std::array<std::byte, 3> block{};
  const auto reader = content.open();
  while (const auto count = reader->read(block)) {
    text.append(reinterpret_cast<const char*>(block.data()), count);
  }
  return text;
}

TEST(Slice, IsPartOfContentOfAnyKind) {
  const test::TemporaryDirectory directory;
  const auto path = directory.path() / "content";
  std::ofstream(path) << "0123456789";
  for (const auto& content : {Content::from_text("0123456789"), Content::from_file(path),
                              Content(std::make_shared<Stream>("0123456789"))}) {
    EXPECT_EQ(text_of(content.slice(0, 10)), "0123456789");
    EXPECT_EQ(text_of(content.slice(3, 4)), "3456");
    EXPECT_EQ(text_of(content.slice(3, 4).slice(1, 2)), "45");
    EXPECT_EQ(text_of(content.slice(3, 4).slice(1, 9)), "456");
    EXPECT_EQ(text_of(content.slice(8, 4)), "89");
    EXPECT_EQ(text_of(content.slice(12, 4)), "");
    EXPECT_EQ(content.slice(3, 4).size(), 4U);
  }
}

TEST(Slice, OfNothingIsNothing) {
  EXPECT_EQ(text_of(Content().slice(3, 4)), "");
}

}  // namespace
}  // namespace postern::mapi
