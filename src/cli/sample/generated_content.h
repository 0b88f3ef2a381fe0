// Content that is computed rather than stored: any number of octets, always the same ones.
#pragma once

#include <cstdint>

#include "mapi/content.h"

namespace postern::cli {

/// `size` pseudo-random octets (which neither encoders nor file systems can compress), the same
/// each time it is opened. Needs no memory, whatever the size.
mapi::Content generated_content(std::uint64_t size);

}  // namespace postern::cli
