// A --route: which domains' mail goes where.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace postern::cli {

/// [DOMAIN,…=]URL[?KEY=VALUE&…]
struct Route {
  std::vector<std::string> domains;  ///< empty: every one
  std::string url;                   ///< without the settings behind it
  std::string name;
  std::string tls;
  std::vector<std::string> fingerprints;
  std::string password_file;
  std::size_t connections = 0;  ///< 0: as many as sessions

  [[nodiscard]] bool is_maildir() const;
  /// Of a Maildir; throws UsageError if there is a host in the URL.
  [[nodiscard]] std::string directory() const;
};

/// Throws UsageError with one sentence. Whether the domains and the URL can be used is for the
/// transport to say.
Route parse_route(std::string_view text);

}  // namespace postern::cli
