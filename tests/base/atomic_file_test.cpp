#include "base/atomic_file.h"

#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <system_error>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "tests/resource_limits.h"

namespace postern::test {
namespace {

namespace fs = std::filesystem;

class AtomicFile : public testing::Test {
 protected:
  AtomicFile() {
    std::string pattern = (fs::temp_directory_path() / "postern-atomic-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no temporary directory");
    directory = pattern;
    path = directory / "file.json";
  }
  ~AtomicFile() override { fs::remove_all(directory); }
  [[nodiscard]] std::size_t entries() const {
    const fs::directory_iterator all(directory);
    return static_cast<std::size_t>(std::distance(begin(all), end(all)));
  }

  fs::path directory;
  fs::path path;
};

TEST_F(AtomicFile, IsReplacedWholeAndNothingIsLeftBeside) {
  replace_file(path, "one");
  replace_file(path, "another");
  EXPECT_EQ(read_file(path, 100), "another");
  EXPECT_EQ(read_file(path, 3), std::nullopt);
  EXPECT_EQ(entries(), 1U);
}

TEST_F(AtomicFile, WhatAnotherProcessIsWritingIsNotInTheWay) {
  fs::create_directory(path.string() + ".new");
  replace_file(path, "one");
  EXPECT_EQ(read_file(path, 100), "one");
}

TEST_F(AtomicFile, WritersAtOnceReplaceItByWholeContents) {
  std::vector<std::jthread> writers;
  for (const char letter : {'a', 'b', 'c', 'd'}) {
    writers.emplace_back([this, letter] {
      for (int time = 0; time < 20; ++time) replace_file(path, std::string(100'000, letter));
    });
  }
  writers.clear();
  const std::string content = read_file(path, 1'000'000).value();
  EXPECT_EQ(content, std::string(100'000, content.front()));
  EXPECT_EQ(entries(), 1U);
}

TEST_F(AtomicFile, ThatCannotBeReplacedLeavesNothingBeside) {
  fs::create_directory(path);
  EXPECT_THROW(replace_file(path, "one"), std::system_error);
  EXPECT_EQ(entries(), 1U);
}

TEST_F(AtomicFile, ThatCannotBeOpenedForWantOfADescriptorIsNotTakenForAbsent) {
  POSTERN_NEEDS_DESCRIPTORS();
  replace_file(path, "one");
  postern::test::DescriptorLimit limit;
  limit.begin();
  EXPECT_THROW((void)read_file(path, 100), std::system_error);
  EXPECT_EQ(read_file(directory / "absent", 100), std::nullopt);
}

}  // namespace
}  // namespace postern::test
