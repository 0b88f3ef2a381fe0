// Parses MTA-STS policies and the DNS record that announces them (RFC 8461 §3). Sans I/O. The input
// may be hostile: any violation of the grammar makes the whole policy invalid.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "smtp/dns/dns_answer.h"

namespace postern::smtp {

struct MtaStsPolicy {
  enum class Mode { none, testing, enforce };
  static constexpr std::size_t largest = 65'536;                  ///< octets of its text (§3.3)
  static constexpr std::chrono::seconds longest_age{31'557'600};  ///< §3.2

  Mode mode = Mode::none;
  std::vector<std::string> mx;      ///< patterns in lower case: "mx.example", "*.example"
  std::chrono::seconds max_age{0};  ///< at most `longest_age`

  /// Whether a pattern covers the host; "*" stands for exactly one label (§4.1).
  [[nodiscard]] bool covers(std::string_view host) const;
  /// As the lines of a policy, for TLS reports.
  [[nodiscard]] std::vector<std::string> lines() const;
  friend bool operator==(const MtaStsPolicy&, const MtaStsPolicy&) = default;
};

/// The policy, or one sentence about what is wrong with it.
std::variant<MtaStsPolicy, std::string> parse_mta_sts_policy(std::string_view text);

/// The id in the records of _mta-sts.<domain>; nullopt if there is not exactly one record of
/// version STSv1 or it is malformed (§3.1).
std::optional<std::string> mta_sts_id(const std::vector<TextRecord>& records);

}  // namespace postern::smtp
