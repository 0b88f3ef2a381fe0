// Settings behind a URL: "?KEY=VALUE&KEY=VALUE", percent-encoded.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace postern::cli {

struct UrlSetting {
  std::string key;
  std::string value;
};

/// `query`: what stands behind the "?".
std::vector<UrlSetting> url_settings(std::string_view query);

/// Without what may be a password.
std::string shown_url(std::string_view text);

}  // namespace postern::cli
