// Compound files made to hurt.
#include "msg/compound/compound_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "msg/compound/format_error.h"
#include "tests/msg/hand_made_file.h"

namespace postern::msg {
namespace {

constexpr std::uint32_t none = 0xFFFFFFFF;
constexpr std::uint32_t end_of_chain = 0xFFFFFFFE;

/// A compound file laid out by hand: the allocation table, then the directory, then `data`.
class RawFile {
 public:
  struct Entry {
    std::string name;
    std::uint8_t type = 2;
    std::uint32_t left = none;
    std::uint32_t right = none;
    std::uint32_t child = none;
    std::uint32_t start = end_of_chain;
    std::uint64_t size = 0;
  };
  explicit RawFile(unsigned sector_shift) : shift_(sector_shift) {}

  std::vector<Entry> entries;
  /// Sectors of data, after the directory; each is the whole chain of a stream.
  std::vector<std::vector<std::byte>> data;

  [[nodiscard]] std::uint32_t data_sector(std::uint32_t number) const {
    return table_sectors() + directory_sectors() + number;
  }

  void write(const std::filesystem::path& path) const {
    std::vector<std::byte> file = header();
    file.resize(sector_size());
    for (std::uint32_t i = 0; i < table_sectors() * sector_size() / 4; ++i) append(file, next(i));
    for (const auto& entry : entries) append_entry(file, entry);
    file.resize(std::size_t{1 + table_sectors() + directory_sectors()} * sector_size());
    for (const auto& sector : data) {
      file.insert(file.end(), sector.begin(), sector.end());
      file.resize((file.size() + sector_size() - 1) / sector_size() * sector_size());
    }
    const auto* const begin = reinterpret_cast<const char*>(file.data());
    test::save_file(path, {begin, begin + file.size()});
  }

 private:
  [[nodiscard]] std::uint32_t sector_size() const { return 1U << shift_; }
  [[nodiscard]] std::uint32_t directory_sectors() const {
    const auto per_sector = sector_size() / 128;
    return (static_cast<std::uint32_t>(entries.size()) + per_sector - 1) / per_sector;
  }
  [[nodiscard]] std::uint32_t table_sectors() const {
    const auto others = directory_sectors() + static_cast<std::uint32_t>(data.size());
    return others / (sector_size() / 4 - 1) + 1;
  }
  [[nodiscard]] std::uint32_t next(std::uint32_t sector) const {
    const auto directory = table_sectors();
    const auto behind = directory + directory_sectors();
    if (sector < directory) return 0xFFFFFFFD;
    if (sector + 1 < behind) return sector + 1;
    return sector < behind + data.size() ? end_of_chain : none;
  }
  [[nodiscard]] std::vector<std::byte> header() const {
    auto octets = test::binary("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1");
    octets.resize(24);
    append(octets, std::uint16_t{0x3E});
    append(octets, static_cast<std::uint16_t>(shift_ == 9 ? 3 : 4));
    append(octets, std::uint16_t{0xFFFE});
    append(octets, static_cast<std::uint16_t>(shift_));
    append(octets, std::uint16_t{6});
    octets.resize(44);
    append(octets, table_sectors());
    append(octets, table_sectors());  // the directory comes after the table
    append(octets, std::uint32_t{0});
    append(octets, std::uint32_t{4096});
    append(octets, end_of_chain);
    append(octets, std::uint32_t{0});
    append(octets, end_of_chain);
    append(octets, std::uint32_t{0});
    for (std::uint32_t i = 0; i < 109; ++i) append(octets, i < table_sectors() ? i : none);
    EXPECT_LE(table_sectors(), 109U);
    return octets;
  }
  static void append_entry(std::vector<std::byte>& file, const Entry& entry) {
    const auto start = file.size();
    for (const char c : entry.name) append(file, static_cast<std::uint16_t>(c));
    file.resize(start + 64);
    append(file, static_cast<std::uint16_t>(2 * entry.name.size() + 2));
    append(file, entry.type);
    append(file, std::uint8_t{1});
    append(file, entry.left);
    append(file, entry.right);
    append(file, entry.child);
    file.resize(start + 116);
    append(file, entry.start);
    append(file, entry.size);
  }

  unsigned shift_;
};

class CompoundFiles : public testing::Test {
 protected:
  CompoundFile open(const RawFile& raw) {
    raw.write(path_);
    return CompoundFile(InputFile::open(path_));
  }

  test::TemporaryDirectory directory_;
  std::filesystem::path path_ = directory_ / "file";
};

TEST_F(CompoundFiles, ADirectoryAsDeepAsItIsLongIsReadWithoutRecursion) {
  constexpr std::uint32_t count = 50'000;
  RawFile raw(9);
  raw.entries.push_back({.name = "Root Entry", .type = 5, .child = 1});
  for (std::uint32_t i = 1; i < count; ++i) {
    raw.entries.push_back({.name = "s" + std::to_string(i), .right = i + 1 < count ? i + 1 : none});
  }
  EXPECT_EQ(open(raw).root().children.size(), count - 1);
}

TEST_F(CompoundFiles, StoragesNestedAsDeepAsTheDirectoryIsLongAreReadWithoutRecursion) {
  constexpr std::uint32_t count = 50'000;
  RawFile raw(9);
  raw.entries.push_back({.name = "Root Entry", .type = 5, .child = 1});
  for (std::uint32_t i = 1; i < count; ++i) {
    raw.entries.push_back({.name = "s", .type = 1, .child = i + 1 < count ? i + 1 : none});
  }
  EXPECT_EQ(open(raw).root().children.size(), 1U);
}

TEST_F(CompoundFiles, ADirectoryThatGoesInCirclesGivesEachEntryOnce) {
  RawFile raw(9);
  raw.entries = {{.name = "Root Entry", .type = 5, .child = 1},
                 {.name = "a", .type = 1, .left = 1, .right = 2, .child = 0},
                 {.name = "b", .type = 1, .left = 1, .right = 0, .child = 1},
                 {.name = "unreachable"}};
  const auto file = open(raw);
  ASSERT_EQ(file.root().children.size(), 2U);
  EXPECT_THAT(file.root().children[0]->children, testing::IsEmpty());
  EXPECT_THAT(file.root().children[1]->children, testing::IsEmpty());
}

TEST_F(CompoundFiles, TheNeighboursOfAnUnknownEntryAreFound) {
  RawFile raw(9);
  raw.entries = {{.name = "Root Entry", .type = 5, .child = 1},
                 {.name = "odd", .type = 77, .left = 2, .right = 3},
                 {.name = "left"},
                 {.name = "right"}};
  const auto file = open(raw);
  EXPECT_EQ(file.root().find_stream("odd"), nullptr);
  EXPECT_NE(file.root().find_stream("LEFT"), nullptr);
  EXPECT_NE(file.root().find_stream("right"), nullptr);
}

TEST_F(CompoundFiles, AStreamWhoseChainEndsEarlyIsDamage) {
  RawFile raw(9);
  raw.entries = {{.name = "Root Entry", .type = 5, .child = 1}, {.name = "s"}};
  raw.data.assign(20, std::vector<std::byte>(512));
  raw.entries[1].start = raw.data_sector(0);
  raw.entries[1].size = 5000;
  const auto file = open(raw);
  EXPECT_THROW((void)file.read(*file.root().find_stream("s")), FormatError);
}

TEST_F(CompoundFiles, AStreamSaidToBeLongerThanTheFileIsDamage) {
  for (const unsigned shift : {9U, 12U}) {
    RawFile raw(shift);
    raw.entries = {{.name = "Root Entry", .type = 5, .child = 1}, {.name = "s"}};
    raw.data.assign(1, std::vector<std::byte>(512));
    raw.entries[1].start = raw.data_sector(0);
    raw.entries[1].size = shift == 12 ? 0xFFFFFFFFFFFFFFFF : 0xFFFFFFFF;
    const auto file = open(raw);
    EXPECT_THROW((void)file.read(*file.root().find_stream("s")), FormatError);
  }
}

TEST_F(CompoundFiles, SectorsOf4096OctetsAreRead) {
  RawFile raw(12);
  raw.entries = {{.name = "Root Entry", .type = 5, .child = 1}, {.name = "s"}};
  raw.data.assign(1, std::vector<std::byte>(4096, std::byte{'x'}));
  raw.entries[1].start = raw.data_sector(0);
  raw.entries[1].size = 4096;
  const auto file = open(raw);
  EXPECT_EQ(file.read(*file.root().find_stream("s")), raw.data[0]);
}

TEST_F(CompoundFiles, TheUpperHalfOfASizeCountsOnlyWithSectorsOf4096Octets) {
  RawFile raw(9);
  raw.entries = {{.name = "Root Entry", .type = 5, .child = 1},
                 {.name = "s", .size = 0x12345678'00000000}};
  const auto file = open(raw);
  EXPECT_EQ(file.root().find_stream("s")->size, 0U);
}

TEST_F(CompoundFiles, ManyStreamsOverTheSameOctetsDoNotMultiplyThem) {
  // 2,000 properties, each of them the same 4 KiB of the file.
  RawFile raw(12);
  raw.data.assign(1, std::vector<std::byte>(4096, std::byte{'x'}));
  raw.entries.push_back({.name = "Root Entry", .type = 5, .child = 1});
  for (std::uint32_t i = 0; i < 2000; ++i) {
    std::array<char, 32> name{};
    std::snprintf(name.data(), name.size(), "__substg1.0_%04X0102", 0x1100U + i);
    raw.entries.push_back({.name = name.data(), .right = i < 1999 ? i + 2 : none, .size = 4096});
  }
  for (auto& entry : raw.entries) {
    if (entry.type == 2) entry.start = raw.data_sector(0);
  }
  raw.write(path_);
  const auto result = read(path_);
  std::uint64_t sum = 0;
  for (const auto& [id, value] : result.message.properties()) {
    sum += std::get<mapi::Binary>(value).size();
  }
  EXPECT_LE(sum, std::filesystem::file_size(path_));
  EXPECT_FALSE(result.losses.empty());
}

TEST_F(CompoundFiles, ManySiblingsAreReadInTheOrderOfTheirNames) {
  test::make_file(path_, [](StorageWriter& root) {
    for (int i = 0; i < 500; ++i)
      test::text_stream(root, "s" + std::to_string(i * 7919 % 500), "x");
  });
  const CompoundFile file(InputFile::open(path_));
  EXPECT_EQ(file.root().children.size(), 500U);
  for (int i = 0; i < 500; ++i) {
    const auto* stream = file.root().find_stream("S" + std::to_string(i));
    ASSERT_NE(stream, nullptr);
    EXPECT_EQ(file.read(*stream), test::binary("x"));
  }
}

}  // namespace
}  // namespace postern::msg
