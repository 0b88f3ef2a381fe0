#include "base/outcome.h"

#include <algorithm>
#include <array>
#include <utility>

namespace postern {
namespace {

constexpr std::array<std::string_view, 13> stage_names{
    "submit", "compose", "address", "connect", "greeting", "ehlo", "starttls",
    "auth",   "mail",    "rcpt",    "data",    "content",  "end"};

}  // namespace

std::string_view name(Verdict verdict) {
  switch (verdict) {
    case Verdict::delivered:
      return "delivered";
    case Verdict::failed:
      return "failed";
    case Verdict::retry:
      return "retry";
    case Verdict::unknown:
      break;
  }
  return "unknown";
}

std::string_view name(Stage stage) {
  return stage_names.at(static_cast<std::size_t>(stage));
}

std::optional<Stage> stage_named(std::string_view name) {
  const auto* const found = std::find(stage_names.begin(), stage_names.end(), name);
  if (found == stage_names.end()) return std::nullopt;
  return static_cast<Stage>(std::distance(stage_names.begin(), found));
}

}  // namespace postern
