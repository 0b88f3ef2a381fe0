// Messages as TNEF, and read back from it.
#include <array>
#include <memory>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mapi/address.h"
#include "mapi/property_tags.h"
#include "msg/tnef_file.h"
#include "tests/msg/test_support.h"

namespace postern::msg {
namespace {

using testing::IsEmpty;
using namespace test;

/// Reads what was written, a few octets at a time.
mapi::Message read_back(const mapi::Message& message) {
  const auto written = tnef_of(message);
  std::string octets;
  std::array<std::byte, 7> block{};
  const auto reader = written.open();
  while (const auto count = reader->read(block)) {
    octets.append(reinterpret_cast<const char*>(block.data()), count);
  }
  EXPECT_EQ(octets.size(), written.size());
  auto [result, losses] = read_tnef(mapi::Content::from_text(octets));
  EXPECT_THAT(losses, IsEmpty());
  return result;
}

mapi::PropertyBag bag_of(const mapi::PropertyBag& bag) {
  return bag;
}

mapi::Message message_with_everything() {
  auto message = note("Žluťoučký kůň");
  message.recipients.clear();
  message.set(0x6801, std::int16_t{-3});
  message.set(0x6802, 1.5F);
  message.set(0x6803, 2.5);
  message.set(0x6804, mapi::Currency{5});
  message.set(0x6805, mapi::ApplicationTime{6.5});
  message.set(0x6806, mapi::PropertyError{0x8004010F});
  message.set(0x6807, false);
  message.set(0x6808, std::int64_t{1} << 40U);
  message.set(0x6809, mapi::FileTime{99});
  message.set(0x680A, mapi::PS_MAPI);
  message.set(0x680B, binary("abcde"));
  message.set(0x6811, std::vector<std::int16_t>{1, 2, 3});
  message.set(0x6812, std::vector<std::int32_t>{4, 5});
  message.set(0x6813, std::vector<std::string>{"a", "", "bcd"});
  message.set(0x6814, std::vector<mapi::Binary>{binary("x"), {}, binary("four")});
  message.set(0x6815, std::vector<mapi::Guid>{mapi::PS_MAPI, mapi::PSETID_Common});
  message.set(0x6816, std::vector<mapi::FileTime>{});
  message.set({mapi::PSETID_Common, 0x8520U}, binary("vote"));
  message.set({mapi::PS_PUBLIC_STRINGS, "Keywords"}, std::vector<std::string>{"one", "two"});
  return message;
}

TEST(TnefWriting, EveryTypeOfPropertyComesBack) {
  const auto message = message_with_everything();
  EXPECT_EQ(bag_of(read_back(message)), bag_of(message));
}

TEST(TnefWriting, AttachmentsComeBack) {
  auto message = note("Files");
  message.attachments = {
      make_attachment("ünï.txt", mapi::Content::from_text("first"), "text/plain"),
      mapi::make_attachment("empty", mapi::Content::from_text("")), mapi::Attachment{}};
  message.attachments[2].set(mapi::PR_ATTACH_METHOD, 6);
  message.attachments[2].set(mapi::PR_RENDERING_POSITION, 17);
  message.attachments[2].data = mapi::Content::from_text("a compound file");
  const auto result = read_back(message);
  ASSERT_EQ(result.attachments.size(), 3U);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(bag_of(result.attachments[i]), bag_of(message.attachments[i]));
    EXPECT_EQ(text_of(result.attachments[i].data), text_of(message.attachments[i].data));
  }
}

TEST(TnefWriting, EmbeddedMessagesComeBackWithTheirRecipients) {
  auto inner = note("Inner");
  inner.attachments = {mapi::make_attachment("in.txt", mapi::Content::from_text("inside"))};
  auto outer = note("Outer");
  outer.attachments = {mapi::make_attachment(inner)};
  const auto result = read_back(outer);
  EXPECT_THAT(result.recipients, IsEmpty());
  ASSERT_NE(result.attachments.at(0).embedded, nullptr);
  const auto& embedded = *result.attachments[0].embedded;
  EXPECT_EQ(bag_of(embedded), bag_of(inner));
  EXPECT_EQ(embedded.recipients, inner.recipients);
  EXPECT_EQ(text_of(embedded.attachments.at(0).data), "inside");
}

TEST(TnefWriting, NobodySeesWhoGotABlindCopy) {
  auto inner = note("Inner");
  inner.recipients.push_back(
      mapi::make_recipient(mapi::RecipientType::bcc, "hidden@example.com", "Hidden"));
  inner.set(mapi::PR_DISPLAY_BCC, "Hidden");
  auto outer = note("Outer");
  outer.set(mapi::PR_DISPLAY_BCC, "Hidden");
  outer.set(mapi::PR_ORIGINAL_DISPLAY_BCC, "Hidden");
  outer.set(mapi::PR_TRANSPORT_MESSAGE_HEADERS, "Bcc: Hidden");
  outer.attachments = {mapi::make_attachment(inner)};
  const auto result = read_back(outer);
  EXPECT_FALSE(result.get(mapi::PR_DISPLAY_BCC));
  EXPECT_FALSE(result.get(mapi::PR_ORIGINAL_DISPLAY_BCC));
  EXPECT_FALSE(result.get(mapi::PR_TRANSPORT_MESSAGE_HEADERS));
  EXPECT_FALSE(result.attachments.at(0).embedded->get(mapi::PR_DISPLAY_BCC));
  EXPECT_EQ(result.attachments[0].embedded->recipients.size(), 1U);
}

TEST(TnefWriting, WhatIsTheStoresStaysThere) {
  auto message = note("Internal");
  message.set(mapi::PR_POSTERN_TRANSCRIPT, "AUTH ...");
  message.set(0x6619, binary("store"));
  const auto result = read_back(message);
  EXPECT_EQ(result.find(mapi::PR_POSTERN_TRANSCRIPT.id), nullptr);
  EXPECT_EQ(result.find(0x6619), nullptr);
}

mapi::Binary exchange_entry_id(std::string_view name) {
  constexpr std::string_view header(
      "\0\0\0\0\xDC\xA7\x40\xC8\xC0\x42\x10\x1A\xB4\xB9\x08\0\x2B\x2F\xE1\x82\1\0\0\0\0\0\0\0", 28);
  return binary(std::string(header) + std::string(name) + '\0');
}

TEST(TnefWriting, ExchangeUsersAreNamedByTheirAddresses) {
  auto message = note("From within");
  message.set(mapi::PR_SENDER_NAME, "Ann");
  message.set(mapi::PR_SENDER_ADDRTYPE, "EX");
  message.set(mapi::PR_SENDER_EMAIL_ADDRESS, "/o=x/cn=ann");
  message.set(mapi::PR_SENDER_SMTP_ADDRESS, "ann@example.com");
  message.set(mapi::PR_SENDER_ENTRYID, exchange_entry_id("/o=x/cn=ann"));
  message.set(mapi::PR_SENT_REPRESENTING_ENTRYID, exchange_entry_id("/o=x/cn=bob"));
  message.set(mapi::PR_REPLY_RECIPIENT_ENTRIES,
              mapi::make_flat_entry_list({{exchange_entry_id("/o=x/cn=ann")}}));
  message.set(0x6820, std::vector<mapi::Binary>{exchange_entry_id("/o=x/cn=bob")});
  const auto result = read_back(message);
  const auto address = [](const mapi::Binary& entry_id) {
    const auto found = mapi::parse_one_off(entry_id);
    return found ? found->display_name + '|' + found->type + '|' + found->address : "none";
  };
  EXPECT_EQ(address(result.get_or(mapi::PR_SENDER_ENTRYID, {})), "Ann|SMTP|ann@example.com");
  EXPECT_EQ(address(result.get_or(mapi::PR_SENT_REPRESENTING_ENTRYID, {})),
            "/o=x/cn=bob|EX|/o=x/cn=bob");
  const auto replies =
      mapi::parse_flat_entry_list(result.get_or(mapi::PR_REPLY_RECIPIENT_ENTRIES, {}));
  EXPECT_EQ(address(replies.at(0).bytes), "/o=x/cn=ann|SMTP|ann@example.com");
  EXPECT_EQ(address(std::get<std::vector<mapi::Binary>>(*result.find(0x6820)).at(0)),
            "/o=x/cn=bob|EX|/o=x/cn=bob");
}

TEST(TnefWriting, DataIsReadWithTheStream) {
  class Endless final : public mapi::ContentSource {
   public:
    [[nodiscard]] std::uint64_t size() const override { return std::uint64_t{1} << 31U; }
    [[nodiscard]] std::unique_ptr<mapi::ContentReader> open() const override {
      throw mapi::Failure(mapi::MAPI_E_NOT_FOUND, "opened");
    }
  };
  auto message = note("Large");
  message.attachments = {
      mapi::make_attachment("large", mapi::Content(std::make_shared<Endless>()))};
  const auto written = tnef_of(message);
  EXPECT_GT(written.size(), std::uint64_t{1} << 31U);
  std::vector<std::byte> block(10'000);
  EXPECT_THROW(written.open()->read(block), mapi::Failure);
}

TEST(TnefWriting, DataThatEndsEarlyIsAFailure) {
  const auto short_data = mapi::Content::from_text("short").slice(0, 9);
  auto message = note("Short");
  message.attachments = {mapi::make_attachment("short", short_data)};
  EXPECT_EQ(failure_of([&] { text_of(tnef_of(message)); }).code(), mapi::MAPI_E_CORRUPT_DATA);
}

TEST(TnefWriting, LimitsAreFailures) {
  class Huge final : public mapi::ContentSource {
   public:
    [[nodiscard]] std::uint64_t size() const override { return std::uint64_t{1} << 32U; }
    [[nodiscard]] std::unique_ptr<mapi::ContentReader> open() const override { return nullptr; }
  };
  auto message = note("Huge");
  message.attachments = {mapi::make_attachment("huge", mapi::Content(std::make_shared<Huge>()))};
  EXPECT_EQ(failure_of([&] { tnef_of(message); }).code(), mapi::MAPI_E_TOO_BIG);
  auto nested = note("Innermost");
  for (int i = 0; i < 33; ++i) {
    auto outer = note("Outer");
    outer.attachments = {mapi::make_attachment(nested)};
    nested = outer;
  }
  EXPECT_EQ(failure_of([&] { tnef_of(nested); }).code(), mapi::MAPI_E_TOO_COMPLEX);
}

}  // namespace
}  // namespace postern::msg
