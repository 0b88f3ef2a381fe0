// Counts how often a sender has tried a recipient, for behaviours that end after some times.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "base/text.h"

namespace postern::catcher {

class Attempts {
 public:
  /// Counts one attempt; true while it is among the first `times` of this pair.
  bool among_first(int times, std::string_view sender, std::string_view recipient) {
    // Hostile senders could name pairs without end; starting afresh costs them another greylisting.
    if (counts_.size() >= maximum_pairs) counts_.clear();
    int& count = counts_[{lower_case(sender), lower_case(recipient)}];
    if (count >= times) return false;
    ++count;
    return true;
  }

 private:
  static constexpr std::size_t maximum_pairs = 10'000;

  std::map<std::pair<std::string, std::string>, int> counts_;
};

}  // namespace postern::catcher
