#include "cli/option/relay_options.h"

#include <algorithm>
#include <array>
#include <concepts>
#include <cstdlib>
#include <fstream>
#include <stdexcept>
#include <utility>
#include <variant>

#include <CLI/CLI.hpp>

#include "base/host_name.h"
#include "base/text.h"
#include "cli/option/duration.h"
#include "cli/option/password_file.h"
#include "cli/option/usage_error.h"
#include "transport/maildir_transport.h"

namespace postern::cli {
namespace {

struct TlsName {
  std::string_view name;
  smtp::TlsPolicy policy;
};
constexpr std::array tls_names{
    TlsName{"none", smtp::TlsPolicy::none}, TlsName{"may", smtp::TlsPolicy::may},
    TlsName{"encrypt", smtp::TlsPolicy::encrypt}, TlsName{"verify", smtp::TlsPolicy::verify},
    TlsName{"fingerprint", smtp::TlsPolicy::fingerprint}};

std::optional<smtp::TlsPolicy> tls_policy(const std::string& name) {
  if (name.empty()) return std::nullopt;
  for (const auto& known : tls_names) {
    if (known.name == name) return known.policy;
  }
  throw UsageError("'" + name +
                   "' is no TLS policy; --tls takes none, may, encrypt, verify or "
                   "fingerprint");
}

void check_directory(const std::string& option, const std::string& path) {
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) return;
  throw UsageError(option + ": '" + path + "' is no directory");
}

/// Those of RelayOptions::rows that are about one server.
constexpr std::array<std::string_view, 12> connection_options{
    "--tls",  "--fingerprint",        "--ca-file",    "--user",  "--password-file", "--netrc",
    "--auth", "--client-certificate", "--client-key", "--proxy", "--token-command", "--helo"};

/// $POSTERN_PASSWORD, which is taken away: the programs that are run for us are not to get it.
std::string take_environment_password() {
  constexpr const char* name = "POSTERN_PASSWORD";
  const char* found = std::getenv(name);
  std::string password = found != nullptr ? found : "";
  ::unsetenv(name);
  return password;
}

/// "example.org:mail:/etc/postern/dkim.pem"
smtp::DkimSettings dkim_settings(const std::string& text) {
  const auto domain_end = text.find(':');
  const auto selector_end =
      domain_end == std::string::npos ? domain_end : text.find(':', domain_end + 1);
  if (selector_end == std::string::npos) {
    throw UsageError("'" + text + "' says not how to sign; --dkim takes DOMAIN:SELECTOR:FILE");
  }
  return {text.substr(0, domain_end), text.substr(domain_end + 1, selector_end - domain_end - 1),
          smtp::DkimKey::from_file(text.substr(selector_end + 1))};
}

smtp::Relay parse_relay(const std::string& url) {
  try {
    return smtp::Relay::parse(url);
  } catch (const std::invalid_argument& error) {
    throw UsageError(error.what());
  }
}

/// "example.org=verify", "smtp://mail.example=fingerprint:0123…"
void add_destination(smtp::ClientOptions& client, const std::string& text) {
  const auto equals = text.rfind('=');
  if (equals == std::string::npos || equals == 0 || equals + 1 == text.size()) {
    throw UsageError("'" + text +
                     "' is no TLS policy of a destination; --tls-for takes e.g. "
                     "example.org=verify");
  }
  const std::string name = text.substr(0, equals);
  const std::string policy = text.substr(equals + 1);
  const auto colon = policy.find(':');
  const bool relay = name.find("://") != std::string::npos;
  auto& settings = client.destinations[relay ? parse_relay(name).text() : lower_case(name)];
  settings.tls = tls_policy(policy.substr(0, colon));
  if (colon != std::string::npos) settings.fingerprints.push_back(policy.substr(colon + 1));
}

/// "CHUNKING", "PIPELINING=mx.example"
smtp::UnusedExtension unused_extension(const std::string& text) {
  const auto equals = text.find('=');
  const auto extension = smtp::extension_named(text.substr(0, equals));
  const bool host_missing = equals != std::string::npos && equals + 1 == text.size();
  if (!extension || host_missing) {
    throw UsageError("'" + text +
                     "' is no extension to do without; --without takes PIPELINING, CHUNKING, DSN, "
                     "SIZE, 8BITMIME or SMTPUTF8, and behind = the host if only one is meant");
  }
  return {*extension, equals == std::string::npos ? "" : text.substr(equals + 1)};
}

// One row of RelayOptions::rows becomes an option, as its value is.

void add(CLI::App& command, const auto& row, bool& flag) {
  command.add_flag(row.name, flag, row.help);
}
void add(CLI::App& command, const auto& row, std::string& value) {
  command.add_option(row.name, value, row.help)->type_name(row.type);
}
/// It may be given again, each time with one value.
void add(CLI::App& command, const auto& row, std::vector<std::string>& values) {
  command.add_option(row.name, values, row.help)
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->type_name(row.type);
}
void add(CLI::App& command, const auto& row, std::integral auto& number) {
  command.add_option(row.name, number, row.help)->check(CLI::Range(row.min, row.max));
}

}  // namespace

struct RelayOptions::Row {
  const char* name;
  std::variant<bool RelayOptions::*, std::string RelayOptions::*,
               std::vector<std::string> RelayOptions::*, int RelayOptions::*,
               std::size_t RelayOptions::*>
      member;
  const char* type;  ///< the value's name in the help
  const char* help;
  int min = 0;  ///< of a number
  int max = 0;
};

const RelayOptions::Row RelayOptions::rows[] = {
    {"--relay", &RelayOptions::relays_, "URL",
     "The server to hand mail to: smtp://[USER@]HOST[:PORT] (STARTTLS where\n"
     "the policy asks for it), smtps://… (TLS from the start), lmtp://HOST[:PORT]\n"
     "or lmtp:///SOCKET. Given again: where to turn when those before are away"},
    {"--mx", &RelayOptions::mx_, nullptr,
     "Deliver to the mail hosts of each recipient's domain instead of a relay,\n"
     "with MTA-STS and, where a trust anchor is given, DANE"},
    {"--route", &RelayOptions::routes_, "[DOMAINS=]URL",
     "Where the mail for some domains goes, before the relay or mail hosts get the\n"
     "rest (without either, that is reported). DOMAINS: a.example,.b.example (a dot in\n"
     "front: all below it); none: all. URL: as by --relay, or maildir:///DIRECTORY, in\n"
     "which {domain} and {local} stand for the address's; behind it ?KEY=VALUE&… with\n"
     "name, connections, tls, fingerprint, password-file. May be repeated; the first\n"
     "that takes an address gets it. E.g. a.example=lmtp:///run/dovecot/lmtp"},
    {"--dns-server", &RelayOptions::dns_servers_, "ADDRESS",
     "With --mx: ask this server (ADDRESS[@PORT]) instead of the system's; may be\n"
     "repeated"},
    {"--trust-anchor", &RelayOptions::trust_anchor_, "FILE",
     "With --mx: the root's DNSSEC key, e.g. /usr/share/dns/root.key; needs DNS\n"
     "servers that pass signatures on"},
    {"--mx-port", &RelayOptions::mx_port_, nullptr,
     "With --mx: the port of the mail hosts; default 25", 1, 65535},
    {"--no-mta-sts", &RelayOptions::no_mta_sts_, nullptr,
     "With --mx: do not look for MTA-STS policies"},
    {"--mta-sts-cache", &RelayOptions::mta_sts_cache_, "DIRECTORY",
     "With --mx: where MTA-STS policies are kept from one run to the next, as they\n"
     "should be; made if missing"},
    {"--mta-sts-ca-file", &RelayOptions::mta_sts_ca_file_, "FILE",
     "With --mx: certificates to trust for the hosts of MTA-STS policies instead of\n"
     "the system's (PEM)"},
    {"--tls-reports", &RelayOptions::tls_reports_, "DIRECTORY",
     "With --mx: where to keep what became of TLS, a file for each day and domain as\n"
     "RFC 8460 words it (TLS-RPT), for a week; nothing is sent; made if missing"},
    {"--tls", &RelayOptions::tls_, "POLICY",
     "none, may, encrypt, verify or fingerprint; by default verify, except for a\n"
     "relay on this machine without a user (may)"},
    {"--tls-for", &RelayOptions::tls_for_, "NAME=POLICY",
     "The same for one domain (--mx) or relay (its URL), e.g.\n"
     "example.org=encrypt or mx.example=fingerprint:HEX; may be repeated"},
    {"--fingerprint", &RelayOptions::fingerprints_, "HEX",
     "SHA-256 of the relay's certificate or of its key; may be repeated"},
    {"--ca-file", &RelayOptions::ca_file_, "FILE",
     "Certificates to trust instead of the system's (PEM)"},
    {"--user", &RelayOptions::user_, "NAME", "The user to log in as, instead of one in the URL"},
    {"--password-file", &RelayOptions::password_file_, "FILE",
     "A file whose first line is the password, read at each log-on; else\n"
     "$POSTERN_PASSWORD is used"},
    {"--netrc", &RelayOptions::netrc_file_, "FILE",
     "A file with users and passwords by host (netrc)"},
    {"--token-command", &RelayOptions::token_command_, "COMMAND",
     "A shell command that prints an access token (XOAUTH2, OAUTHBEARER); run\n"
     "again once when the token is refused"},
    {"--auth", &RelayOptions::auth_mechanisms_, "NAME",
     "An AUTH mechanism that may be used (PLAIN, LOGIN, CRAM-MD5, …); may be\n"
     "repeated; by default the best one offered"},
    {"--client-certificate", &RelayOptions::client_certificate_, "FILE",
     "A certificate to show to servers that ask for one (PEM)"},
    {"--client-key", &RelayOptions::client_key_, "FILE",
     "Its key (PEM), where it is not in the certificate's file"},
    {"--proxy", &RelayOptions::proxy_, "URL",
     "A proxy on the way: socks5h://HOST[:PORT] or http://HOST[:PORT] (CONNECT)"},
    {"--dkim", &RelayOptions::dkim_, "DOMAIN:SELECTOR:FILE",
     "Sign messages: the domain, the selector and the file of the private key\n"
     "(PEM, RSA or Ed25519), e.g. example.org:mail:/etc/postern/dkim.pem; may be\n"
     "repeated"},
    {"--smime-identities", &RelayOptions::smime_identities_, "DIRECTORY",
     "Sign messages that ask for it (S/MIME): a directory with a file for each\n"
     "sender, ADDRESS.pem or ADDRESS.p12, of key and certificate"},
    {"--smime-passphrase-file", &RelayOptions::smime_passphrase_file_, "FILE",
     "A file whose first line is the passphrase of those keys, if they have one"},
    {"--smime-certificates", &RelayOptions::smime_certificates_, "DIRECTORY",
     "Encrypt messages that ask for it (S/MIME): a directory with a file for each\n"
     "recipient, ADDRESS.pem; who has none gets nothing, and the sender a report"},
    {"--helo", &RelayOptions::helo_name_, "NAME", "The name to greet the server with (EHLO)"},
    {"--retry", &RelayOptions::retry_, "1s,5m,…",
     "Pauses before a temporary failure is tried again, the last one repeated;\n"
     "default 1m,5m,15m,30m,1h,2h"},
    {"--give-up", &RelayOptions::give_up_, "TIME", "When a message is given up; default 5d"},
    {"--delay-warning", &RelayOptions::delay_warning_, "TIME",
     "How long after the first attempt the sender gets a report that a message is\n"
     "delayed, once; default 4h, 0: none"},
    {"--local-delivery-reports", &RelayOptions::local_delivery_reports_, nullptr,
     "Put delivery reports into the Inbox also where the server has promised to\n"
     "mail them to the sender (DSN)"},
    {"--sessions", &RelayOptions::sessions_, nullptr, "Messages sent at once; default 10", 1, 500},
    {"--recipients-per-transaction", &RelayOptions::recipients_per_transaction_, nullptr,
     "The most recipients that a server is given at once; by default as many as it\n"
     "takes, which is found out",
     1, 1'000'000},
    {"--without", &RelayOptions::without_, "EXTENSION[=HOST]",
     "Do not use an extension although a server offers it, or although HOST does:\n"
     "PIPELINING, CHUNKING, DSN, SIZE, 8BITMIME or SMTPUTF8; may be repeated"},
};

void RelayOptions::add_to(CLI::App& command) {
  for (const Row& row : rows) {
    std::visit([&](auto member) { add(command, row, this->*member); }, row.member);
  }
  rates_.add_to(command);
}

void RelayOptions::add_connection_to(CLI::App& command) {
  for (const Row& row : rows) {
    if (std::ranges::find(connection_options, row.name) == connection_options.end()) continue;
    std::visit([&](auto member) { add(command, row, this->*member); }, row.member);
  }
}

smtp::ClientOptions RelayOptions::client_options_for(const std::string& relay) const {
  RelayOptions asked = *this;
  asked.relays_ = {relay.find("://") == std::string::npos ? "smtp://" + relay : relay};
  return asked.client_options();
}

std::vector<smtp::Relay> RelayOptions::relays(const std::string& environment_password) const {
  const std::string password =
      password_file_.empty() ? environment_password : password_from(password_file_);
  std::vector<smtp::Relay> all;
  for (const std::string& url : relays_) {
    smtp::Relay relay = parse_relay(url);
    if (!user_.empty()) relay.user = user_;
    const bool asked = !password_file_.empty() || relay.password.empty();
    if (!relay.user.empty() && asked) {
      relay.password = password;
      relay.password_file = password_file_;
    }
    all.push_back(std::move(relay));
  }
  return all;
}

/// What every SMTP transport goes by.
smtp::ClientOptions RelayOptions::common_client_options() const {
  smtp::ClientOptions client;
  for (const std::string& text : tls_for_) add_destination(client, text);
  client.ca_file = ca_file_;
  client.client_certificate = client_certificate_;
  client.client_key = client_key_;
  client.auth_mechanisms = auth_mechanisms_;
  client.netrc_file = netrc_file_;
  client.proxy = proxy_;
  client.helo_name = helo_name_;
  client.connections = sessions_;
  client.pace = rates_.pace();
  client.recipients_per_transaction = recipients_per_transaction_;
  for (const std::string& text : without_) client.without.push_back(unused_extension(text));
  return client;
}

/// For --relay and --mx.
smtp::ClientOptions RelayOptions::client_options() const {
  smtp::ClientOptions client = common_client_options();
  const std::string environment_password = take_environment_password();
  if (mx_) {
    client.mx.emplace();
    client.mx->port = mx_port_;
    client.mx->dns_servers = dns_servers_;
    client.mx->trust_anchor_file = trust_anchor_;
    client.mx->mta_sts = !no_mta_sts_;
    client.mx->mta_sts_cache_directory = mta_sts_cache_;
    client.mx->mta_sts_ca_file = mta_sts_ca_file_;
    client.mx->tls_report_directory = tls_reports_;
  } else {
    std::vector<smtp::Relay> all = relays(environment_password);
    client.relay = all.front();
    client.further_relays.assign(all.begin() + 1, all.end());
  }
  client.tls = tls_policy(tls_);
  client.fingerprints = fingerprints_;
  if (!token_command_.empty()) client.token_command = {"/bin/sh", "-c", token_command_};
  return client;
}

std::optional<smime::SmimeOptions> RelayOptions::smime_options() const {
  if (smime_identities_.empty() && smime_certificates_.empty()) return std::nullopt;
  smime::SmimeOptions options;
  if (!smime_identities_.empty()) {
    check_directory("--smime-identities", smime_identities_);
    options.identities = std::make_shared<smime::IdentityDirectory>(
        smime_identities_,
        smime_passphrase_file_.empty() ? "" : password_from(smime_passphrase_file_));
  }
  if (!smime_certificates_.empty()) {
    check_directory("--smime-certificates", smime_certificates_);
    options.certificates = std::make_shared<smime::CertificateDirectory>(smime_certificates_);
  }
  return options;
}

/// --tls, --fingerprint, --user and the like are about --relay; a route says its own.
smtp::ClientOptions RelayOptions::route_client_options(const Route& route) const {
  smtp::ClientOptions client = common_client_options();
  client.relay = parse_relay(route.url);
  if (!client.relay.password.empty()) {
    throw UsageError("the password in the --route to " + client.relay.text() +
                     " can be seen by everybody on this machine; write it into a file for "
                     "?password-file=FILE or --netrc");
  }
  if (!route.password_file.empty()) {
    client.relay.password = password_from(route.password_file);
    client.relay.password_file = route.password_file;
  }
  client.tls = tls_policy(route.tls);
  client.fingerprints = route.fingerprints;
  if (route.connections > 0) client.connections = route.connections;
  // What speaks LMTP is near.
  if (client.relay.lmtp) client.proxy.clear();
  return client;
}

std::unique_ptr<mapi::XPProvider> RelayOptions::make_route(const Route& route,
                                                           const RouteChanged& changed) const {
  if (route.is_maildir()) {
    return transport::make_maildir_transport({.mailbox = route.directory(),
                                              .name = route.name,
                                              .domains = route.domains,
                                              .smime = smime_options()});
  }
  transport::SmtpTransportOptions options;
  options.client = route_client_options(route);
  options.name = route.name;
  options.domains = route.domains;
  return make_smtp_transport(std::move(options), changed);
}

std::unique_ptr<mapi::XPProvider> RelayOptions::make_smtp_transport(
    transport::SmtpTransportOptions options, const RouteChanged& changed) const {
  options.client.route_changed = changed;
  options.local_delivery_reports = local_delivery_reports_;
  options.smime = smime_options();
  for (const std::string& text : dkim_) options.dkim.push_back(dkim_settings(text));
  return transport::make_smtp_transport(std::move(options));
}

Transports RelayOptions::make_transports(const RouteChanged& route_changed) const {
  const bool has_relay = !relays_.empty();
  if ((mx_ && has_relay) || (!mx_ && !has_relay && routes_.empty())) {
    throw UsageError(
        "say where mail goes: --relay URL, or --mx for the recipients' own mail hosts, or --route "
        "for some domains");
  }
  Transports transports;
  try {
    for (const std::string& text : routes_) {
      transports.add(make_route(parse_route(text), route_changed));
    }
    if (mx_ || has_relay) {
      transport::SmtpTransportOptions options;
      options.client = client_options();
      transports.add(make_smtp_transport(std::move(options), route_changed));
    }
  } catch (const std::invalid_argument& error) {
    throw UsageError(error.what());
  }
  return transports;
}

spooler::SpoolerOptions RelayOptions::spooler_options() const {
  spooler::SpoolerOptions options;
  options.sessions = sessions_;
  options.open_messages = mx_ || !routes_.empty() ? options.with_many_destinations
                                                  : options.with_one_destination(options.sessions);
  options.reporter.host = host_name();
  if (!retry_.empty()) {
    const auto intervals = parse_intervals(retry_);
    if (!intervals) {
      throw UsageError("'" + retry_ +
                       "' is no list of pauses; --retry takes something like 1s,5s,2m,1h");
    }
    options.retry.intervals = *intervals;
  }
  if (!give_up_.empty()) {
    const auto time = parse_duration(give_up_);
    if (!time) throw UsageError("'" + give_up_ + "' is no time; --give-up takes e.g. 30m or 5d");
    options.retry.give_up_after = *time;
  }
  if (!delay_warning_.empty()) {
    const auto time = parse_duration(delay_warning_);
    if (!time) {
      throw UsageError("'" + delay_warning_ +
                       "' is no time; --delay-warning takes e.g. 30m or 4h, or 0 for no report");
    }
    options.retry.delay_warning = *time;
  }
  return options;
}

}  // namespace postern::cli
