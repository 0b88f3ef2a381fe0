// The domains whose recipients a transport takes.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace postern::transport {

/// Domains are compared as A-labels (base/internationalized_domain.h), so without case.
class DomainList {
 public:
  /// Every domain.
  DomainList() = default;
  /// "example.com" is that domain only, ".example.com" all that lie below it; none: every domain.
  /// Throws std::invalid_argument with one sentence.
  explicit DomainList(const std::vector<std::string>& domains);

  /// Whether the domain of the address is among them.
  [[nodiscard]] bool contains_domain_of(std::string_view address) const;

 private:
  std::set<std::string, std::less<>> domains_;  ///< those with a dot in front keep it
};

}  // namespace postern::transport
