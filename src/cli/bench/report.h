// What was measured, as text for people and as JSON for programs.
#pragma once

#include <optional>
#include <string>

#include <nlohmann/json_fwd.hpp>

#include "cli/bench/conclusion.h"
#include "cli/bench/relay.h"
#include "cli/bench/store.h"

namespace postern::cli {

struct RelayReport {
  std::string relay;  ///< its URL, without credentials
  SendOrder order{};  ///< without a recipient: none was asked for
  smtp::Probe seen{};
  std::optional<Sent> sent{};
};

struct BenchReport {
  StoreOrder order{};
  std::optional<StoreReport> store{};
  std::optional<RelayReport> relay{};
};

Conclusion conclude(const BenchReport& report);

/// Why the relay could not be measured to the end, with its own words where it has said any;
/// nullopt if it could.
std::optional<std::string> relay_trouble(const RelayReport& relay);

/// A table, what the relay offers, and the conclusion.
std::string report_text(const BenchReport& report);
nlohmann::ordered_json to_json(const BenchReport& report);

}  // namespace postern::cli
