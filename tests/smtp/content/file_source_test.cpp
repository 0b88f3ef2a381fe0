#include "smtp/file_source.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>

#include <gtest/gtest.h>

namespace postern::smtp {
namespace {

class FileSourceTest : public testing::Test {
 protected:
  FileSourceTest() {
    std::string name = testing::TempDir() + "postern-file-XXXXXX";
    directory = mkdtemp(name.data());
  }
  ~FileSourceTest() override { std::filesystem::remove_all(directory); }

  FileSource file_with(const std::string& octets) {
    const std::string path = directory / "letter.eml";
    std::ofstream(path, std::ios::binary) << octets;
    return FileSource(path);
  }

  std::filesystem::path directory;
};

TEST_F(FileSourceTest, GivesItsOctetsAtEachOpening) {
  const std::string octets = "Subject: x\r\n\r\n" + std::string(200'000, 'x');
  const FileSource source = file_with(octets);
  EXPECT_EQ(source.size(), octets.size());
  for (int opening = 0; opening < 2; ++opening) {
    std::string read(octets.size() + 1, '\0');
    std::size_t filled = 0;
    const auto reader = source.open();
    while (const std::size_t count =
               reader->read(std::as_writable_bytes(std::span(read).subspan(filled)))) {
      filled += count;
    }
    read.resize(filled);
    EXPECT_EQ(read, octets);
  }
}

TEST_F(FileSourceTest, KnowsWhatItAsksOfTheServer) {
  const auto asks = [this](const std::string& octets) {
    const FileSource source = file_with(octets);
    return std::pair(source.has_8bit(), source.needs_smtputf8());
  };
  EXPECT_EQ(asks("Subject: x\r\n\r\nbody\r\n"), std::pair(false, false));
  EXPECT_EQ(asks("Subject: x\r\n\r\nb\xC3\xB6\r\n"), std::pair(true, false));
  EXPECT_EQ(asks("Subject: x\n\nb\xC3\xB6\n"), std::pair(true, false));
  EXPECT_EQ(asks("Subject: \xC3\xB6\r\n\r\nbody\r\n"), std::pair(true, true));
  EXPECT_EQ(asks("Subject: x\r\n" + std::string(70'000, 'a') + "\xC3\xB6"), std::pair(true, true));
  EXPECT_EQ(asks(""), std::pair(false, false));
}

TEST_F(FileSourceTest, FileThatCannotBeReadIsNamed) {
  try {
    const FileSource source((directory / "missing.eml").string());
    FAIL();
  } catch (const std::runtime_error& failure) {
    EXPECT_NE(std::string(failure.what()).find("missing.eml"), std::string::npos);
  }
  EXPECT_THROW(FileSource(directory.string()), std::runtime_error);
}

}  // namespace
}  // namespace postern::smtp
