// The options of the commands that send: which relay, how, how often.
#pragma once

#include <memory>
#include <string>

#include "mapi/transport.h"
#include "spooler/spooler.h"

namespace CLI {
class App;
}

namespace postern::cli {

class RelayOptions {
 public:
  void add_to(CLI::App& command);

  /// The transport for the relay. UsageError for an option that makes no sense; mapi::Failure for
  /// a password file that cannot be read.
  [[nodiscard]] std::unique_ptr<mapi::XPProvider> make_transport() const;

  [[nodiscard]] spooler::SpoolerOptions spooler_options() const;

 private:
  std::string relay_;
  std::string tls_;
  std::string ca_file_;
  std::string user_;
  std::string password_file_;
  std::string helo_name_;
  std::string retry_;
  std::string give_up_;
  std::size_t sessions_ = 10;
};

}  // namespace postern::cli
