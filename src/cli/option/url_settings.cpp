#include "cli/option/url_settings.h"

#include <algorithm>

#include "base/percent_encoding.h"
#include "base/text.h"

namespace postern::cli {

std::vector<UrlSetting> url_settings(std::string_view query) {
  std::vector<UrlSetting> found;
  while (!query.empty()) {
    const auto setting = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(setting.size() + 1, query.size()));
    const auto equals = std::min(setting.find('='), setting.size());
    found.push_back({std::string(setting.substr(0, equals)),
                     percent_decoded(setting.substr(std::min(equals + 1, setting.size())))});
  }
  return found;
}

std::string shown_url(std::string_view text) {
  const auto scheme = text.find("://");
  const auto at = text.rfind('@');
  if (scheme == std::string_view::npos || at == std::string_view::npos || at < scheme) {
    return printable(text);
  }
  return printable(text.substr(0, scheme + 3)) + "…" + printable(text.substr(at));
}

}  // namespace postern::cli
