// The options of the commands that send: which relay, how, how often.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/option/pace_options.h"
#include "mapi/transport.h"
#include "smime/preprocessor.h"
#include "smtp/client.h"
#include "spooler/spooler.h"

namespace CLI {
class App;
}

namespace postern::cli {

class RelayOptions {
 public:
  void add_to(CLI::App& command);

  /// The transport for the relay; `route_changed` as in smtp::ClientOptions. Throws UsageError for
  /// an invalid option, mapi::Failure for a password file that cannot be read.
  [[nodiscard]] std::unique_ptr<mapi::XPProvider> make_transport(
      std::function<void(const smtp::RouteStatus&)> route_changed = {}) const;

  [[nodiscard]] spooler::SpoolerOptions spooler_options() const;

 private:
  struct Row;
  static const Row rows[];

  [[nodiscard]] smtp::ClientOptions client_options() const;
  [[nodiscard]] std::vector<smtp::Relay> relays() const;
  [[nodiscard]] std::optional<smime::SmimeOptions> smime_options() const;

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
  bool local_delivery_reports_ = false;
  std::size_t sessions_ = 10;
  RateOptions rates_;
};

}  // namespace postern::cli
