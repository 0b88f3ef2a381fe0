#include "cli/option/route.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/percent_encoding.h"
#include "base/text.h"
#include "cli/option/url_settings.h"
#include "cli/option/usage_error.h"

namespace postern::cli {
namespace {

constexpr std::string_view maildir_prefix = "maildir://";

struct Scheme {
  std::string_view prefix;
  bool has_connections;
  bool has_security;  ///< TLS and AUTH
};
constexpr std::array schemes{Scheme{"smtp://", true, true}, Scheme{"smtps://", true, true},
                             Scheme{"lmtp://", true, false}, Scheme{maildir_prefix, false, false}};

[[noreturn]] void refuse(std::string_view text, const std::string& why) {
  throw UsageError("the --route \"" + shown_url(text) + "\" cannot be used: " + why +
                   "; write e.g. a.example=lmtp:///run/dovecot/lmtp");
}

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const auto end = text.find(separator);
    parts.emplace_back(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return parts;
}

bool set_connections(Route& route, std::string_view value) {
  constexpr std::size_t most = 500;
  const auto [end, error] =
      std::from_chars(value.data(), value.data() + value.size(), route.connections);
  return error == std::errc{} && end == value.data() + value.size() && route.connections > 0 &&
         route.connections <= most;
}

bool set_text(std::string& text, std::string_view value) {
  text = value;
  return !text.empty();
}

/// What may stand behind the "?".
struct Setting {
  std::string_view key;
  bool of_connections;
  bool of_security;
  bool (*set)(Route& route, std::string_view value);  ///< false: the value cannot be used
};
constexpr std::array settings{
    Setting{"name", false, false,
            [](Route& route, std::string_view value) { return set_text(route.name, value); }},
    Setting{"connections", true, false, set_connections},
    Setting{"tls", false, true,
            [](Route& route, std::string_view value) { return set_text(route.tls, value); }},
    Setting{"fingerprint", false, true,
            [](Route& route, std::string_view value) {
              return set_text(route.fingerprints.emplace_back(), value);
            }},
    Setting{
        "password-file", false, true,
        [](Route& route, std::string_view value) { return set_text(route.password_file, value); }},
};

void apply_setting(Route& route, const Scheme& scheme, std::string_view text,
                   const UrlSetting& setting) {
  const auto* const known = std::ranges::find(settings, setting.key, &Setting::key);
  if (known == settings.end() || (known->of_connections && !scheme.has_connections) ||
      (known->of_security && !scheme.has_security)) {
    refuse(text, std::string(scheme.prefix) + " has no setting \"" + printable(setting.key) + "\"");
  }
  if (has_control(setting.value) || !known->set(route, setting.value)) {
    refuse(text, "\"" + printable(setting.value) + "\" is no value of \"" + setting.key + "\"");
  }
}

}  // namespace

bool Route::is_maildir() const {
  return url.starts_with(maildir_prefix);
}

std::string Route::directory() const {
  const auto path = std::string_view(url).substr(maildir_prefix.size());
  if (!path.starts_with('/')) {
    refuse(url, "there is a host in it; a path begins with a third slash, maildir:///var/mail");
  }
  return percent_decoded(path);
}

Route parse_route(std::string_view text) {
  const auto scheme_end = text.find("://");
  if (scheme_end == std::string_view::npos) refuse(text, "there is no URL in it");
  Route route;
  std::string_view url = text;
  const auto equals = text.substr(0, scheme_end).rfind('=');
  if (equals != std::string_view::npos) {
    route.domains = split(text.substr(0, equals), ',');
    if (route.domains.empty()) refuse(text, "there is no domain before the \"=\"");
    url.remove_prefix(equals + 1);
  }
  const auto question = url.find('?');
  route.url = url.substr(0, question);
  const auto prefix = lower_case(route.url.substr(0, route.url.find("://") + 3));
  route.url.replace(0, prefix.size(), prefix);
  const auto* const scheme = std::ranges::find(schemes, prefix, &Scheme::prefix);
  if (scheme == schemes.end()) {
    refuse(text, "it does not begin with smtp://, smtps://, lmtp:// or maildir://");
  }
  if (question == std::string_view::npos) return route;
  for (const auto& setting : url_settings(url.substr(question + 1))) {
    apply_setting(route, *scheme, text, setting);
  }
  return route;
}

}  // namespace postern::cli
