// The dialogue with a server until the connection is open: the current stage, the reply that ended
// it, the server's capabilities, and the lines of both sides for people.
//
// Every text that it returns has gone through a SecretMask. Takes at most 10 challenges in one AUTH
// exchange (smtp-transactions.md §5, row 22); keeps at most 200 lines.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/outcome.h"
#include "smtp/dialogue/capabilities.h"
#include "smtp/dialogue/reply.h"
#include "smtp/dialogue/secret_mask.h"
#include "smtp/dialogue/transcript.h"

namespace postern::smtp {

class ConnectTranscript {
 public:
  static constexpr int max_challenges = 10;
  static constexpr std::size_t max_lines = 200;

  /// The user and the secrets have to be added to it before the dialogue begins.
  [[nodiscard]] SecretMask& mask() { return mask_; }
  [[nodiscard]] const SecretMask& mask() const { return mask_; }

  /// A command, or a response within AUTH, that was sent, with its CRLF.
  void client_said(std::string_view command);
  /// Octets that were received; false if they are no replies and the session must end.
  bool server_said(std::string_view octets);
  /// A line of our own.
  void note(std::string_view text) { kept_.note(mask_.masked(std::string(text))); }

  [[nodiscard]] Stage stage() const { return stage_; }
  /// Grows with every change of the stage.
  [[nodiscard]] std::size_t steps() const { return steps_; }
  /// The reply in the current stage, or the 421 that ended the session; without secrets.
  [[nodiscard]] const std::optional<Reply>& reply() const { return reply_; }
  /// Why the server's octets were refused; empty if they were not.
  [[nodiscard]] const std::string& refusal() const { return refusal_; }
  /// Of the last EHLO or LHLO; none after HELO.
  [[nodiscard]] const Capabilities& capabilities() const { return capabilities_; }
  /// The server's name in its reply to the last EHLO, LHLO or HELO.
  [[nodiscard]] const std::string& server_name() const { return server_name_; }
  [[nodiscard]] bool authenticated() const { return authenticated_; }
  /// Of the last AUTH command, in upper case; empty if there was none.
  [[nodiscard]] const std::string& mechanism() const { return mechanism_; }

  [[nodiscard]] const std::vector<std::string>& lines() const { return kept_.lines(); }

 private:
  void enter(Stage stage);
  void handle_reply(Reply reply);

  ReplyParser parser_;
  SecretMask mask_;
  Stage stage_ = Stage::connect;
  std::size_t steps_ = 0;
  std::optional<Reply> reply_;
  std::string refusal_;
  Capabilities capabilities_;
  std::string server_name_;
  bool extended_ = false;  ///< the greeting was EHLO or LHLO
  bool authenticated_ = false;
  std::string mechanism_;
  int challenges_ = 0;
  Transcript kept_{max_lines};
};

}  // namespace postern::smtp
