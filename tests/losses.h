// What was told of losses, for tests that look at the words, and the places that tell them.
#pragma once

#include <cstddef>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "mapi/loss.h"

namespace postern {

inline std::vector<std::string> sentences(const std::vector<mapi::Loss>& losses) {
  std::vector<std::string> result;
  result.reserve(losses.size());
  for (const auto& loss : losses) result.push_back(loss.sentence);
  return result;
}

/// How many places in each source file of a room tell a loss: each names its kind there. The file
/// as seen from the room.
inline std::map<std::string, std::size_t> places_that_tell(std::string_view room) {
  constexpr std::string_view kind = "LossKind::";
  const auto root = std::filesystem::path(POSTERN_SOURCE_DIR) / room;
  std::map<std::string, std::size_t> places;
  for (const auto& file : std::filesystem::recursive_directory_iterator(root)) {
    if (!file.is_regular_file()) continue;
    std::ifstream stream(file.path());
    const std::string text{std::istreambuf_iterator<char>(stream), {}};
    for (auto at = text.find(kind); at != std::string::npos; at = text.find(kind, at + 1)) {
      ++places[file.path().lexically_relative(root).string()];
    }
  }
  return places;
}

}  // namespace postern
