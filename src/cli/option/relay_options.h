// The options of the commands that send: by which transports, how, how often.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cli/option/pace_options.h"
#include "cli/option/route.h"
#include "mapi/transport.h"
#include "smime/preprocessor.h"
#include "smtp/client.h"
#include "spooler/spooler.h"
#include "transport/smtp_transport.h"

namespace CLI {
class App;
}

namespace postern::cli {

/// Transports in the order in which they are asked.
class Transports {
 public:
  void add(std::unique_ptr<mapi::XPProvider> transport) { all_.push_back(std::move(transport)); }
  /// They live as long as this object.
  [[nodiscard]] std::vector<mapi::XPProvider*> pointers() const {
    std::vector<mapi::XPProvider*> pointers;
    for (const auto& transport : all_) pointers.push_back(transport.get());
    return pointers;
  }

 private:
  std::vector<std::unique_ptr<mapi::XPProvider>> all_;
};

using RouteChanged = std::function<void(const smtp::RouteStatus&)>;

class RelayOptions {
 public:
  void add_to(CLI::App& command);

  /// Those only that say how a server is connected to, without --relay.
  void add_connection_to(CLI::App& command);
  /// Of a command with those: for a relay, a URL or HOST[:PORT]. Throws as make_transports.
  [[nodiscard]] smtp::ClientOptions client_options_for(const std::string& relay) const;

  /// The routes in their order, then the relay or the recipients' mail hosts; `route_changed` as in
  /// smtp::ClientOptions. Throws UsageError for an invalid option, mapi::Failure for a password
  /// file that cannot be read.
  [[nodiscard]] Transports make_transports(const RouteChanged& route_changed = {}) const;

  [[nodiscard]] spooler::SpoolerOptions spooler_options() const;

 private:
  struct Row;
  static const Row rows[];

  [[nodiscard]] std::unique_ptr<mapi::XPProvider> make_route(const Route& route,
                                                             const RouteChanged& changed) const;
  [[nodiscard]] std::unique_ptr<mapi::XPProvider> make_smtp_transport(
      transport::SmtpTransportOptions options, const RouteChanged& changed) const;
  [[nodiscard]] smtp::ClientOptions client_options() const;
  [[nodiscard]] smtp::ClientOptions route_client_options(const Route& route) const;
  [[nodiscard]] smtp::ClientOptions common_client_options() const;
  [[nodiscard]] std::vector<smtp::Relay> relays(const std::string& environment_password) const;
  [[nodiscard]] std::optional<smime::SmimeOptions> smime_options() const;

  std::vector<std::string> routes_;
  std::vector<std::string> relays_;
  bool mx_ = false;
  int mx_port_ = 25;
  std::vector<std::string> dns_servers_;
  std::string trust_anchor_;
  bool no_mta_sts_ = false;
  std::string mta_sts_cache_;
  std::string mta_sts_ca_file_;
  std::string tls_reports_;
  std::string tls_;
  std::vector<std::string> tls_for_;
  std::vector<std::string> fingerprints_;
  std::string ca_file_;
  std::string client_certificate_;
  std::string client_key_;
  std::vector<std::string> auth_mechanisms_;
  std::string token_command_;
  std::string netrc_file_;
  std::string proxy_;
  std::vector<std::string> dkim_;
  std::string smime_identities_;
  std::string smime_passphrase_file_;
  std::string smime_certificates_;
  std::string user_;
  std::string password_file_;
  std::string helo_name_;
  std::string retry_;
  std::string give_up_;
  std::string delay_warning_;
  bool local_delivery_reports_ = false;
  std::size_t sessions_ = 10;
  std::vector<std::string> without_;
  std::size_t recipients_per_transaction_ = 0;
  RateOptions rates_;
};

}  // namespace postern::cli
