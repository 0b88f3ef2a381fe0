#include "smtp/auth/auth_plan.h"

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

void add_from_netrc(AuthPlan& plan, const ClientOptions& options, const Relay& relay) {
  const auto entry =
      find_in_netrc(read_secrets("netrc file", options.netrc_file), relay.host, plan.user);
  if (entry) {
    plan.user = entry->login;
    plan.password = entry->password;
    if (has_control(entry->login) || has_control(entry->password)) {
      throw std::invalid_argument(fmt::format(
          "the netrc file \"{}\" has a control character in the user name or password for {}",
          options.netrc_file, relay.host));
    }
  } else if (!plan.user.empty() && options.client_certificate.empty()) {
    throw std::invalid_argument(
        fmt::format("the netrc file \"{}\" holds no password for the user \"{}\" at {}",
                    options.netrc_file, printable(plan.user), relay.host));
  }
}

/// The file's first line, as it is now.
std::string password_in(const std::string& path) {
  const std::string text = read_secrets("password file", path);
  std::string password = text.substr(0, text.find_first_of("\r\n"));
  if (password.empty() || has_control(password)) {
    throw std::invalid_argument(
        fmt::format("the password file \"{}\" has no password in its first line", path));
  }
  return password;
}

}  // namespace

AuthPlan auth_plan_for(const ClientOptions& options, const Relay& relay) {
  AuthPlan plan{relay.user, relay.password, false, {}};
  if (relay.lmtp) return plan;
  if (!relay.user.empty() && !relay.password_file.empty()) {
    plan.password = password_in(relay.password_file);
  }
  plan.by_token = !options.token_command.empty() && !relay.user.empty();
  if (!options.netrc_file.empty() && plan.password.empty() && !plan.by_token) {
    add_from_netrc(plan, options, relay);
  }
  if (plan.user.empty() && !allows_external(options)) return plan;
  CredentialKinds means;
  means.token = plan.by_token;
  means.certificate =
      !options.client_certificate.empty() && plan.password.empty() && !plan.by_token;
  means.password = !plan.password.empty() || (!means.token && !means.certificate);
  // What a user name was given a token for is not tried with the password beside it.
  if (means.token && options.auth_mechanisms.empty()) means.password = false;
  plan.mechanisms = mechanism_sets(options.auth_mechanisms, means);
  if (!plan.wanted()) {
    throw std::invalid_argument(
        fmt::format("none of the AUTH mechanisms allowed for {} ({}) can be used with the "
                    "credentials that are set",
                    relay.text(), joined(options.auth_mechanisms)));
  }
  return plan;
}

}  // namespace postern::smtp
