// Content that consists of pieces of a file: attachment data that is read on demand.
//
// Only the offsets are held. Each reader opens the file anew and reads block by block; if the file
// is gone or was changed, it throws mapi::Failure (MAPI_E_NOT_FOUND, MAPI_E_OBJECT_CHANGED).
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "mapi/content.h"
#include "msg/compound/input_file.h"

namespace postern::msg {

/// A run of octets in a file.
struct Extent {
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
};

std::uint64_t total_size(const std::vector<Extent>& extents);

/// Appends a run; one that begins at the end of the last run extends it.
void append_extent(std::vector<Extent>& extents, Extent extent);

/// One pass over the pieces, in their order.
std::unique_ptr<mapi::ContentReader> read_extents(InputFile file, std::vector<Extent> extents);

/// The pieces of `file` as content that opens the file again by its path.
mapi::Content file_content(const InputFile& file, std::vector<Extent> extents);

}  // namespace postern::msg
