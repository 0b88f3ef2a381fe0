#include "base/enhanced_status.h"

#include <array>
#include <charconv>

namespace postern {

std::string EnhancedStatus::text() const {
  if (empty()) return {};
  return std::to_string(status_class) + '.' + std::to_string(subject) + '.' +
         std::to_string(detail);
}

std::optional<EnhancedStatus> EnhancedStatus::parse(std::string_view text) {
  std::array<int, 3> parts{};
  const char* at = text.data();
  const char* const end = at + text.size();
  for (std::size_t index = 0; index < parts.size(); ++index) {
    if (index > 0 && (at == end || *at++ != '.')) return std::nullopt;
    if (at == end || *at < '0' || *at > '9') return std::nullopt;  // from_chars takes a minus
    const auto [next, error] = std::from_chars(at, end, parts[index]);
    if (error != std::errc{} || next - at > 3) return std::nullopt;
    at = next;
  }
  if (at != end) return std::nullopt;
  if (parts[0] != 2 && parts[0] != 4 && parts[0] != 5) return std::nullopt;
  return EnhancedStatus{parts[0], parts[1], parts[2]};
}

}  // namespace postern
