#include "smtp/connect/transcript.h"

#include <array>

#include <fmt/format.h>

namespace postern::smtp {

void ConnectTranscript::enter(Stage stage) {
  if (stage_ == stage) return;
  stage_ = stage;
  ++steps_;
}

void ConnectTranscript::client_said(std::string_view command) {
  if (stage_ == Stage::connect) return;  // what goes to a proxy is not said to the server
  struct Verb {
    std::string_view text;
    Stage stage;
    bool extended;
  };
  static constexpr std::array verbs{
      Verb{"EHLO ", Stage::ehlo, true}, Verb{"LHLO ", Stage::ehlo, true},
      Verb{"HELO ", Stage::ehlo, false}, Verb{"STARTTLS", Stage::starttls, false},
      Verb{"AUTH ", Stage::auth, false}};
  while (command.ends_with('\n') || command.ends_with('\r')) command.remove_suffix(1);
  // Within AUTH the client's lines are its secrets and no commands.
  const bool is_command = !mask_.within_auth();
  kept_.client_said(mask_.client_said(command));
  for (const Verb& verb : verbs) {
    if (!is_command || !command.starts_with(verb.text)) continue;
    enter(verb.stage);
    if (stage_ == Stage::auth) {
      const std::string_view behind = command.substr(verb.text.size());
      mechanism_ = behind.substr(0, behind.find(' '));
    }
    if (stage_ == Stage::ehlo) {
      capabilities_ = {};
      extended_ = verb.extended;
    }
  }
  // libcurl sends HELO after a 421 to EHLO; the 421 stays the reason.
  if (!reply_ || reply_->code != 421) reply_.reset();
}

bool ConnectTranscript::server_said(std::string_view octets) {
  if (stage_ == Stage::connect) enter(Stage::greeting);
  while (!octets.empty() && refusal_.empty()) {
    std::optional<Reply> reply = parser_.parse(octets);
    if (reply) {
      handle_reply(std::move(*reply));
    } else {
      refusal_ = mask_.masked(parser_.refusal());
      if (!refusal_.empty()) note("the server sent " + refusal_);
    }
  }
  return refusal_.empty();
}

void ConnectTranscript::handle_reply(Reply reply) {
  if (stage_ == Stage::ehlo && reply.code == 250) {
    if (extended_) capabilities_ = Capabilities::parse(reply);
    server_name_ = reply.text.substr(0, reply.text.find_first_of(" \t\n"));
  }
  if (stage_ == Stage::auth && reply.code == 235) authenticated_ = true;
  if (mask_.within_auth() && reply.code == 334 && ++challenges_ > max_challenges) {
    refusal_ = fmt::format("more than {} challenges (334) in one log-on", max_challenges);
  }
  reply.text = mask_.server_said(reply.code, reply.text);
  kept_.server_said(reply);
  reply_ = std::move(reply);
}

}  // namespace postern::smtp
