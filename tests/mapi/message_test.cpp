#include "mapi/message.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "mapi/error.h"
#include "mapi/property_tags.h"
#include "tests/temporary_directory.h"

namespace postern::mapi {
namespace {

Recipient with_type(std::int32_t type) {
  Recipient row;
  row.set(PR_RECIPIENT_TYPE, type);
  return row;
}

TEST(RecipientTypeOf, IgnoresFlagsAndUnknownValues) {
  EXPECT_EQ(recipient_type(with_type(1)), RecipientType::to);
  EXPECT_EQ(recipient_type(with_type(MAPI_SUBMITTED | 2)), RecipientType::cc);
  EXPECT_EQ(recipient_type(with_type(0x10000001)), RecipientType::p1);
  EXPECT_EQ(recipient_type(with_type(0)), std::nullopt);
  EXPECT_EQ(recipient_type(with_type(9)), std::nullopt);
}

TEST(RecipientTypeOf, AMissingTypeIsToOnlyWithAnAddress) {
  Recipient row;
  EXPECT_EQ(recipient_type(row), std::nullopt);
  row.set(PR_EMAIL_ADDRESS, "a@example.com");
  EXPECT_EQ(recipient_type(row), RecipientType::to);
}

TEST(AttachMethodOf, IsJudgedByWhatIsThere) {
  Attachment attachment;
  EXPECT_EQ(attach_method(attachment), AttachMethod::by_value);
  attachment.embedded = std::make_shared<const Message>();
  EXPECT_EQ(attach_method(attachment), AttachMethod::embedded_message);
  attachment.set(PR_ATTACH_METHOD, 77);
  EXPECT_EQ(attach_method(attachment), AttachMethod::embedded_message);
}

TEST(AttachMethodOf, OctetsAreAFileWhateverTheMethodSaysUnlessItIsAnObject) {
  Attachment attachment;
  attachment.data = Content::from_text("x");
  for (const auto method : {0, 1, 2, 3, 4, 5, 7, 77}) {
    attachment.set(PR_ATTACH_METHOD, method);
    EXPECT_EQ(attach_method(attachment), AttachMethod::by_value) << method;
  }
  attachment.set(PR_ATTACH_METHOD, 6);
  EXPECT_EQ(attach_method(attachment), AttachMethod::ole);
  attachment.data = {};
  attachment.set(PR_ATTACH_METHOD, 7);
  EXPECT_EQ(attach_method(attachment), AttachMethod::by_web_reference);
}

TEST(Content, CanBeReadAgainAndAgainInPieces) {
  const auto content = Content::from_text("0123456789");
  for (int pass = 0; pass < 2; ++pass) {
    const auto reader = content.open();
    std::string text;
    std::array<std::byte, 3> block{};
    while (const auto count = reader->read(block)) {
      text.append(reinterpret_cast<const char*>(block.data()), count);
    }
    EXPECT_EQ(text, "0123456789");
  }
  EXPECT_EQ(Content().size(), 0U);
  EXPECT_TRUE(Content().read_all().empty());
}

TEST(Content, TooMuchForMemoryIsRefused) {
  EXPECT_THROW(static_cast<void>(Content::from_text("12345").read_all(4)), Failure);
}

TEST(Content, AMissingFileIsNamed) {
  try {
    Content::from_file("/nonexistent/file");
    FAIL();
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.code(), MAPI_E_NOT_FOUND);
    EXPECT_NE(std::string(failure.what()).find("/nonexistent/file"), std::string::npos);
  }
}

TEST(Content, ReadsAFile) {
  const test::TemporaryDirectory directory;
  const auto path = directory.path() / "content";
  std::ofstream(path) << "file content";
  const auto content = Content::from_file(path);
  EXPECT_EQ(content.size(), 12U);
  EXPECT_EQ(content.read_all().size(), 12U);
  std::filesystem::remove(path);
  EXPECT_THROW(static_cast<void>(content.open()), Failure);
}

}  // namespace
}  // namespace postern::mapi
