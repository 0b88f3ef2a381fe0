#include "smtp/connect_transcript.h"

#include <array>

namespace postern::smtp {

void ConnectTranscript::client_said(std::string_view command) {
  struct Verb {
    std::string_view text;
    Stage stage;
  };
  static constexpr std::array verbs{Verb{"EHLO ", Stage::ehlo}, Verb{"HELO ", Stage::ehlo},
                                    Verb{"STARTTLS\r\n", Stage::starttls},
                                    Verb{"AUTH ", Stage::auth}};
  for (const Verb& verb : verbs) {
    // Within AUTH the client's lines are its secrets and no commands.
    if (stage_ == Stage::auth || !command.starts_with(verb.text)) continue;
    stage_ = verb.stage;
    if (stage_ == Stage::ehlo) {
      capabilities_ = {};
      extended_ = command.starts_with("EHLO");
    }
  }
  reply_.reset();
}

bool ConnectTranscript::server_said(std::string_view octets) {
  if (stage_ == Stage::connect) stage_ = Stage::greeting;
  while (!octets.empty()) {
    std::optional<Reply> reply = parser_.parse(octets);
    if (!parser_.refusal().empty()) return false;
    if (!reply) break;
    if (stage_ == Stage::ehlo && extended_ && reply->code == 250) {
      capabilities_ = Capabilities::parse(*reply);
    }
    if (stage_ == Stage::auth && reply->code == 235) authenticated_ = true;
    reply_ = std::move(reply);
  }
  return true;
}

}  // namespace postern::smtp
