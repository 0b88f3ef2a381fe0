#include "cli/output/loss_view.h"

#include <string>

#include <nlohmann/json.hpp>

namespace postern::cli {

nlohmann::ordered_json to_json(const std::vector<mapi::Loss>& losses) {
  auto list = nlohmann::ordered_json::array();
  for (const auto& loss : losses) {
    list.push_back(
        {{"kind", mapi::name(loss.kind)}, {"part", loss.part}, {"sentence", loss.sentence}});
  }
  return list;
}

Table loss_table(const std::vector<mapi::Loss>& losses) {
  Table table({"PART", "KIND", "LOST OR CHANGED"});
  for (const auto& loss : losses) {
    table.add({loss.part, std::string(mapi::name(loss.kind)), loss.sentence});
  }
  return table;
}

}  // namespace postern::cli
