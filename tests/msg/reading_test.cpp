// What real writers do wrong, and what is unusual, is read nevertheless (mapi-to-mime.md §1).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "msg/message/losses.h"
#include "msg/property/stream_names.h"
#include "tests/losses.h"
#include "tests/msg/hand_made_file.h"
#include "tests/resource_limits.h"

namespace postern::msg {
namespace {

using test::Entries;
using test::make_file;
using test::text_stream;

constexpr std::uint32_t subject_unicode = 0x0037001F;
constexpr std::uint32_t subject_string8 = 0x0037001E;
constexpr std::string_view utf16_abc{"a\0b\0c\0", 6};

class Reading : public testing::Test {
 protected:
  ReadResult read_file(const std::function<void(StorageWriter& root)>& fill) {
    make_file(path_, fill);
    return read(path_);
  }
  /// As above, without any warning.
  mapi::Message message(const std::function<void(StorageWriter& root)>& fill) {
    auto result = read_file(fill);
    EXPECT_THAT(sentences(result.losses), testing::IsEmpty());
    return std::move(result.message);
  }

  test::TemporaryDirectory directory_;
  std::filesystem::path path_ = directory_ / "message.msg";
};

TEST_F(Reading, NamesCompareWithoutCase) {
  const auto found = message([](StorageWriter& root) {
    Entries(32).add(subject_unicode).add(0x1013'0102).write(root, "__PROPERTIES_VERSION1.0");
    text_stream(root, "__SUBSTG1.0_0037001f", utf16_abc);
    text_stream(root, "__substg1.0_10130102", "<p>");
    auto row = root.storage("__RECIP_VERSION1.0_#0000000a");
    Entries(8).add(0x0C15'0003, 2).write(row);
  });
  EXPECT_EQ(found.get(mapi::PR_SUBJECT), "abc");
  ASSERT_EQ(found.recipients.size(), 1U);
  EXPECT_EQ(mapi::recipient_type(found.recipients[0]), mapi::RecipientType::cc);
}

TEST_F(Reading, RowsComeInTheOrderOfTheirNumbersWithGapsAndWhateverTheCounts) {
  const auto found = message([](StorageWriter& root) {
    Entries(32).add(subject_unicode).write(root);  // its header counts no rows
    text_stream(root, "__substg1.0_0037001F", utf16_abc);
    for (const int number : {0x10, 0x2, 0xA}) {
      std::array<char, 40> name{};
      std::snprintf(name.data(), name.size(), "__recip_version1.0_#%08X", number);
      auto row = root.storage(name.data());
      Entries(8).add(0x3000'0003, static_cast<std::uint64_t>(number)).write(row);
    }
  });
  std::vector<std::int32_t> numbers;
  for (const auto& row : found.recipients) numbers.push_back(row.get_or(mapi::PR_ROWID, -1));
  EXPECT_THAT(numbers, testing::ElementsAre(0x2, 0xA, 0x10));
}

TEST_F(Reading, TheLengthOfTheStreamCountsNotTheSizeInTheEntry) {
  const auto found = message([](StorageWriter& root) {
    Entries(32).add(subject_unicode, 2).add(0x0FFF'0102, 1'000'000).write(root);
    text_stream(root, "__substg1.0_0037001F", utf16_abc);
    text_stream(root, "__substg1.0_0FFF0102", "12345");
  });
  EXPECT_EQ(found.get(mapi::PR_SUBJECT), "abc");
  EXPECT_EQ(*found.get(mapi::PR_ENTRYID), test::binary("12345"));
}

TEST_F(Reading, AnEntryWithoutAStreamIsAbsentAndAnEmptyStreamIsNot) {
  const auto found = message([](StorageWriter& root) {
    Entries(32).add(subject_unicode).add(0x1000'001F).write(root);
    text_stream(root, "__substg1.0_1000001F", "");
  });
  EXPECT_FALSE(found.get(mapi::PR_SUBJECT));
  EXPECT_EQ(found.get(mapi::PR_BODY), "");
}

TEST_F(Reading, AStreamWithoutAnEntryCountsAsIfItHadOne) {
  const auto found = message([](StorageWriter& root) {
    Entries(32).write(root);
    text_stream(root, "__substg1.0_0037001F", utf16_abc);
    text_stream(root, "__substg1.0_12340003", "\x01");  // but numbers do not lie in streams
    text_stream(root, "__substg1.0_nonsense", "");
  });
  EXPECT_EQ(found.properties().size(), 1U);
  EXPECT_EQ(found.get(mapi::PR_SUBJECT), "abc");
}

TEST_F(Reading, AnEntryOfTheOtherStringTypeFindsItsStream) {
  const auto found = message([](StorageWriter& root) {
    Entries(32).add(subject_unicode).add(0x1000'001E).write(root);
    text_stream(root, "__substg1.0_0037001E", "8-bit");
    text_stream(root, "__substg1.0_1000001F", utf16_abc);
  });
  EXPECT_EQ(found.get(mapi::PR_SUBJECT), "8-bit");
  EXPECT_EQ(found.get(mapi::PR_BODY), "abc");
}

TEST_F(Reading, AFragmentBehindTheEntriesIsIgnored) {
  const auto found = message(
      [](StorageWriter& root) { Entries(32).add(0x0017'0003, 2).add_fragment(4).write(root); });
  EXPECT_EQ(found.properties().size(), 1U);
  EXPECT_EQ(found.get(mapi::PR_IMPORTANCE), 2);
}

TEST_F(Reading, ABooleanIsItsLowOctet) {
  const auto found = message([](StorageWriter& root) {
    Entries(32).add(0x0029'000B, 0xFFFF'FF00).add(0x0023'000B, 0xFFFF'FFFF).write(root);
  });
  EXPECT_EQ(found.get(mapi::PR_READ_RECEIPT_REQUESTED), false);
  EXPECT_EQ(found.get(mapi::PR_ORIGINATOR_DELIVERY_REPORT_REQUESTED), true);
}

TEST_F(Reading, StringsLoseTrailingNulsAndOddOctets) {
  const auto found = message([](StorageWriter& root) {
    Entries(32).add(subject_unicode).add(0x1000'001E).write(root);
    text_stream(root, "__substg1.0_0037001F", std::string_view("a\0b\0\0\0\0\0x", 9));
    text_stream(root, "__substg1.0_1000001E", std::string_view("ab\0\0", 4));
  });
  EXPECT_EQ(found.get(mapi::PR_SUBJECT), "ab");
  EXPECT_EQ(found.get(mapi::PR_BODY), "ab");
}

TEST_F(Reading, EachPropertyHasItsOwnStringTypeWhateverTheMask) {
  const auto found = message([](StorageWriter& root) {
    Entries(32).add(0x340D'0003, 0x40000).add(0x3FFD'0003, 1252).add(subject_string8).write(root);
    text_stream(root, "__substg1.0_0037001E", "\xE9");
  });
  EXPECT_EQ(found.get(mapi::PR_SUBJECT), "\xC3\xA9");
}

TEST_F(Reading, AnEmbeddedMessageThatSaysNoCodePageHasItsParents) {
  const auto result = read_file([](StorageWriter& root) {
    Entries(32).add(0x3FFD'0003, 1251).write(root);
    auto attachment = root.storage("__attach_version1.0_#00000000");
    Entries(8).add(0x3705'0003, 5).write(attachment);
    auto embedded = attachment.storage("__substg1.0_3701000D");
    Entries(24).add(subject_string8).write(embedded);
    text_stream(embedded, "__substg1.0_0037001E", "\xC4\xE0");
  });
  const auto& embedded = *result.message.attachments.at(0).embedded;
  EXPECT_EQ(embedded.get(mapi::PR_SUBJECT), "Да");
  ASSERT_EQ(result.losses.size(), 1U);
  EXPECT_THAT(result.losses[0].sentence, testing::HasSubstr("attachment 1: nothing says"));
}

TEST_F(Reading, OneOffsOfOctetsAreInTheCodePageOfTheirMessage) {
  auto one_off = mapi::make_one_off({"", "SMTP", "a@example.org"}).bytes;
  one_off.resize(22);  // flags, provider, version
  for (const char octet : std::string_view("\0\0\xC4\xE0\0SMTP\0a@example.org\0", 24)) {
    one_off.push_back(static_cast<std::byte>(octet));
  }
  const auto list = mapi::make_flat_entry_list({{one_off}, {one_off}});
  const auto found = message([&](StorageWriter& root) {
    Entries(32).add(0x3FFD'0003, 1251).add(0x0C19'0102).add(0x004F'0102).write(root);
    const auto text = [](const auto& octets) {
      return std::string(reinterpret_cast<const char*>(octets.data()), octets.size());
    };
    text_stream(root, "__substg1.0_0C190102", text(one_off));
    text_stream(root, "__substg1.0_004F0102", text(list));
  });
  const auto sender = mapi::parse_one_off(*found.get(mapi::PR_SENDER_ENTRYID));
  ASSERT_TRUE(sender);
  EXPECT_EQ(sender->display_name, "Да");
  const auto entries = mapi::parse_flat_entry_list(*found.get(mapi::PR_REPLY_RECIPIENT_ENTRIES));
  ASSERT_EQ(entries.size(), 2U);
  EXPECT_EQ(mapi::parse_one_off(entries[1].bytes)->display_name, "Да");
}

TEST_F(Reading, WhatIsNoCharacterIsSaid) {
  const auto result = read_file([](StorageWriter& root) {
    Entries(32).add(subject_unicode).write(root);
    text_stream(root, "__substg1.0_0037001F", std::string_view("a\0\0\xD8", 4));
  });
  EXPECT_EQ(result.message.get(mapi::PR_SUBJECT), "a\xEF\xBF\xBD");
  ASSERT_EQ(result.losses.size(), 1U);
  EXPECT_THAT(result.losses[0].sentence, testing::HasSubstr("U+FFFD"));
}

TEST_F(Reading, RowsHaveTheCodePageOfTheirMessageAndEmbeddedMessagesTheirOwn) {
  const auto found = message([](StorageWriter& root) {
    Entries(32).add(0x3FFD'0003, 1251).write(root);
    auto recipient = root.storage("__recip_version1.0_#00000000");
    Entries(8).add(0x3001'001E).write(recipient);
    text_stream(recipient, "__substg1.0_3001001E", "\xC4\xE0");
    auto attachment = root.storage("__attach_version1.0_#00000000");
    Entries(8).add(0x3705'0003, 5).add(0x3001'001E).write(attachment);
    text_stream(attachment, "__substg1.0_3001001E", "\xC4\xE0");
    auto embedded = attachment.storage("__substg1.0_3701000D");
    Entries(24).add(0x3FF1'0003, 1032).add(subject_string8).write(embedded);
    text_stream(embedded, "__substg1.0_0037001E", "\xE1");
  });
  EXPECT_EQ(found.recipients.at(0).get(mapi::PR_DISPLAY_NAME), "\xD0\x94\xD0\xB0");
  EXPECT_EQ(found.attachments.at(0).get(mapi::PR_DISPLAY_NAME), "\xD0\x94\xD0\xB0");
  ASSERT_TRUE(found.attachments[0].embedded);
  EXPECT_EQ(found.attachments[0].embedded->get(mapi::PR_SUBJECT), "\xCE\xB1");
}

TEST_F(Reading, AnAttachmentWithoutAMethodIsJudgedByWhatIsThere) {
  const auto found = message([](StorageWriter& root) {
    Entries(32).add(0x0017'0003, 1).write(root);
    auto embedded = root.storage("__attach_version1.0_#00000000");
    Entries(8).write(embedded);
    auto object = embedded.storage("__substg1.0_3701000D");
    Entries(24).add(0x0017'0003, 2).write(object);
    auto file = root.storage("__attach_version1.0_#00000001");
    Entries(8).write(file);
    text_stream(file, "__substg1.0_37010102", "data");
  });
  ASSERT_EQ(found.attachments.size(), 2U);
  EXPECT_EQ(mapi::attach_method(found.attachments[0]), mapi::AttachMethod::embedded_message);
  EXPECT_EQ(found.attachments[0].embedded->get(mapi::PR_IMPORTANCE), 2);
  EXPECT_EQ(mapi::attach_method(found.attachments[1]), mapi::AttachMethod::by_value);
  EXPECT_EQ(test::text_of(found.attachments[1].data), "data");
}

TEST_F(Reading, WhatAnAttachmentHoldsIsAFactAndItsMethodAHint) {
  const std::string data = "__substg1.0_37010102";
  const std::string object = "__substg1.0_3701000D";
  const auto result = read_file([&](StorageWriter& root) {
    Entries(32).add(0x0017'0003, 1).write(root);
    std::uint32_t number = 0;
    const auto attachment = [&](std::uint32_t method) {
      auto storage = root.storage(row_storage_name(RowKind::attachment, number++));
      Entries(8).add(0x3705'0003, method).write(storage);
      return storage;
    };
    for (const auto method : {0U, 2U, 4U, 5U, 6U, 7U}) {
      auto storage = attachment(method);
      text_stream(storage, data, "octets");
    }
    auto message = attachment(1).storage(object);
    Entries(24).add(0x0017'0003, 2).write(message);
    auto ole = attachment(1).storage(object);
    text_stream(ole, "CONTENTS", "x");
    auto both = attachment(5);
    text_stream(both, data, "");
    auto beside = both.storage(object);
    Entries(24).add(0x0017'0003, 2).write(beside);
    for (const auto method : {1U, 7U}) {
      auto storage = attachment(method);
      text_stream(storage, data, "");
    }
  });
  const auto& found = result.message.attachments;
  ASSERT_EQ(found.size(), 11U);
  for (std::size_t i = 0; i < 6; ++i) {
    EXPECT_EQ(found[i].get(mapi::PR_ATTACH_METHOD), 1) << i;
    EXPECT_EQ(test::text_of(found[i].data), "octets") << i;
  }
  EXPECT_EQ(found[6].get(mapi::PR_ATTACH_METHOD), 5);
  EXPECT_TRUE(found[6].embedded);
  EXPECT_EQ(found[7].get(mapi::PR_ATTACH_METHOD), 6);
  EXPECT_GT(found[7].data.size(), 0U);
  EXPECT_TRUE(found[8].embedded);
  EXPECT_NE(found[9].data.source(), nullptr);
  EXPECT_EQ(mapi::attach_method(found[10]), mapi::AttachMethod::by_web_reference);
  EXPECT_THAT(sentences(result.losses), testing::IsEmpty());
}

TEST_F(Reading, AMissingPartIsWarnedAboutAndTheRestIsKept) {
  const auto result = read_file([](StorageWriter& root) {
    Entries(32).add(0x0017'0003, 1).add(0x6800'0999).write(root);
    auto no_data = root.storage("__attach_version1.0_#00000000");
    Entries(8).add(0x3705'0003, 1).write(no_data);
    auto no_message = root.storage("__attach_version1.0_#00000001");
    Entries(8).add(0x3705'0003, 5).write(no_message);
    root.storage("__recip_version1.0_#00000000");
  });
  EXPECT_EQ(result.message.get(mapi::PR_IMPORTANCE), 1);
  ASSERT_EQ(result.message.attachments.size(), 2U);
  EXPECT_EQ(result.message.attachments[0].data.size(), 0U);
  EXPECT_FALSE(result.message.attachments[1].embedded);
  using testing::HasSubstr;
  EXPECT_THAT(sentences(result.losses),
              testing::ElementsAre(HasSubstr("property 68000999"), HasSubstr("recipient 1"),
                                   HasSubstr("attachment 1: the data is missing"),
                                   HasSubstr("attachment 2: the embedded message is missing")));
}

TEST_F(Reading, NamesThatLeadNowhereNameNothing) {
  const auto found = message([](StorageWriter& root) {
    Entries entries(32);
    entries.add(0x0017'0003, 1);
    for (std::uint32_t id = 0x8000; id < 0x8006; ++id) entries.add(id << 16U | 0x0003, id);
    entries.write(root);
    auto map = root.storage("__nameid_version1.0");
    std::vector<std::byte> names;
    const auto name = [&](std::uint32_t key, std::uint16_t kind_and_set) {
      append(names, key);
      append(names, kind_and_set);
      append(names, static_cast<std::uint16_t>(names.size() / 8));
    };
    name(7, 1 << 1);         // PS_MAPI, number 7
    name(7, 0);              // no set
    name(7, 9 << 1);         // a set after the end
    name(1000, 1 << 1 | 1);  // a text after the end
    name(0, 1 << 1 | 1);     // a text that goes on after the end
    map.stream("__substg1.0_00030102", names);
    text_stream(map, "__substg1.0_00040102", std::string_view("\xFF\0\0\0a\0", 6));
  });
  EXPECT_EQ(found.named_properties().size(), 1U);
  const auto* value = found.find(mapi::PropertyName{mapi::PS_MAPI, 7U});
  ASSERT_NE(value, nullptr);
  EXPECT_EQ(*value, mapi::PropertyValue(std::int32_t{0x8000}));
  EXPECT_EQ(found.properties().size(), 1U);
}

TEST_F(Reading, MoreThan65536PropertiesAreRefused) {
  const auto failure = test::failure_of([&] {
    read_file([](StorageWriter& root) {
      Entries entries(32);
      for (std::uint32_t i = 0; i < 65'537; ++i) entries.add(0x0017'0003, i);
      entries.write(root);
    });
  });
  EXPECT_EQ(failure.code(), mapi::MAPI_E_TOO_COMPLEX);
  EXPECT_THAT(failure.what(), testing::HasSubstr(path_.string()));
}

TEST_F(Reading, ValueOfMoreThan256MiBIsRefusedAndAttachmentDataIsNot) {
  constexpr std::uint64_t octets = (std::uint64_t{256} << 20) + 1;
  class Zeros final : public mapi::ContentReader {
   public:
    std::size_t read(std::span<std::byte> into) override {
      const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(into.size(), left_));
      std::fill_n(into.begin(), count, std::byte{0});
      left_ -= count;
      return count;
    }

   private:
    std::uint64_t left_ = octets;
  };
  const auto with_stream = [&](const std::string& name, bool attached) {
    return [=](StorageWriter& root) {
      Zeros zeros;
      Entries(32).add(0x0017'0003, 1).write(root);
      if (!attached) return root.stream(name, octets, zeros);
      auto attachment = root.storage("__attach_version1.0_#00000000");
      Entries(8).add(0x3705'0003, 1).write(attachment);
      attachment.stream(name, octets, zeros);
    };
  };
  const auto failure =
      test::failure_of([&] { read_file(with_stream("__substg1.0_10090102", false)); });
  EXPECT_EQ(failure.code(), mapi::MAPI_E_TOO_COMPLEX);
  EXPECT_THAT(failure.what(), testing::HasSubstr("256 MiB"));
  const auto found = message(with_stream("__substg1.0_37010102", true));
  EXPECT_EQ(found.attachments.at(0).data.size(), octets);
}

TEST_F(Reading, WithoutADescriptorTheSentenceNamesTheCure) {
  POSTERN_NEEDS_DESCRIPTORS();
  message([](StorageWriter& root) { Entries(32).add(0x0017'0003, 1).write(root); });
  postern::test::DescriptorLimit limit;
  limit.begin();
  const auto failure = test::failure_of([&] { (void)read(path_); });
  limit.end();
  EXPECT_EQ(failure.code(), mapi::MAPI_E_NOT_ENOUGH_RESOURCES);
  EXPECT_THAT(failure.what(), testing::HasSubstr("ulimit -n"));
}

TEST_F(Reading, MessagesNestedDeeperThan32AreRefused) {
  const std::function<void(StorageWriter&, int)> nest = [&](StorageWriter& storage, int depth) {
    Entries(depth == 0 ? 32 : 24).add(0x0017'0003, 1).write(storage);
    if (depth == 40) return;
    auto attachment = storage.storage("__attach_version1.0_#00000000");
    Entries(8).add(0x3705'0003, 5).write(attachment);
    auto embedded = attachment.storage("__substg1.0_3701000D");
    nest(embedded, depth + 1);
  };
  const auto failure =
      test::failure_of([&] { read_file([&](StorageWriter& root) { nest(root, 0); }); });
  EXPECT_EQ(failure.code(), mapi::MAPI_E_TOO_COMPLEX);
}

TEST_F(Reading, ACompoundFileWithoutAMessageIsRefused) {
  const auto failure = test::failure_of(
      [&] { read_file([](StorageWriter& root) { text_stream(root, "WordDocument", "text"); }); });
  EXPECT_EQ(failure.code(), mapi::MAPI_E_CORRUPT_DATA);
  EXPECT_THAT(failure.what(), testing::HasSubstr(path_.string()));
}

TEST_F(Reading, WhatIsNoCompoundFileIsRefused) {
  for (const std::string content : {"", "From: a@example.com\r\n", "\xD0\xCF\x11\xE0"}) {
    test::save_file(path_, {content.begin(), content.end()});
    const auto failure = test::failure_of([&] { read(path_); });
    EXPECT_EQ(failure.code(), mapi::MAPI_E_CORRUPT_DATA) << content;
    EXPECT_THAT(failure.what(), testing::HasSubstr(path_.string()));
  }
}

TEST_F(Reading, WhatCannotBeOpenedIsNamed) {
  for (const auto& path : {directory_ / "nowhere.msg", directory_ / "."}) {
    const auto failure = test::failure_of([&] { read(path); });
    EXPECT_EQ(failure.code(), mapi::MAPI_E_NOT_FOUND);
    EXPECT_THAT(failure.what(), testing::HasSubstr(path.string()));
  }
}

TEST(ManyLosses, AreCountedNotKept) {
  Losses losses;
  for (int i = 0; i < 1000; ++i) {
    losses.add({mapi::LossKind::damaged, mapi::whole_message, "part " + std::to_string(i)});
  }
  const auto taken = losses.take();
  EXPECT_EQ(taken.size(), 101U);
  EXPECT_THAT(taken.back().sentence, testing::HasSubstr("900"));
}

}  // namespace
}  // namespace postern::msg
