// Whether a store has kept what it has promised.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tests/store/power_loss/found_objects.h"
#include "tests/store/power_loss/ledger.h"

namespace postern::store::test {

struct Judgement {
  std::vector<std::string> faults;    ///< a sentence each
  std::uint64_t lost = 0;             ///< acknowledged, and not there as acknowledged
  std::uint64_t half = 0;             ///< calls in doubt that are there in part
  std::uint64_t invented = 0;         ///< nobody's
  std::uint64_t doubts_done = 0;      ///< calls in doubt that are there wholly
  std::uint64_t doubts_not_done = 0;  ///< and not at all
};

/// Settles what was in doubt: the ledger then says what was found, if that is without fault.
Judgement judge(Ledger& ledger, const std::vector<FoundObject>& found);

}  // namespace postern::store::test
