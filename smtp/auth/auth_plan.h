// With which credentials and mechanisms AUTH is done at a relay (RFC 4954).
#pragma once

#include <string>
#include <vector>

#include "smtp/auth/auth_mechanism.h"
#include "smtp/client.h"

namespace postern::smtp {

struct AuthPlan {
  std::string user;
  std::string password;
  bool by_token = false;  ///< the token command gives it
  /// To be tried one after the other until one is offered; empty: no AUTH.
  std::vector<MechanismSet> mechanisms;

  [[nodiscard]] bool wanted() const { return !mechanisms.empty(); }
};

/// The relay's own user name and password, else those of the netrc file for its host; the file is
/// read again for each connection. Throws std::invalid_argument with one sentence if a user name is
/// set without any credentials, or if the file cannot be read.
AuthPlan auth_plan_for(const ClientOptions& options, const Relay& relay);

}  // namespace postern::smtp
