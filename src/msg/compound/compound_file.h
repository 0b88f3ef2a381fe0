// Reads compound files ([MS-CFB]): the storages and streams of a .msg file.
//
// The reader is our own, because .msg files are untrusted: libgsf 1.14 recurses for each directory
// entry, so that a file of 5 MB ends the process, and sorts the entries of a storage in quadratic
// time. Here the directory is walked without recursion and each entry once; time and memory are
// bounded by the size of the file. libgsf is used for writing (compound_file_writer.h).
//
// A stream is returned as the pieces of the file it consists of, whatever its size. Throws
// FormatError for damage: of the header and the root entry in the constructor, of a stream when it
// is read. Malformed directory entries are left out.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "msg/compound/file_content.h"
#include "msg/compound/input_file.h"

namespace postern::msg {

using ClassId = std::array<std::byte, 16>;

/// A storage or a stream in the directory. Names compare without regard to ASCII case.
struct DirectoryEntry {
  std::string name;  ///< UTF-8
  bool is_storage = false;
  ClassId class_id{};
  std::uint32_t first_sector = 0;
  std::uint64_t size = 0;                         ///< of a stream, in octets
  std::vector<const DirectoryEntry*> children{};  ///< of a storage, in the order of their names

  /// The child of that name and kind, or null.
  [[nodiscard]] const DirectoryEntry* find_stream(std::string_view child) const;
  [[nodiscard]] const DirectoryEntry* find_storage(std::string_view child) const;
};

class CompoundFile {
 public:
  /// Throws FormatError if it is no compound file or its directory cannot be found, TooComplex
  /// above 1,000,000 directory entries.
  explicit CompoundFile(InputFile file);

  [[nodiscard]] const DirectoryEntry& root() const { return entries_.front(); }
  [[nodiscard]] const InputFile& file() const { return file_; }

  /// An entry's index in the directory, by which it can be found again in the same file.
  [[nodiscard]] std::size_t index_of(const DirectoryEntry& entry) const;
  [[nodiscard]] const DirectoryEntry& entry(std::size_t index) const { return entries_.at(index); }

  /// The stream's pieces of the file. Throws FormatError if its chain is broken or leaves the file.
  [[nodiscard]] std::vector<Extent> extents(const DirectoryEntry& stream) const;
  /// The whole stream in memory.
  [[nodiscard]] std::vector<std::byte> read(const DirectoryEntry& stream) const;

 private:
  using SectorTable = std::vector<std::uint32_t>;

  [[nodiscard]] std::uint64_t sector_offset(std::uint32_t sector) const;
  [[nodiscard]] bool read_at(std::uint64_t offset, std::span<std::byte> into) const;
  [[nodiscard]] bool read_sector(std::uint32_t sector, std::vector<std::byte>& into) const;
  [[nodiscard]] std::vector<std::uint32_t> chain(std::uint32_t first) const;
  [[nodiscard]] std::vector<std::uint32_t> allocation_sectors(
      const std::vector<std::byte>& header) const;
  [[nodiscard]] SectorTable read_table(const std::vector<std::uint32_t>& sectors) const;
  void read_directory(std::uint32_t first_sector);

  InputFile file_;
  std::vector<std::byte> beginning_;  ///< of the file, read at once: of most files the whole
  std::size_t sector_size_ = 0;
  SectorTable table_;                        ///< the successor of each sector (FAT)
  SectorTable mini_table_;                   ///< the successor of each mini sector
  std::vector<std::uint32_t> mini_sectors_;  ///< the sectors that hold the mini sectors
  std::vector<DirectoryEntry> entries_;
};

}  // namespace postern::msg
