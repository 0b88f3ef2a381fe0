// The access token of OAUTHBEARER (RFC 7628) and XOAUTH2, from a program that prints it.
//
// The program is run when a token is needed and none is known; one run serves all connections that
// wait for it, and the token is kept until a server refuses it. The token is the first line of the
// program's output, none of which is in any error text. All calls on the context's thread.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "smtp/io/child_output.h"

namespace postern::smtp {

struct TokenFailure {
  std::string text;            ///< one sentence
  bool configuration = false;  ///< the program cannot be started
  bool stopped = false;
};

class TokenCommand {
 public:
  TokenCommand(asio::io_context& context, std::vector<std::string> argv,
               std::chrono::milliseconds limit)
      : context_(context), argv_(std::move(argv)), limit_(limit) {}

  [[nodiscard]] bool is_configured() const { return !argv_.empty(); }
  /// `event` wakes the caller; the wait ends when `stop` has become true. Throws std::system_error
  /// if the program cannot be run because a resource is exhausted.
  asio::awaitable<std::variant<std::string, TokenFailure>> token(std::shared_ptr<AsyncEvent> event,
                                                                 const bool& stop);
  /// A server refused it: the next call runs the program again.
  void refused(std::string_view token);
  /// "the token command "name"": its arguments may be secrets.
  [[nodiscard]] std::string text() const;

 private:
  struct Run;
  asio::awaitable<std::variant<std::string, TokenFailure>> run(std::shared_ptr<AsyncEvent> event,
                                                               const bool& stop);
  [[nodiscard]] TokenFailure failure(std::string_view what) const;

  asio::io_context& context_;
  std::vector<std::string> argv_;
  std::chrono::milliseconds limit_;
  std::string token_;
  bool running_ = false;
  std::vector<std::shared_ptr<AsyncEvent>> waiting_;
};

}  // namespace postern::smtp
