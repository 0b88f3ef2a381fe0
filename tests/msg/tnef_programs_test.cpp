// The winmail.dat files of the corpus, compared with what Debian's tnef and ytnef make of them.
//
// Both are programs of their own, which crash at some files and skip attachments of others; what
// they do find has to be found here, with the same octets.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "mapi/compressed_rtf.h"
#include "mapi/property_tags.h"
#include "msg/tnef_file.h"
#include "tests/msg/test_support.h"
#include "tests/msg/tnef_stream.h"

namespace postern::msg {
namespace {

using test::TemporaryDirectory;

/// File names and octets.
using Files = std::map<std::string, std::string>;

std::filesystem::path winmail_files() {
  return std::filesystem::path(POSTERN_SHARED_DIR) / "corpus/tnef";
}

Files extracted(const std::string& command, const std::filesystem::path& file) {
  const TemporaryDirectory directory;
  const auto path = directory.path().string();
  const auto line = command + " '" + path + "' " + (command.starts_with("tnef") ? "-f " : "") +
                    "'" + file.string() + "' >/dev/null 2>&1";
  // A program that fails has left what it found until then.
  if (std::system(line.c_str()) == -1) ADD_FAILURE() << line;
  Files files;
  for (const auto& entry : std::filesystem::directory_iterator(directory.path())) {
    const auto octets = test::load_file(entry.path());
    files[entry.path().filename().string()] = {octets.begin(), octets.end()};
  }
  return files;
}

/// The data of the attachments. To both programs the name of the interface is part of an object.
std::vector<std::string> data_of(const mapi::Message& message) {
  std::vector<std::string> data;
  for (const auto& attachment : message.attachments) {
    data.push_back(test::text_of(attachment.data));
    data.push_back(test::TnefOctets().guid(storage_interface).octets(data.back()).text());
  }
  return data;
}

/// A body, by the name that tnef gives it; empty: there is none.
std::string body_of(const mapi::Message& message, const std::string& name) {
  if (name == "message.txt") return std::string(message.get_or(mapi::PR_BODY, ""));
  const auto* octets = message.get(name == "message.rtf" ? mapi::PR_RTF_COMPRESSED : mapi::PR_HTML);
  if (octets == nullptr) return {};
  if (name == "message.rtf") return mapi::decompress_rtf(*octets).value().rtf;
  return {reinterpret_cast<const char*>(octets->data()), octets->size()};
}

/// Without NULs and line ends behind it, which decompress_rtf removes.
std::string trimmed(std::string text) {
  constexpr std::string_view ends("\0\r\n", 3);
  text.erase(text.find_last_not_of(ends) + 1);
  return text;
}

class TnefPrograms : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(winmail_files())) GTEST_SKIP() << winmail_files() << " is absent";
    const std::string name(program().substr(0, program().find(' ')));
    if (std::system(("command -v " + name + " >/dev/null").c_str()) == 0) return;
    const auto* const ci = std::getenv("CI");
    ASSERT_FALSE(ci != nullptr && std::string_view(ci) == "true") << name << " is not installed";
    GTEST_SKIP() << name << " is not installed: scripts/install-dependencies.sh --tests";
  }
  static std::string program() { return GetParam(); }
};

TEST_P(TnefPrograms, WhatTheyFindIsFound) {
  std::size_t compared = 0;
  for (const auto& entry : std::filesystem::directory_iterator(winmail_files())) {
    if (entry.path().extension() != ".tnef") continue;
    SCOPED_TRACE(entry.path().filename());
    const auto files = extracted(program(), entry.path());
    if (files.empty()) continue;
    const auto message = read_tnef(mapi::Content::from_file(entry.path())).message;
    const auto data = data_of(message);
    for (const auto& [name, octets] : files) {
      if (name.ends_with(".ics")) continue;  // made up by ytnef
      if (name.starts_with("message.")) {
        EXPECT_EQ(trimmed(octets), trimmed(body_of(message, name))) << name;
      } else {
        EXPECT_NE(std::ranges::find(data, octets), data.end()) << name;
      }
      ++compared;
    }
  }
  EXPECT_GE(compared, 15U);
}

INSTANTIATE_TEST_SUITE_P(Debian, TnefPrograms, testing::Values("tnef --save-body -C", "ytnef -f"),
                         [](const auto& instance) {
                           const std::string command(instance.param);
                           return command.substr(0, command.find(' '));
                         });

}  // namespace
}  // namespace postern::msg
