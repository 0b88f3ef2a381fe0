// What was told of losses, for tests that look at the words.
#pragma once

#include <string>
#include <vector>

#include "mapi/loss.h"

namespace postern {

inline std::vector<std::string> sentences(const std::vector<mapi::Loss>& losses) {
  std::vector<std::string> result;
  result.reserve(losses.size());
  for (const auto& loss : losses) result.push_back(loss.sentence);
  return result;
}

}  // namespace postern
