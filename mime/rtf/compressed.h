// PR_RTF_COMPRESSED: the LZFu and MELA containers (mapi-to-mime.md §4.2, [MS-OXRTFCP]).
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>

namespace postern::mime {

struct DecompressedRtf {
  std::string rtf;            ///< octets; NULs and line ends after the last brace removed
  bool checksum_good = true;  ///< LZFu only; a wrong one causes a warning
};
/// Returns nullopt if the container is corrupt. Output is bounded by RAWSIZE and `limit` octets.
std::optional<DecompressedRtf> decompress_rtf(std::span<const std::byte> compressed,
                                              std::size_t limit = 256U << 20);

}  // namespace postern::mime
