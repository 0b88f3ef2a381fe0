// What is said between libcurl and a server until the connection is open: which step they are at,
// the reply that ended it, and what the server offers.
//
// Sees the server's lines and the verbs of the client's commands. Never keeps anything else of a
// command, since credentials are among them.
#pragma once

#include <optional>
#include <string_view>

#include "smtp/capabilities.h"
#include "smtp/outcome.h"
#include "smtp/reply.h"

namespace postern::smtp {

class ConnectTranscript {
 public:
  /// A command that was sent.
  void client_said(std::string_view command);
  /// Octets that came; false when they are no replies and the session must end.
  bool server_said(std::string_view octets);

  [[nodiscard]] Stage stage() const { return stage_; }
  /// The reply to the step at hand.
  [[nodiscard]] const std::optional<Reply>& reply() const { return reply_; }
  [[nodiscard]] const std::string& refusal() const { return parser_.refusal(); }
  /// Of the last EHLO; nothing is offered where HELO was the last.
  [[nodiscard]] const Capabilities& capabilities() const { return capabilities_; }
  [[nodiscard]] bool authenticated() const { return authenticated_; }

 private:
  ReplyParser parser_;
  Stage stage_ = Stage::connect;
  std::optional<Reply> reply_;
  Capabilities capabilities_;
  bool extended_ = false;  ///< the greeting was EHLO
  bool authenticated_ = false;
};

}  // namespace postern::smtp
