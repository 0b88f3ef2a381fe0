#include <string>
#include <zlib.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/text.h"
#include "cli/sample/generated_content.h"
#include "cli/sample/message.h"
#include "mapi/address.h"
#include "mapi/property_tags.h"

namespace postern::cli {
namespace {

using testing::HasSubstr;

std::string text_of(const std::vector<std::byte>& octets) {
  return {reinterpret_cast<const char*>(octets.data()), octets.size()};
}

std::uint32_t big_endian(std::string_view octets) {
  std::uint32_t number = 0;
  for (const char octet : octets.substr(0, 4)) {
    number = number << 8 | static_cast<unsigned char>(octet);
  }
  return number;
}

TEST(SampleMessage, EveryRecipientCanBeReachedBySmtp) {
  const mapi::Message message = sample_message();
  std::vector<std::string> addresses;
  for (const auto& recipient : message.recipients) {
    addresses.push_back(mapi::smtp_address(recipient, mapi::recipient_group).value_or("none"));
    EXPECT_TRUE(mapi::is_smtp_address(addresses.back()));
  }
  EXPECT_THAT(addresses, testing::ElementsAre("alice@example.org", "greylist@example.org",
                                              "refuse-550@example.org", "secret@example.org"));
  EXPECT_EQ(mapi::recipient_type(message.recipients[3]), mapi::RecipientType::bcc);
}

TEST(SampleMessage, TheTextsAreUtf8AndBeyondAscii) {
  const mapi::Message message = sample_message();
  const std::string html = text_of(*message.get(mapi::PR_HTML));
  for (const std::string& text : {std::string(*message.get(mapi::PR_SUBJECT)),
                                  std::string(*message.get(mapi::PR_BODY)), html}) {
    EXPECT_TRUE(is_utf8(text));
    EXPECT_FALSE(is_ascii(text));
  }
}

TEST(SampleMessage, TheHtmlShowsTheInlinePicture) {
  const mapi::Message message = sample_message();
  const std::string html = text_of(*message.get(mapi::PR_HTML));
  const auto id = message.attachments[0].get(mapi::PR_ATTACH_CONTENT_ID);
  ASSERT_TRUE(id);
  EXPECT_THAT(html, HasSubstr("\"cid:" + std::string(*id) + "\""));
}

TEST(SampleMessage, ThePictureIsAWholePng) {
  const std::string png = text_of(sample_picture());
  ASSERT_EQ(png.substr(0, 8), "\x89PNG\r\n\x1A\n");
  std::string types;
  std::string pixels(64 * (1 + 96 * 3), '\0');
  for (std::size_t at = 8; at < png.size();) {
    const std::size_t length = big_endian(png.substr(at));
    const std::string type_and_data = png.substr(at + 4, 4 + length);
    EXPECT_EQ(big_endian(png.substr(at + 8 + length)),
              crc32(0, reinterpret_cast<const Bytef*>(type_and_data.data()),
                    static_cast<uInt>(type_and_data.size())));
    types += type_and_data.substr(0, 4) + " ";
    if (type_and_data.starts_with("IDAT")) {
      auto size = static_cast<uLongf>(pixels.size());
      EXPECT_EQ(uncompress(reinterpret_cast<Bytef*>(pixels.data()), &size,
                           reinterpret_cast<const Bytef*>(type_and_data.data()) + 4,
                           static_cast<uLong>(length)),
                Z_OK);
      EXPECT_EQ(size, pixels.size());
    }
    at += 12 + length;
  }
  EXPECT_EQ(types, "IHDR IDAT IEND ");
}

TEST(SampleMessage, TheBulkyOneHasOneAttachmentOfThatSize) {
  const mapi::Message message = sample_message(1U << 30);
  ASSERT_EQ(message.attachments.size(), 1U);
  EXPECT_EQ(message.attachments[0].data.size(), 1U << 30);
  EXPECT_EQ(message.get(mapi::PR_HTML), nullptr);
}

TEST(GeneratedContent, IsTheSameAtEveryOpeningAndInBlocksOfAnySize) {
  const mapi::Content content = generated_content(1003);
  const std::vector<std::byte> whole = content.read_all();
  EXPECT_EQ(whole.size(), 1003U);
  EXPECT_EQ(generated_content(1003).read_all(), whole);
  for (const std::size_t size : {1U, 7U, 8U, 64U, 2000U}) {
    std::vector<std::byte> pieces;
    std::vector<std::byte> block(size);
    const auto reader = content.open();
    while (const std::size_t count = reader->read(block)) {
      pieces.insert(pieces.end(), block.begin(),
                    block.begin() + static_cast<std::ptrdiff_t>(count));
    }
    EXPECT_EQ(pieces, whole) << "blocks of " << size;
  }
}

TEST(GeneratedContent, DoesNotRepeatItself) {
  const std::string octets = text_of(generated_content(100'000).read_all());
  EXPECT_EQ(octets.find(octets.substr(0, 8), 1), std::string::npos);
}

}  // namespace
}  // namespace postern::cli
