#include "smtp/auth/log_on.h"

#include <algorithm>
#include <stdexcept>

#include <fmt/format.h>

#include "base/text.h"
#include "smtp/auth/netrc.h"

namespace postern::smtp {
namespace {

bool allows_external(const ClientOptions& options) {
  const auto& allowed = options.auth_mechanisms;
  return !options.client_certificate.empty() &&
         std::any_of(allowed.begin(), allowed.end(),
                     [](const std::string& name) { return lower_case(name) == "external"; });
}

void add_from_netrc(LogOn& log_on, const ClientOptions& options, const Relay& relay) {
  const auto entry = find_in_netrc(read_netrc(options.netrc_file), relay.host, log_on.user);
  if (entry) {
    log_on.user = entry->login;
    log_on.password = entry->password;
    if (has_control(entry->login) || has_control(entry->password)) {
      throw std::invalid_argument(fmt::format(
          "the netrc file \"{}\" has a control character in the user name or password for {}",
          options.netrc_file, relay.host));
    }
  } else if (!log_on.user.empty() && options.client_certificate.empty()) {
    throw std::invalid_argument(
        fmt::format("the netrc file \"{}\" holds no password for the user \"{}\" at {}",
                    options.netrc_file, printable(log_on.user), relay.host));
  }
}

}  // namespace

LogOn log_on_for(const ClientOptions& options, const Relay& relay) {
  LogOn log_on{relay.user, relay.password, false, {}};
  if (relay.lmtp) return log_on;
  log_on.by_token = !options.token_command.empty() && !relay.user.empty();
  if (!options.netrc_file.empty() && log_on.password.empty() && !log_on.by_token) {
    add_from_netrc(log_on, options, relay);
  }
  if (log_on.user.empty() && !allows_external(options)) return log_on;
  AuthMeans means;
  means.token = log_on.by_token;
  means.certificate =
      !options.client_certificate.empty() && log_on.password.empty() && !log_on.by_token;
  means.password = !log_on.password.empty() || (!means.token && !means.certificate);
  // What a user name was given a token for is not tried with the password beside it.
  if (means.token && options.auth_mechanisms.empty()) means.password = false;
  log_on.mechanisms = mechanism_sets(options.auth_mechanisms, means);
  if (!log_on.wanted()) {
    throw std::invalid_argument(
        fmt::format("none of the AUTH mechanisms allowed for {} ({}) can be used with the "
                    "credentials that are set",
                    relay.text(), joined(options.auth_mechanisms)));
  }
  return log_on;
}

}  // namespace postern::smtp
