#include "msg/compound/compound_file.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/text.h"
#include "mapi/utf.h"
#include "msg/compound/format_error.h"
#include "msg/compound/little_endian.h"
#include "msg/msg_file.h"

namespace postern::msg {
namespace {

// [MS-CFB] 2.2. The sizes of mini sectors and the limit below which a stream lies in them are
// fields of the header, but the document allows one value only: a wrong field is not obeyed.
constexpr std::string_view signature = "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1";
constexpr std::size_t header_size = 512;
constexpr std::size_t header_sector_shift = 30;
constexpr std::size_t header_table_sectors = 44;
constexpr std::size_t header_directory_start = 48;
constexpr std::size_t header_mini_table_start = 60;
constexpr std::size_t header_double_table_start = 68;
constexpr std::size_t header_double_table = 76;
constexpr std::size_t mini_sector_size = 64;
constexpr std::uint64_t mini_stream_limit = 4096;
constexpr std::uint32_t free_sector = 0xFFFFFFFF;

// [MS-CFB] 2.6.1
constexpr std::size_t entry_size = 128;
constexpr std::size_t entry_name_length = 64;
constexpr std::size_t entry_type = 66;
constexpr std::size_t entry_left = 68;
constexpr std::size_t entry_right = 72;
constexpr std::size_t entry_child = 76;
constexpr std::size_t entry_class_id = 80;
constexpr std::size_t entry_start = 116;
constexpr std::size_t entry_stream_size = 120;
constexpr std::uint8_t type_storage = 1;
constexpr std::uint8_t type_stream = 2;
constexpr std::uint8_t type_root = 5;
constexpr std::size_t max_entries = 1'000'000;

unsigned char lower(char c) {
  return static_cast<unsigned char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

bool less_ignoring_case(std::string_view left, std::string_view right) {
  return std::lexicographical_compare(left.begin(), left.end(), right.begin(), right.end(),
                                      [](char a, char b) { return lower(a) < lower(b); });
}

const DirectoryEntry* find(const DirectoryEntry& storage, std::string_view name, bool is_storage) {
  auto at = std::lower_bound(storage.children.begin(), storage.children.end(), name,
                             [](const DirectoryEntry* entry, std::string_view wanted) {
                               return less_ignoring_case(entry->name, wanted);
                             });
  for (; at != storage.children.end() && equals_ignoring_case((*at)->name, name); ++at) {
    if ((*at)->is_storage == is_storage) return *at;
  }
  return nullptr;
}

/// The tree links of a directory entry; of no use once the tree was walked.
struct Links {
  std::uint32_t left = free_sector;
  std::uint32_t right = free_sector;
  std::uint32_t child = free_sector;
};

/// One entry of the directory, or nullopt if it is unused or malformed.
std::optional<DirectoryEntry> parse_entry(std::span<const std::byte> octets, bool large_sizes) {
  const auto type = load<std::uint8_t>(octets, entry_type);
  if (type != type_storage && type != type_stream && type != type_root) return std::nullopt;
  const std::size_t name_length = load<std::uint16_t>(octets, entry_name_length);
  if (name_length > entry_name_length) return std::nullopt;
  DirectoryEntry entry;
  entry.name = mapi::from_utf16le(octets.first(name_length));
  entry.name.resize(std::min(entry.name.size(), entry.name.find('\0')));
  entry.is_storage = type != type_stream;
  std::copy_n(octets.begin() + entry_class_id, entry.class_id.size(), entry.class_id.begin());
  entry.first_sector = load<std::uint32_t>(octets, entry_start);
  // With sectors of 512 octets the upper half of the size may be rubbish ([MS-CFB] 2.6.1).
  entry.size = large_sizes ? load<std::uint64_t>(octets, entry_stream_size)
                           : load<std::uint32_t>(octets, entry_stream_size);
  return entry;
}

Links parse_links(std::span<const std::byte> octets) {
  return {load<std::uint32_t>(octets, entry_left), load<std::uint32_t>(octets, entry_right),
          load<std::uint32_t>(octets, entry_child)};
}

/// Makes the children's lists of the storages out of the binary trees. Each entry gets one parent:
/// the first that reaches it, so that no cycle can come out. The neighbours of an unusable entry
/// are not lost with it.
void link_children(std::vector<DirectoryEntry>& entries, const std::vector<Links>& links,
                   const std::vector<bool>& usable) {
  struct Step {
    std::uint32_t entry;
    DirectoryEntry* parent;
  };
  std::vector<Step> steps{{links.front().child, &entries.front()}};
  std::vector<bool> seen(entries.size(), false);
  seen[0] = true;
  while (!steps.empty()) {
    const auto step = steps.back();
    steps.pop_back();
    if (step.entry >= entries.size() || seen[step.entry]) continue;
    seen[step.entry] = true;
    auto& entry = entries[step.entry];
    if (usable[step.entry]) step.parent->children.push_back(&entry);
    steps.push_back({links[step.entry].left, step.parent});
    steps.push_back({links[step.entry].right, step.parent});
    if (entry.is_storage) steps.push_back({links[step.entry].child, &entry});
  }
  for (auto& entry : entries) {
    std::stable_sort(entry.children.begin(), entry.children.end(),
                     [](const DirectoryEntry* left, const DirectoryEntry* right) {
                       return less_ignoring_case(left->name, right->name);
                     });
  }
}

}  // namespace

const DirectoryEntry* DirectoryEntry::find_stream(std::string_view child) const {
  return find(*this, child, false);
}

const DirectoryEntry* DirectoryEntry::find_storage(std::string_view child) const {
  return find(*this, child, true);
}

bool begins_as_compound_file(std::string_view octets) {
  return octets.starts_with(signature);
}

CompoundFile::CompoundFile(InputFile file) : file_(std::move(file)) {
  if (file_.size() == 0) throw FormatError("the file is empty");
  constexpr std::uint64_t most_at_once = std::uint64_t{1} << 20U;
  beginning_.resize(static_cast<std::size_t>(std::min(file_.size(), most_at_once)));
  if (!file_.read_at(0, beginning_)) throw FormatError("it is cut short");
  if (!begins_as_compound_file(
          {reinterpret_cast<const char*>(beginning_.data()), beginning_.size()})) {
    throw FormatError("it is no compound file");
  }
  std::vector<std::byte> header(header_size);
  if (!read_at(0, header)) throw FormatError("it is cut short within its header");
  const auto shift = load<std::uint16_t>(header, header_sector_shift);
  if (shift != 9 && shift != 12) throw FormatError("its header names an impossible sector size");
  sector_size_ = std::size_t{1} << shift;
  table_ = read_table(allocation_sectors(header));
  read_directory(load<std::uint32_t>(header, header_directory_start));
  mini_table_ = read_table(chain(load<std::uint32_t>(header, header_mini_table_start)));
  mini_sectors_ = chain(root().first_sector);
}

std::size_t CompoundFile::index_of(const DirectoryEntry& entry) const {
  return static_cast<std::size_t>(&entry - entries_.data());
}

std::uint64_t CompoundFile::sector_offset(std::uint32_t sector) const {
  return (std::uint64_t{sector} + 1) * sector_size_;  // the header takes the place of one sector
}

bool CompoundFile::read_sector(std::uint32_t sector, std::vector<std::byte>& into) const {
  into.resize(sector_size_);
  return read_at(sector_offset(sector), into);
}

bool CompoundFile::read_at(std::uint64_t offset, std::span<std::byte> into) const {
  if (offset > beginning_.size() || into.size() > beginning_.size() - offset) {
    return file_.read_at(offset, into);
  }
  std::copy_n(beginning_.begin() + static_cast<std::ptrdiff_t>(offset), into.size(), into.begin());
  return true;
}

/// The sectors from `first` to the end of their chain, or as far as it can be followed.
std::vector<std::uint32_t> CompoundFile::chain(std::uint32_t first) const {
  std::vector<std::uint32_t> sectors;
  // A chain longer than the table goes in a circle.
  for (auto at = first; at < table_.size() && sectors.size() < table_.size(); at = table_[at]) {
    sectors.push_back(at);
  }
  return sectors;
}

/// The sectors that hold the allocation table: 109 of them listed in the header, the others in a
/// chain of sectors of their own ([MS-CFB] 2.5).
std::vector<std::uint32_t> CompoundFile::allocation_sectors(
    const std::vector<std::byte>& header) const {
  const std::size_t per_sector = sector_size_ / sizeof(std::uint32_t);
  const std::uint64_t sectors_in_file = file_.size() / sector_size_ + 1;
  const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(
      load<std::uint32_t>(header, header_table_sectors), sectors_in_file / per_sector + 1));
  std::vector<std::uint32_t> sectors;
  for (std::size_t at = header_double_table; at < header_size && sectors.size() < wanted; at += 4) {
    sectors.push_back(load<std::uint32_t>(header, at));
  }
  std::vector<std::byte> block;
  auto next = load<std::uint32_t>(header, header_double_table_start);
  while (sectors.size() < wanted && next < sectors_in_file && read_sector(next, block)) {
    for (std::size_t i = 0; i + 1 < per_sector && sectors.size() < wanted; ++i) {
      sectors.push_back(load<std::uint32_t>(block, i * 4));
    }
    next = load<std::uint32_t>(block, (per_sector - 1) * 4);
  }
  return sectors;
}

/// The numbers in the given sectors; a sector that is not there holds ends of chains only.
CompoundFile::SectorTable CompoundFile::read_table(
    const std::vector<std::uint32_t>& sectors) const {
  SectorTable table;
  table.reserve(sectors.size() * sector_size_ / 4);
  std::vector<std::byte> block;
  for (const auto sector : sectors) {
    const bool readable = read_sector(sector, block);
    for (std::size_t at = 0; at < sector_size_; at += 4) {
      table.push_back(readable ? load<std::uint32_t>(block, at) : free_sector);
    }
  }
  return table;
}

void CompoundFile::read_directory(std::uint32_t first_sector) {
  const auto sectors = chain(first_sector);
  const std::size_t per_sector = sector_size_ / entry_size;
  if (sectors.size() * per_sector > max_entries) {
    throw TooComplex("it has more than 1,000,000 directory entries");
  }
  std::vector<Links> links;
  std::vector<bool> usable;
  std::vector<std::byte> block;
  entries_.reserve(sectors.size() * per_sector);
  for (const auto sector : sectors) {
    if (!read_sector(sector, block)) break;
    for (std::size_t i = 0; i < per_sector; ++i) {
      const auto octets = std::span<const std::byte>(block).subspan(i * entry_size, entry_size);
      auto entry = parse_entry(octets, sector_size_ > 512);
      usable.push_back(entry.has_value());
      links.push_back(parse_links(octets));
      entries_.push_back(std::move(entry).value_or(DirectoryEntry{}));
    }
  }
  if (entries_.empty()) throw FormatError("its directory cannot be found");
  // Some writers do not mark the first entry as the root; it is the root nevertheless.
  entries_.front().is_storage = true;
  link_children(entries_, links, usable);
}

std::vector<Extent> CompoundFile::extents(const DirectoryEntry& stream) const {
  const bool mini = stream.size < mini_stream_limit;
  const auto& table = mini ? mini_table_ : table_;
  const std::size_t unit = mini ? mini_sector_size : sector_size_;
  const std::size_t mini_per_sector = sector_size_ / mini_sector_size;
  if (stream.size > file_.size()) {
    throw FormatError("stream '" + stream.name + "' is said to be longer than the file");
  }
  std::vector<Extent> extents;
  auto at = stream.first_sector;
  for (std::uint64_t left = stream.size; left > 0;) {
    const bool broken =
        at >= table.size() || (mini && at / mini_per_sector >= mini_sectors_.size());
    if (broken) throw FormatError("stream '" + stream.name + "' is cut short");
    const auto offset = mini ? sector_offset(mini_sectors_[at / mini_per_sector]) +
                                   at % mini_per_sector * mini_sector_size
                             : sector_offset(at);
    const auto size = std::min<std::uint64_t>(left, unit);
    if (offset + size > file_.size()) {
      throw FormatError("stream '" + stream.name + "' goes on behind the end of the file");
    }
    append_extent(extents, {offset, size});
    left -= size;
    at = table[at];
  }
  return extents;
}

std::vector<std::byte> CompoundFile::read(const DirectoryEntry& stream) const {
  const auto places = extents(stream);
  std::vector<std::byte> octets(static_cast<std::size_t>(total_size(places)));
  auto into = std::span(octets);
  for (const auto& place : places) {
    const auto size = static_cast<std::size_t>(place.size);
    if (!read_at(place.offset, into.first(size))) {
      throw FormatError("stream '" + stream.name + "' is cut short");
    }
    into = into.subspan(size);
  }
  return octets;
}

}  // namespace postern::msg
