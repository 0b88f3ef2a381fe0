#include "cli/option/bounce_source.h"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <string_view>

#include "base/text.h"
#include "cli/option/duration.h"
#include "cli/option/password_file.h"
#include "cli/option/url_settings.h"
#include "cli/option/usage_error.h"
#include "transport/imap_source.h"
#include "transport/maildir_source.h"

namespace postern::cli {
namespace {

bool set_tls(transport::ImapSourceOptions& options, const std::string& value) {
  options.tls = value != "none";
  return value == "none" || value == "verify";
}

bool set_interval(transport::ImapSourceOptions& options, const std::string& value) {
  const auto interval = parse_duration(value);
  options.interval = interval.value_or(options.interval);
  return interval && interval->count() > 0;
}

/// What may stand behind the "?".
struct ImapSetting {
  std::string_view key;
  bool (*set)(transport::ImapSourceOptions&, const std::string& value);  ///< false: no such value
};
constexpr std::array imap_settings{
    ImapSetting{"password-file",
                [](transport::ImapSourceOptions& options, const std::string& value) {
                  options.password = password_from(value);
                  return true;
                }},
    ImapSetting{"tls", set_tls},
    ImapSetting{"ca-file",
                [](transport::ImapSourceOptions& options, const std::string& value) {
                  options.ca_file = value;
                  return !value.empty();
                }},
    ImapSetting{"interval", set_interval},
};

void apply_setting(transport::ImapSourceOptions& options, const UrlSetting& setting) {
  const auto* const known = std::ranges::find(imap_settings, setting.key, &ImapSetting::key);
  if (known == imap_settings.end()) {
    throw std::invalid_argument("an IMAP mailbox has no setting \"" + printable(setting.key) +
                                "\", but password-file, tls, ca-file and interval");
  }
  if (has_control(setting.value) || !known->set(options, setting.value)) {
    throw std::invalid_argument("\"" + printable(setting.value) + "\" is no value of \"" +
                                setting.key + "\"");
  }
}

std::unique_ptr<mapi::XPProvider> imap_source(std::string_view text) {
  const auto question = std::min(text.find('?'), text.size());
  auto options = transport::ImapSourceOptions::parse(text.substr(0, question));
  for (const auto& setting : url_settings(text.substr(std::min(question + 1, text.size())))) {
    apply_setting(options, setting);
  }
  if (options.password.empty()) {
    throw std::invalid_argument("there is no password: put ?password-file=FILE behind the URL");
  }
  return transport::make_imap_source(std::move(options));
}

}  // namespace

std::unique_ptr<mapi::XPProvider> bounce_source(const std::string& text) {
  const auto scheme = lower_case(std::string_view(text).substr(0, text.find("://")));
  const bool is_url = text.find("://") != std::string::npos;
  try {
    if (scheme == "imap" || scheme == "imaps") return imap_source(text);
    if (is_url) throw std::invalid_argument("it is neither a directory nor imap:// or imaps://");
    return transport::make_maildir_source({.directory = text});
  } catch (const std::invalid_argument& error) {
    if (!is_url) throw UsageError(std::string("--bounces: ") + error.what());
    throw UsageError("--bounces " + shown_url(text) + ": " + error.what());
  }
}

}  // namespace postern::cli
