// What a message has lost, as a table for people and as JSON for programs.
#pragma once

#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "cli/output/table.h"
#include "mapi/loss.h"

namespace postern::cli {

/// [{"kind","part","sentence"}, …]
nlohmann::ordered_json to_json(const std::vector<mapi::Loss>& losses);

/// A line for each.
Table loss_table(const std::vector<mapi::Loss>& losses);

}  // namespace postern::cli
