// The octets of an open file or pipe.
#pragma once

#include <memory>
#include <string>

#include "base/octet_reader.h"

namespace postern::cli {

/// Closes the descriptor if it is `owned`. Reading throws mapi::Failure, one sentence with `name`.
std::unique_ptr<OctetReader> read_descriptor(int descriptor, bool owned, std::string name);

}  // namespace postern::cli
