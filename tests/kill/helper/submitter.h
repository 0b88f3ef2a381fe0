// Submits letters until the process dies, and says of each that it begins, and that it was done.
#pragma once

#include <cstdint>
#include <string>

#include "mapi/msg_store.h"
#include "tests/kill/helper/dying_points.h"
#include "tests/kill/life.h"

namespace postern::kill {

/// `life` and `seed`: what the letters are.
[[noreturn]] void submit_without_end(mapi::MsgStore& store, DyingPoints& points,
                                     const std::string& mailbox, Life life, std::uint64_t seed);

}  // namespace postern::kill
