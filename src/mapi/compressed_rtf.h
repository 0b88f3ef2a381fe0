// PR_RTF_COMPRESSED: the LZFu and MELA containers (mapi-to-mime.md §4.2, [MS-OXRTFCP]).
//
// Never throws but std::bad_alloc; the octets may come from anywhere.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#pragma GCC visibility push(default)
namespace postern::mapi {

struct DecompressedRtf {
  std::string rtf;            ///< octets; NULs and line ends after the last brace removed
  bool checksum_good = true;  ///< LZFu only; a wrong one causes a warning
};
/// Returns nullopt if the container is corrupt. Output is bounded by RAWSIZE and `limit` octets.
std::optional<DecompressedRtf> decompress_rtf(std::span<const std::byte> compressed,
                                              std::size_t limit = 256U << 20);

/// Whether the container says, and can keep, that it becomes over 4 MiB and over seven times what
/// it holds. LZFu makes three or four octets of one where people wrote them, and never over 8.
bool is_rtf_bomb(std::span<const std::byte> compressed);

/// The first `size` octets of the text, or as many of them as can be had.
std::string beginning_of_rtf(std::span<const std::byte> compressed, std::size_t size);

/// The CRC of the container ([MS-OXRTFCP] §3.1.3.2), which .msg files use for the names of
/// properties too ([MS-OXMSG] §2.2.3.2.3): CRC-32 without its two inversions.
std::uint32_t rtf_crc(std::span<const std::byte> octets);

}  // namespace postern::mapi
#pragma GCC visibility pop
