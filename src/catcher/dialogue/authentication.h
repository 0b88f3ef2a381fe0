// The server's side of AUTH PLAIN (RFC 4616) and LOGIN, without sockets.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace postern::catcher {

/// The octets of a base64 text (RFC 4648 §4, padded); nullopt if it is malformed.
std::optional<std::string> decode_base64(std::string_view text);

/// One exchange: `start` with the arguments of AUTH, then `respond` to each line, until the step is
/// not `prompt`.
class Authentication {
 public:
  struct Credentials {
    std::string user;
    std::string password;
  };
  enum class Step {
    prompt,       ///< send `prompt()` after 334 and call `respond` with the answer
    done,         ///< `credentials()` are complete
    malformed,    ///< no base64, or against the mechanism's format
    cancelled,    ///< the client sent "*"
    unsupported,  ///< no such mechanism
  };

  Step start(std::string_view mechanism, std::optional<std::string_view> initial_response);
  Step respond(std::string_view line);

  [[nodiscard]] std::string_view prompt() const;
  [[nodiscard]] const Credentials& credentials() const { return credentials_; }

 private:
  enum class Awaited { plain, login_user, login_password };

  Awaited awaited_ = Awaited::plain;
  Credentials credentials_;
};

}  // namespace postern::catcher
