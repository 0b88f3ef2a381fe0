// Content that is computed rather than stored: as many octets as asked for, always the same ones.
#pragma once

#include <cstdint>

#include "mapi/content.h"

namespace postern::cli {

/// `size` octets that look random (so that no encoder or file system has it easy) and are the same
/// at every opening. Takes no memory, whatever the size.
mapi::Content generated_content(std::uint64_t size);

}  // namespace postern::cli
