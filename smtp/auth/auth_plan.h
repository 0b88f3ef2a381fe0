// With what, and by which mechanisms, one logs on to a relay (RFC 4954).
#pragma once

#include <string>
#include <vector>

#include "smtp/auth/auth_mechanism.h"
#include "smtp/client.h"

namespace postern::smtp {

struct AuthPlan {
  std::string user;
  std::string password;
  bool by_token = false;  ///< the token is the token command's
  /// To be tried one after the other until one is offered; empty: nobody logs on.
  std::vector<MechanismSet> mechanisms;

  [[nodiscard]] bool wanted() const { return !mechanisms.empty(); }
};

/// The relay's own user name and password, else the netrc file's for its host, which is read again
/// for each connection. Throws std::invalid_argument with one sentence where a user name is set and
/// nothing that goes with it, or where the file cannot be read.
AuthPlan auth_plan_for(const ClientOptions& options, const Relay& relay);

}  // namespace postern::smtp
