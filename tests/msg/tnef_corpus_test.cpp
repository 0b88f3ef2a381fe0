// Real winmail.dat files, compared with what MANIFEST.tsv says of them.
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "mapi/property_tags.h"
#include "msg/tnef/message_classes.h"
#include "msg/tnef_file.h"
#include "tests/msg/test_support.h"

namespace postern::msg {
namespace {

std::filesystem::path tnef_corpus() {
  return std::filesystem::path(POSTERN_SHARED_DIR) / "corpus/tnef";
}

using ManifestRow = std::map<std::string, std::string>;

std::vector<std::string> cells(const std::string& line) {
  std::vector<std::string> fields;
  std::istringstream stream(line);
  for (std::string field; std::getline(stream, field, '\t');) fields.push_back(field);
  return fields;
}

std::vector<ManifestRow> manifest() {
  std::vector<ManifestRow> rows;
  std::ifstream file(tnef_corpus() / "MANIFEST.tsv");
  std::string line;
  std::getline(file, line);
  const auto names = cells(line);
  while (std::getline(file, line)) {
    const auto fields = cells(line);
    ManifestRow& row = rows.emplace_back();
    for (std::size_t i = 0; i < fields.size(); ++i) row[names.at(i)] = fields[i];
  }
  return rows;
}

/// The number after "attachments=" in what the manifest says of the file.
std::size_t attachments_of(const ManifestRow& row) {
  constexpr std::string_view key = "attachments=";
  const auto& text = row.at("what_it_shows");
  return std::stoul(text.substr(text.find(key) + key.size()));
}

class TnefCorpus : public testing::Test {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(tnef_corpus())) GTEST_SKIP() << tnef_corpus() << " is absent";
  }
};

TEST_F(TnefCorpus, ClassesAndAttachmentsAreThoseOfTheManifest) {
  const auto rows = manifest();
  EXPECT_GE(rows.size(), 19U);
  for (const auto& row : rows) {
    SCOPED_TRACE(row.at("file"));
    const auto content = mapi::Content::from_file(tnef_corpus() / row.at("file"));
    if (row.at("file") == "oom.tnef") {  // nothing but a list that is no list
      EXPECT_EQ(failure_of([&] { read_tnef(content); }).code(), mapi::MAPI_E_CORRUPT_DATA);
      continue;
    }
    const auto [message, losses] = read_tnef(content);
    EXPECT_EQ(message.attachments.size(), attachments_of(row));
    if (row.at("message_class") != "None") {
      EXPECT_EQ(message.get(mapi::PR_MESSAGE_CLASS), class_from_tnef(row.at("message_class")));
    }
    for (const auto& attachment : message.attachments) {
      EXPECT_EQ(attachment.data.read_all().size(), attachment.data.size());
    }
    for (const auto& loss : losses) EXPECT_EQ(loss.sentence.find("checksum"), std::string::npos);
  }
}

TEST_F(TnefCorpus, TextsAreDecoded) {
  const auto subject = [](const char* name) {
    const auto message = read_tnef(mapi::Content::from_file(tnef_corpus() / name)).message;
    return std::string(message.get_or(mapi::PR_SUBJECT, ""));
  };
  EXPECT_EQ(subject("mapi_attach_data_obj-teamwork.tnef"), "Bodø-damer på vei!");
  EXPECT_EQ(subject("unicode-mapi-attr-name.tnef"),
            "RE: [ZGLOSZENIE] THU#29044 Aktualizacja numerów w dodatkowych panelach");
}

}  // namespace
}  // namespace postern::msg
