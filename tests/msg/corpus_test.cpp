// Real .msg files, compared with what independent readers found in them (FACTS.json: a value is
// what at least two of them say; null is no agreement, so nothing to compare).
#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <openssl/evp.h>

#include "mapi/code_page.h"
#include "mapi/property_tags.h"
#include "msg/property/named_properties.h"
#include "tests/msg/test_support.h"

namespace postern::msg {
namespace {

using nlohmann::json;

std::filesystem::path corpus() {
  return std::filesystem::path(POSTERN_SHARED_DIR) / "corpus/msg";
}

std::string sha256(const mapi::Content& content) {
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> digest(EVP_MD_CTX_new(),
                                                                       &EVP_MD_CTX_free);
  EVP_DigestInit_ex(digest.get(), EVP_sha256(), nullptr);
  std::vector<std::byte> block(4096);
  const auto reader = content.open();
  while (const auto count = reader->read(block)) {
    EVP_DigestUpdate(digest.get(), block.data(), count);
  }
  std::array<unsigned char, 32> octets{};
  EVP_DigestFinal_ex(digest.get(), octets.data(), nullptr);
  std::string hex;
  for (const unsigned octet : octets) {
    hex += "0123456789abcdef"[octet >> 4U];
    hex += "0123456789abcdef"[octet & 0xFU];
  }
  return hex;
}

/// All white space, with NO-BREAK SPACE, as one blank; none at the ends.
std::string normalised(std::string_view text) {
  std::string result;
  bool blank = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool no_break = text.substr(i, 2) == "\xC2\xA0";
    if (no_break) ++i;
    if (no_break || std::string_view(" \t\r\n\v\f").find(text[i]) != std::string_view::npos) {
      blank = true;
      continue;
    }
    if (blank && !result.empty()) result += ' ';
    blank = false;
    result += text[i];
  }
  return result;
}

/// FACTS.json shows 8-bit text as windows-1252 whatever it is; the same with ours.
std::string as_windows_1252(std::string_view text, int code_page) {
  const auto octets = mapi::encode(text, code_page);
  return octets ? mapi::decode(*octets, mapi::code_page_windows_1252).text : std::string(text);
}

json text_or_null(const mapi::PropertyBag& bag, mapi::Tag<mapi::PropertyType::unicode> tag,
                  int code_page) {
  const auto value = bag.get(tag);
  if (!value) return nullptr;
  return code_page == 0 ? std::string(*value) : as_windows_1252(*value, code_page);
}

json number_or_null(const mapi::PropertyBag& bag, mapi::Tag<mapi::PropertyType::int32> tag) {
  const auto value = bag.get(tag);
  return value ? json(*value) : json();
}

json recipients_of(const mapi::Message& message, int code_page) {
  json rows = json::array();
  for (const auto& row : message.recipients) {
    rows.push_back({number_or_null(row, mapi::PR_RECIPIENT_TYPE),
                    text_or_null(row, mapi::PR_ADDRTYPE, code_page),
                    text_or_null(row, mapi::PR_EMAIL_ADDRESS, code_page),
                    text_or_null(row, mapi::PR_SMTP_ADDRESS, code_page),
                    text_or_null(row, mapi::PR_DISPLAY_NAME, code_page)});
  }
  return rows;
}

json sorted(json list) {
  std::sort(list.begin(), list.end());
  return list;
}

json attachments_of(const mapi::Message& message) {
  json found = json::array();
  for (const auto& attachment : message.attachments) {
    if (mapi::attach_method(attachment) != mapi::AttachMethod::by_value) continue;
    found.push_back({attachment.data.size(), sha256(attachment.data)});
  }
  return sorted(found);
}

json attachment_names_of(const mapi::Message& message) {
  json names = json::array();
  for (const auto& attachment : message.attachments) {
    if (mapi::attach_method(attachment) != mapi::AttachMethod::by_value) continue;
    auto name = attachment.get(mapi::PR_ATTACH_LONG_FILENAME);
    if (!name) name = attachment.get(mapi::PR_ATTACH_FILENAME);
    names.push_back(normalised(name.value_or("None")));  // as FACTS.json writes a missing name
  }
  return sorted(names);
}

long embedded_messages_in(const mapi::Message& message) {
  return std::count_if(message.attachments.begin(), message.attachments.end(),
                       [](const mapi::Attachment& attachment) { return attachment.embedded; });
}

json agreed(const json& facts, const char* field) {
  const auto found = facts.find(field);
  return found == facts.end() ? json() : (*found)["value"];
}

/// `message_class` and `structure` are what olefile says. Files it cannot read in full
/// (extract_msg, which is built on it, fails on them with OSError) have no such facts.
bool has_raw_facts(const json& facts) {
  const auto error = facts.value("/errors/extract_msg"_json_pointer, std::string());
  return error.rfind("OSError", 0) != 0;
}

/// Some of the readers count an OLE object as an embedded message.
bool has_ole_object(const json& facts) {
  const auto& attachments = facts["structure"]["attachments"];
  return std::any_of(attachments.begin(), attachments.end(), [](const json& attachment) {
    return attachment.is_object() && attachment.value("method", 0) == 6;
  });
}

/// The code page of a file's 8-bit strings where FACTS.json settles it; 0 for UNICODE.
int settled_code_page(const json& facts) {
  return facts.value("/codepage_arbitration/strings_codepage"_json_pointer, 0);
}

void expect_structure(const mapi::Message& message, const json& structure, int code_page,
                      const std::string& name) {
  const auto& recipients = structure["recipients"];
  if (recipients.is_array()) {
    EXPECT_EQ(recipients_of(message, code_page), recipients) << name;
  } else {
    EXPECT_EQ(json(message.recipients.size()), recipients["count"]) << name;
  }
  const auto& attachments = structure["attachments"];
  ASSERT_EQ(message.attachments.size(), attachments.size()) << name;
  for (std::size_t i = 0; i < attachments.size(); ++i) {
    const auto& attachment = message.attachments[i];
    if (attachments[i].contains("method")) {
      EXPECT_EQ(number_or_null(attachment, mapi::PR_ATTACH_METHOD), attachments[i]["method"]);
    }
    if (!attachments[i].contains("message")) continue;
    ASSERT_TRUE(attachment.embedded) << name;
    expect_structure(*attachment.embedded, attachments[i]["message"], code_page, name + " > ");
  }
}

class Corpus : public testing::Test {
 protected:
  void SetUp() override {
    std::ifstream file(corpus() / "FACTS.json");
    if (!file) GTEST_SKIP() << "there is no corpus in " << corpus();
    files_ = json::parse(file)["files"];
    for (const auto& [name, facts] : files_.items()) results_[name] = read(corpus() / name);
  }

  /// Compares what `find` makes of each message with the facts, where there is agreement on them.
  template <class Expected, class Find>
  void compare(Expected expected, Find find) {
    int compared = 0;
    for (const auto& [name, result] : results_) {
      const json wanted = expected(files_[name]);
      if (wanted.is_null()) continue;
      ++compared;
      EXPECT_EQ(json(find(result.message)), wanted) << name;
    }
    EXPECT_GT(compared, 0);
    RecordProperty("files_compared", compared);
  }

  json files_;
  std::map<std::string, ReadResult> results_;
};

TEST_F(Corpus, WarnsAboutBrokenFilesAndAGuessedCodePageOnly) {
  const std::set<std::string> broken{"broken-fuzz-4735011465854976.msg",
                                     "note-broken-fuzz-5336473854148608.msg",
                                     "note-html-charset.msg"};
  std::set<std::string> warned;
  for (const auto& [name, result] : results_) {
    if (!result.losses.empty()) warned.insert(name);
  }
  EXPECT_EQ(warned, broken);
}

TEST_F(Corpus, SubjectsAgree) {
  compare(
      [](const json& facts) {
        if (facts.contains("codepage_arbitration")) {
          return json(normalised(facts["codepage_arbitration"]["subject"].get<std::string>()));
        }
        const auto value = agreed(facts, "subject");
        return value.is_null() ? value : json(normalised(value.get<std::string>()));
      },
      [](const mapi::Message& message) {
        return normalised(message.get_or(mapi::PR_SUBJECT, ""));
      });
}

TEST_F(Corpus, MessageClassesAgree) {
  compare([](const json& facts) { return has_raw_facts(facts) ? facts["message_class"] : json(); },
          [](const mapi::Message& message) {
            return std::string(message.get_or(mapi::PR_MESSAGE_CLASS, "(none)"));
          });
}

TEST_F(Corpus, RecipientRowsAgree) {
  compare([](const json& facts) { return agreed(facts, "recipient_rows"); },
          [](const mapi::Message& message) { return message.recipients.size(); });
}

TEST_F(Corpus, RecipientsAndMethodsAgreeWithTheRawStructureAtEveryDepth) {
  int compared = 0;
  for (const auto& [name, result] : results_) {
    const auto& facts = files_[name];
    if (!has_raw_facts(facts)) continue;
    ++compared;
    expect_structure(result.message, facts["structure"], settled_code_page(facts), name);
  }
  EXPECT_GT(compared, 0);
}

TEST_F(Corpus, AttachmentDataAgrees) {
  compare([](const json& facts) { return sorted(agreed(facts, "attachments")); }, attachments_of);
}

TEST_F(Corpus, AttachmentNamesAgree) {
  compare([](const json& facts) { return agreed(facts, "attachment_names"); }, attachment_names_of);
}

TEST_F(Corpus, EmbeddedMessagesAgree) {
  compare(
      [](const json& facts) {
        return has_ole_object(facts) ? json() : agreed(facts, "embedded_messages");
      },
      embedded_messages_in);
}

TEST_F(Corpus, TextInOldCodePagesAgrees) {
  compare(
      [](const json& facts) {
        if (!facts.contains("codepage_arbitration")) return json();
        return facts["codepage_arbitration"]["text_normalised"]["sha256"];
      },
      [](const mapi::Message& message) {
        return sha256(mapi::Content::from_text(normalised(message.get_or(mapi::PR_BODY, ""))));
      });
}

/// Real writers made these maps. Ours, given the same names in the same order, must be the same:
/// this is the proof of the look-up streams, which nothing here reads.
TEST_F(Corpus, TheMapOfNamesIsWrittenAsOutlookWritesIt) {
  // The stream of the texts may differ in its last padding: not all writers pad.
  const std::string texts = "__substg1.0_00040102";
  int compared = 0;
  for (const auto& [name, result] : results_) {
    const CompoundFile file(InputFile::open(corpus() / name));
    const auto* storage = file.root().find_storage("__nameid_version1.0");
    if (storage == nullptr || !has_raw_facts(files_[name])) continue;
    ++compared;
    const NamedProperties names(*storage, [&](const auto& stream) { return file.read(stream); });
    NamedPropertiesWriter writer;
    for (std::uint32_t id = first_named_id; id < 0xFFFF; ++id) {
      const auto* found = names.name_of(static_cast<std::uint16_t>(id));
      if (found == nullptr) continue;
      EXPECT_EQ(writer.id_of(*found), id) << name;
    }
    for (const auto& stream : writer.streams()) {
      const auto* there = storage->find_stream(stream.name);
      if (stream.name == texts) continue;
      ASSERT_NE(there, nullptr) << name << stream.name;
      EXPECT_EQ(file.read(*there), stream.octets) << name << stream.name;
    }
  }
  EXPECT_GT(compared, 0);
}

}  // namespace
}  // namespace postern::msg
