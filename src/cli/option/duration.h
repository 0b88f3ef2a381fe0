// Parses durations of the command line.
#pragma once

#include <chrono>
#include <optional>
#include <string_view>
#include <vector>

namespace postern::cli {

/// "250ms", "1s", "5m", "2h", "1d"; a bare number is seconds. nullopt for anything else.
std::optional<std::chrono::milliseconds> parse_duration(std::string_view text);

/// A comma-separated list of durations; nullopt if one of them is none or the list is empty.
std::optional<std::vector<std::chrono::milliseconds>> parse_intervals(std::string_view text);

}  // namespace postern::cli
