// Contents one after the other, as one.
#pragma once

#include <vector>

#include "mapi/content.h"

namespace postern::smime {

/// Reads the parts in their order; nothing is copied.
mapi::Content concatenation(std::vector<mapi::Content> parts);

}  // namespace postern::smime
