#include "cli/relay_options.h"

#include <array>
#include <cstdlib>
#include <fstream>
#include <stdexcept>

#include <CLI/CLI.hpp>

#include "cli/command.h"
#include "mapi/utf.h"
#include "transport/host_name.h"
#include "transport/smtp_transport.h"

namespace postern::cli {
namespace {

struct TlsName {
  std::string_view name;
  smtp::TlsPolicy policy;
};
constexpr std::array tls_names{
    TlsName{"none", smtp::TlsPolicy::none}, TlsName{"may", smtp::TlsPolicy::may},
    TlsName{"encrypt", smtp::TlsPolicy::encrypt}, TlsName{"verify", smtp::TlsPolicy::verify}};

std::optional<smtp::TlsPolicy> tls_policy(const std::string& name) {
  if (name.empty()) return std::nullopt;
  for (const auto& known : tls_names) {
    if (known.name == name) return known.policy;
  }
  throw UsageError("'" + name + "' is no TLS policy; --tls takes none, may, encrypt or verify");
}

/// The first line of the file, without its line end.
std::string password_from(const std::string& path) {
  std::ifstream file(path);
  std::string password;
  if (!file || !std::getline(file, password)) {
    throw mapi::Failure(mapi::MAPI_E_NOT_FOUND,
                        "the password file '" + path + "' cannot be read or is empty");
  }
  if (!password.empty() && password.back() == '\r') password.pop_back();
  return password;
}

smtp::Relay parse_relay(const std::string& url) {
  try {
    return smtp::Relay::parse(url);
  } catch (const std::invalid_argument& error) {
    throw UsageError(error.what());
  }
}

}  // namespace

void RelayOptions::add_to(CLI::App& command) {
  command
      .add_option("--relay", relay_,
                  "The server to hand mail to: smtp://[USER@]HOST[:PORT] (STARTTLS where\n"
                  "the policy asks for it) or smtps://… (TLS from the start)")
      ->type_name("URL")
      ->required();
  command
      .add_option("--tls", tls_,
                  "none, may, encrypt or verify; by default verify, except for a relay on\n"
                  "this machine without a user (may)")
      ->type_name("POLICY");
  command.add_option("--ca-file", ca_file_, "Certificates to trust instead of the system's (PEM)")
      ->type_name("FILE");
  command.add_option("--user", user_, "The user to log in as, instead of one in the URL")
      ->type_name("NAME");
  command
      .add_option("--password-file", password_file_,
                  "A file whose first line is the password; else $POSTERN_PASSWORD is used")
      ->type_name("FILE");
  command.add_option("--helo", helo_name_, "The name to greet the server with (EHLO)")
      ->type_name("NAME");
  command
      .add_option("--retry", retry_,
                  "Pauses before a temporary failure is tried again, the last one repeated;\n"
                  "default 1m,5m,15m,30m,1h,2h")
      ->type_name("1s,5m,…");
  command.add_option("--give-up", give_up_, "When a message is given up; default 5d")
      ->type_name("TIME");
  command.add_option("--sessions", sessions_, "Messages sent at once; default 10")
      ->check(CLI::Range(1, 500));
}

std::unique_ptr<mapi::XPProvider> RelayOptions::make_transport() const {
  transport::SmtpTransportOptions options;
  auto& client = options.client;
  client.relay = parse_relay(relay_);
  if (!user_.empty()) client.relay.user = user_;
  if (!password_file_.empty()) {
    client.relay.password = password_from(password_file_);
  } else if (const char* password = std::getenv("POSTERN_PASSWORD");
             password != nullptr && client.relay.password.empty() && !client.relay.user.empty()) {
    client.relay.password = password;
  }
  client.tls = tls_policy(tls_);
  client.ca_file = ca_file_;
  client.helo_name = helo_name_.empty() ? transport::host_name() : helo_name_;
  client.connections = sessions_;
  try {
    return transport::make_smtp_transport(std::move(options));
  } catch (const std::invalid_argument& error) {
    throw UsageError(error.what());
  }
}

spooler::SpoolerOptions RelayOptions::spooler_options() const {
  spooler::SpoolerOptions options;
  options.sessions = sessions_;
  options.reporter.host = transport::host_name();
  if (!retry_.empty()) {
    const auto intervals = spooler::parse_intervals(retry_);
    if (!intervals) {
      throw UsageError("'" + retry_ +
                       "' is no list of pauses; --retry takes something like 1s,5s,2m,1h");
    }
    options.retry.intervals = *intervals;
  }
  if (!give_up_.empty()) {
    const auto time = spooler::parse_duration(give_up_);
    if (!time) throw UsageError("'" + give_up_ + "' is no time; --give-up takes e.g. 30m or 5d");
    options.retry.give_up_after = *time;
  }
  return options;
}

}  // namespace postern::cli
