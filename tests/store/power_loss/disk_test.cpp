// The disk that the trials rely on: what it keeps, and what it may lose.
#include "tests/store/power_loss/disk.h"

#include <algorithm>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

namespace postern::store::test {
namespace {

constexpr std::uint64_t fates = 200;

std::span<const std::byte> octets(std::string_view text) {
  return std::as_bytes(std::span(text));
}

std::optional<std::string> content(Disk& disk, const std::string& name) {
  const auto file = disk.open(name, false);
  if (!file) return std::nullopt;
  std::string text(*disk.size(*file), ' ');
  disk.read(*file, 0, std::as_writable_bytes(std::span(text)));
  return text;
}

class DiskTest : public ::testing::Test {
 protected:
  DiskTest() {
    disk.write(*file, 0, octets("old"));
    disk.sync(*file, true);
  }
  /// In how many of the fates that there may be, a file is found so.
  std::uint64_t fates_with(const std::string& name, const std::optional<std::string>& wanted) {
    std::uint64_t count = 0;
    for (std::uint64_t seed = 0; seed < fates; ++seed) {
      const auto found = disk.power_loss(Dice(seed));
      if (content(*found, name) == wanted) ++count;
    }
    return count;
  }

  Disk disk;
  Disk::File file = disk.open("file", true);
};

TEST_F(DiskTest, KeepsWhatWasSynced) {
  disk.write(*file, 1, octets("x"));
  disk.truncate(*file, 2);
  disk.sync(*file, false);
  EXPECT_EQ(fates_with("file", "ox"), fates);
}

TEST_F(DiskTest, MayLoseWhatWasNotSynced) {
  disk.write(*file, 0, octets("new"));
  const auto kept = fates_with("file", "new");
  const auto lost = fates_with("file", "old");
  EXPECT_GT(kept, fates / 8);
  EXPECT_GT(lost, fates / 8);
  EXPECT_LT(kept + lost, fates) << "a sector may have anything";
}

TEST_F(DiskTest, MayKeepALaterWriteWithoutAnEarlierOne) {
  disk.write(*file, 0, octets("O"));
  disk.write(*file, 1, octets("L"));
  EXPECT_GT(fates_with("file", "OLd"), 0U);
  EXPECT_GT(fates_with("file", "Old"), 0U);
  EXPECT_GT(fates_with("file", "oLd"), 0U);
}

TEST_F(DiskTest, TearsAWriteAtItsSectorsAndHarmsNothingBesideIt) {
  const std::string before(2'000, 'o');
  disk.write(*file, 0, octets(before));
  disk.sync(*file, false);
  disk.write(*file, 100, octets(std::string(1'500, 'n')));
  std::uint64_t torn = 0;
  for (std::uint64_t seed = 0; seed < fates; ++seed) {
    const auto found = content(*disk.power_loss(Dice(seed)), "file").value();
    EXPECT_EQ(found.substr(0, 100), before.substr(0, 100));
    EXPECT_EQ(found.substr(1'600), before.substr(1'600));
    const auto first_sector = found.substr(100, 412);
    const auto second_sector = found.substr(512, 512);
    const bool is_first_new = first_sector == std::string(412, 'n');
    if (is_first_new != (second_sector == std::string(512, 'n'))) ++torn;
  }
  EXPECT_GT(torn, 0U);
}

TEST_F(DiskTest, MayForgetAFileUnlessTheDirectoryWasSynced) {
  const auto made = disk.open("made", true);
  disk.write(*made, 0, octets("all"));
  disk.sync(*made, false);
  EXPECT_GT(fates_with("made", "all"), fates / 8);
  EXPECT_GT(fates_with("made", std::nullopt), fates / 8);
  disk.sync(*made, true);
  EXPECT_EQ(fates_with("made", "all"), fates);
}

TEST_F(DiskTest, MayBringBackAFileUnlessTheDirectoryWasSynced) {
  disk.remove("file", false);
  EXPECT_FALSE(disk.has("file"));
  EXPECT_GT(fates_with("file", "old"), fates / 8);
  EXPECT_GT(fates_with("file", std::nullopt), fates / 8);
  disk.open("other", true);
  disk.remove("other", true);
  EXPECT_EQ(fates_with("file", std::nullopt), fates);
}

TEST_F(DiskTest, FailsFromTheCutOn) {
  disk.cut_power_after(1);
  EXPECT_TRUE(disk.write(*file, 0, octets("1")));
  EXPECT_TRUE(disk.has_power());
  EXPECT_FALSE(disk.sync(*file, false));
  EXPECT_FALSE(disk.has_power());
  EXPECT_FALSE(disk.write(*file, 1, octets("2")));
  EXPECT_FALSE(disk.read(*file, 0, {}));
  EXPECT_FALSE(disk.open("file", false));
  EXPECT_GT(fates_with("file", "1ld"), 0U);
  EXPECT_EQ(fates_with("file", "12d"), 0U);
}

TEST_F(DiskTest, KeepsNothingIfItLies) {
  disk.set_honesty(SyncHonesty::lies);
  disk.write(*file, 0, octets("new"));
  EXPECT_TRUE(disk.sync(*file, true));
  EXPECT_GT(fates_with("file", "old"), 0U);
}

}  // namespace
}  // namespace postern::store::test
