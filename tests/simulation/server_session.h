// A mail server in one connection: the catcher's side of SMTP, which accepts everything, and beside
// it what a bad day makes of that.
#pragma once

#include <array>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/outcome.h"
#include "catcher/dialogue/dialogue.h"
#include "catcher/maildrop/maildrop.h"
#include "catcher/options.h"
#include "tests/simulation/chance.h"
#include "tests/simulation/ledger.h"
#include "tests/simulation/time/trace.h"
#include "tests/simulation/wire.h"

namespace postern::simulation {

/// How often, of a thousand commands or contents, a server does each.
struct BadDay {
  std::size_t refuses = 0;
  std::size_t ends_session = 0;  ///< with 421
  std::size_t cuts = 0;
  std::size_t falls_silent = 0;
  std::size_t is_late = 0;
  std::size_t talks_garbage = 0;
  std::size_t takes_octets_singly = 0;  ///< of a thousand connections
};

/// What all servers see.
struct ServerWorld {
  Chance& chance;
  Ledger& ledger;
  Trace& trace;
};

class ServerSession {
 public:
  ServerSession(ServerWorld world, const BadDay& day, std::string host,
                std::vector<std::string> without_extensions, std::size_t most_recipients,
                std::shared_ptr<Wire> wire);
  ServerSession(const ServerSession&) = delete;
  ServerSession& operator=(const ServerSession&) = delete;

  /// The reply to EHLO.
  std::string hello();
  /// From now on it talks over its wire, as long as that is there.
  static void begin(const std::shared_ptr<ServerSession>& session);

 private:
  enum class Mishap { none, refusal, ended, cut, silence, late, garbage };
  /// What becomes of a content.
  enum class Fate {
    kept,
    refused,
    ended,          ///< with 421, not kept
    cut_within,     ///< before it was whole
    lost,           ///< cut when it was whole, and not kept
    reply_lost,     ///< kept, and cut
    reply_cut,      ///< kept, and cut within the reply
    silence,        ///< kept or not, and never answered
    reply_late,     ///< kept
    reply_garbled,  ///< kept
  };

  void receive(std::string_view octets);
  bool take_line();
  bool take_content();
  void command(const std::string& line);
  bool is_mishap(Stage stage, const std::string& line);
  Mishap draw(Stage stage);
  void refuse(Stage stage, const std::string& line);
  void tell_refusal(Stage stage, const std::string& line, int code);
  void garble(const std::string& otherwise);
  void fall_silent();
  void react(const catcher::Reaction& reaction);
  void draw_fate();
  void content_over(const catcher::Reaction& reaction);
  void keep(const std::string& reply, Span delay);
  void say(const std::string& reply, Span delay = {});
  void end(Span delay = {});
  void cut();
  [[nodiscard]] std::optional<std::size_t> life() const;
  void note(const std::string& what);

  ServerWorld world_;
  const BadDay& day_;
  std::string host_;
  std::shared_ptr<Wire> wire_;
  catcher::CatcherOptions options_;
  catcher::Maildrop maildrop_;
  catcher::Attempts attempts_;
  catcher::ServerDialogue dialogue_;
  std::string input_;
  Span latency_{};
  bool is_content_ = false;
  bool is_chunk_ = false;
  bool is_over_ = false;
  /// It has said one reply too many: if it ends the session before that is noticed, the client
  /// takes what was said of one recipient for another's.
  bool is_miscounted_ = false;
  Fate fate_ = Fate::kept;
  std::string sender_;
  std::optional<catcher::CaughtMessage> caught_;
};

}  // namespace postern::simulation
