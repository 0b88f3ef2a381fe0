#include "mime/attachment/mac_binary.h"

#include <algorithm>
#include <array>

#include "mapi/code_page.h"
#include "mapi/property_tags.h"
#include "mime/attachment/file_name.h"
#include "mime/octets/content_view.h"

namespace postern::mime {
namespace {

constexpr std::size_t header_size = 128;

/// PR_ATTACH_ENCODING holds the OID of MacBinary.
bool is_marked(const mapi::Attachment& attachment) {
  constexpr std::array<unsigned char, 9> mac_binary{0x2A, 0x86, 0x48, 0x86, 0xF7,
                                                    0x14, 0x03, 0x0B, 0x01};
  const auto* encoding = attachment.get(mapi::PR_ATTACH_ENCODING);
  return encoding != nullptr && std::equal(encoding->begin(), encoding->end(), mac_binary.begin(),
                                           mac_binary.end(), [](std::byte octet, unsigned char v) {
                                             return std::to_integer<unsigned char>(octet) == v;
                                           });
}

std::uint64_t big_endian(std::string_view octets, std::size_t offset, std::size_t size) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < size; ++i) {
    value = value << 8U | static_cast<unsigned char>(octets[offset + i]);
  }
  return value;
}

}  // namespace

std::optional<MacFile> mac_file(const mapi::Attachment& attachment) {
  constexpr std::size_t longest_name = 63;
  constexpr int mac_roman = 10000;
  if (!is_marked(attachment)) return std::nullopt;
  const auto header = first_octets(attachment.data, header_size);
  if (header.size() < header_size || header[0] != '\0' || header[74] != '\0') return std::nullopt;
  const auto length = big_endian(header, 83, 4);
  if (length > attachment.data.size() - header_size) return std::nullopt;
  const auto name = std::string_view(header).substr(
      2, std::min<std::size_t>(static_cast<unsigned char>(header[1]), longest_name));
  return MacFile{attachment.data.slice(header_size, length), big_endian(header, 87, 4),
                 file_name(mapi::decode(name, mac_roman).text)};
}

}  // namespace postern::mime
