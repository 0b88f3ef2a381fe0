// Removes the secrets from the lines of a session, so that they can be shown to people.
//
// A state machine: from AUTH on (RFC 4954) every line of the client is a secret, and so is every
// challenge (334), until a reply of another code ends the exchange. The lines of the exchange are
// remembered, as sent and decoded, and removed from all later replies, since servers repeat
// commands they did not understand, whole or cut, in another case or decoded. The user name is no
// secret. Masked text is shown as "…".
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace postern::smtp {

class SecretMask {
 public:
  /// A name that may be shown although it is part of AUTH.
  void set_user(std::string_view user) { user_ = user; }
  /// A secret in any text: a password, a token.
  void add(std::string_view secret);

  /// A line of the client's, without its end.
  std::string client_said(std::string_view line);
  /// A reply's text, its lines joined by LF.
  std::string server_said(int code, std::string_view text);
  /// Any other text, such as a library's error.
  [[nodiscard]] std::string masked(std::string text) const;

  /// Any secret is known.
  [[nodiscard]] bool knows_any() const { return !secrets_.empty() || !responses_.empty(); }

  [[nodiscard]] bool within_auth() const { return within_auth_; }

 private:
  void learn(std::string_view response);

  std::string user_;
  std::vector<std::string> secrets_;    ///< the longest first
  std::vector<std::string> responses_;  ///< base64 of the exchanges, lower case
  bool within_auth_ = false;
};

}  // namespace postern::smtp
