#include "mime/attachment/windows_picture.h"

#include <algorithm>
#include <array>

#include "mime/attachment/little_endian.h"
#include "mime/octets/content_view.h"

namespace postern::mime {
namespace {

constexpr std::size_t core_header_size = 12;  // BITMAPCOREHEADER
constexpr std::size_t info_header_size = 40;  // BITMAPINFOHEADER
constexpr std::array<std::uint32_t, 7> header_sizes{
    core_header_size, info_header_size, 52, 56, 64, 108, 124};
constexpr std::array<std::uint32_t, 6> depths{1, 4, 8, 16, 24, 32};

template <class List>
bool contains(const List& list, std::uint32_t value) {
  return std::find(list.begin(), list.end(), value) != list.end();
}

/// Where the pixels of a DIB begin; nullopt if it is none ([MS-WMF] 2.2.2.9).
std::optional<std::uint64_t> pixel_offset(std::string_view dib) {
  constexpr std::uint32_t bit_fields = 3;
  constexpr std::uint32_t highest_compression = 6;
  if (dib.size() < info_header_size) return std::nullopt;
  const auto size = little_endian(dib, 0, 4);
  if (!contains(header_sizes, size)) return std::nullopt;
  const bool is_core = size == core_header_size;
  const auto planes = little_endian(dib, is_core ? 8 : 12, 2);
  const auto depth = little_endian(dib, is_core ? 10 : 14, 2);
  if (planes != 1 || !contains(depths, depth)) return std::nullopt;
  const std::uint64_t all_colors = depth <= 8 ? std::uint64_t{1} << depth : 0;
  if (is_core) return size + 3 * all_colors;
  const auto compression = little_endian(dib, 16, 4);
  if (compression > highest_compression) return std::nullopt;
  const auto used = little_endian(dib, 32, 4);
  const auto colors = used != 0 ? used : all_colors;
  const std::uint64_t masks = size == info_header_size && compression == bit_fields ? 12 : 0;
  return size + masks + 4 * colors;
}

/// A DIB as a .bmp, which has 14 octets more in front.
std::optional<Picture> bitmap(std::string_view start, const mapi::Content& data) {
  constexpr std::uint32_t file_header_size = 14;
  constexpr std::uint64_t biggest = 0xFFFFFFFFU - file_header_size;
  const auto offset = pixel_offset(start);
  if (!offset || *offset > data.size() || data.size() > biggest) return std::nullopt;
  std::string header = "BM";
  append_little_endian(header, static_cast<std::uint32_t>(data.size()) + file_header_size);
  append_little_endian(header, 0);
  append_little_endian(header, static_cast<std::uint32_t>(*offset) + file_header_size);
  return Picture{"image/bmp", joined(mapi::Content::from_text(header), data)};
}

/// Whether the octets begin with META_HEADER ([MS-WMF] 2.3.2.2).
bool is_metafile(std::string_view octets) {
  using namespace std::string_view_literals;
  return octets.starts_with("\x01\x00\x09\x00\x00\x03"sv) ||
         octets.starts_with("\x01\x00\x09\x00\x00\x01"sv) ||
         octets.starts_with("\xD7\xCD\xC6\x9A\x00\x00"sv);
}

/// Whether the octets begin with EMR_HEADER ([MS-EMF] 2.3.4.2).
bool is_enhanced_metafile(std::string_view octets) {
  using namespace std::string_view_literals;
  return octets.starts_with("\x01\x00\x00\x00"sv) && octets.size() > 44 &&
         octets.substr(40, 4) == " EMF";
}

}  // namespace

std::optional<Picture> windows_picture(const mapi::Content& data) {
  constexpr std::size_t metafile_picture_size = 8;  // METAFILEPICT of 16 bits
  const auto start = first_octets(data, 64);
  if (is_enhanced_metafile(start)) return Picture{"image/x-emf", data};
  if (is_metafile(start)) return Picture{"image/x-wmf", data};
  if (start.size() > metafile_picture_size && is_metafile(start.substr(metafile_picture_size))) {
    return Picture{"image/x-wmf",
                   data.slice(metafile_picture_size, data.size() - metafile_picture_size)};
  }
  return bitmap(start, data);
}

}  // namespace postern::mime
