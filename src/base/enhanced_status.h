// Enhanced status codes (RFC 3463, RFC 2034).
#pragma once

#include <compare>
#include <optional>
#include <string>
#include <string_view>

#pragma GCC visibility push(default)
namespace postern {

/// class.subject.detail; class 0 = none.
struct EnhancedStatus {
  int status_class = 0;
  int subject = 0;
  int detail = 0;

  friend auto operator<=>(const EnhancedStatus&, const EnhancedStatus&) = default;
  [[nodiscard]] bool empty() const { return status_class == 0; }
  [[nodiscard]] std::string text() const;  ///< "5.1.1"; empty for none
  /// Parses "5.1.1": classes 2, 4 and 5, parts of at most three digits; nullopt for any other text.
  static std::optional<EnhancedStatus> parse(std::string_view text);
};

}  // namespace postern
#pragma GCC visibility pop
