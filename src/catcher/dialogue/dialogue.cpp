#include "catcher/dialogue/dialogue.h"

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "catcher/dialogue/command.h"
#include "catcher/dialogue/reply.h"

namespace postern::catcher {

using Next = Reaction::Next;

struct ServerDialogue::Verb {
  std::string_view name;
  Reaction (ServerDialogue::*handle)(std::string_view argument);
};

const ServerDialogue::Verb ServerDialogue::verbs[] = {
    {"EHLO", &ServerDialogue::ehlo}, {"HELO", &ServerDialogue::helo},
    {"MAIL", &ServerDialogue::mail}, {"RCPT", &ServerDialogue::rcpt},
    {"DATA", &ServerDialogue::data}, {"BDAT", &ServerDialogue::bdat},
    {"RSET", &ServerDialogue::rset}, {"NOOP", &ServerDialogue::noop},
    {"HELP", &ServerDialogue::help}, {"VRFY", &ServerDialogue::vrfy},
    {"QUIT", &ServerDialogue::quit}, {"STARTTLS", &ServerDialogue::starttls},
    {"AUTH", &ServerDialogue::auth},
};

Reaction ServerDialogue::answer(int code, std::string_view text) {
  return {reply(code, text)};
}

ServerDialogue::ServerDialogue(const CatcherOptions& options, Maildrop& maildrop,
                               Attempts& attempts, std::string client)
    : options_(options), maildrop_(maildrop), attempts_(attempts), client_(std::move(client)) {}

Reaction ServerDialogue::greeting() {
  return answer(220, options_.host_name + " ESMTP Postern catcher: what comes here stays here");
}

void ServerDialogue::secured(std::string version) {
  note("speaks " + version);
  tls_ = std::move(version);
  helo_.clear();
  extended_ = false;
  auth_user_.clear();
  transaction_.reset();
}

void ServerDialogue::note(const std::string& what) const {
  if (options_.on_event) options_.on_event(client_ + " " + what);
}

Reaction ServerDialogue::line(std::optional<std::string_view> line) {
  if (++commands_ > options_.maximum_commands) {
    note("sent too many commands");
    return {reply(421, "4.7.0 too many commands without a message, closing the connection"),
            Next::end};
  }
  if (!line || std::any_of(line->begin(), line->end(), is_control)) {
    authentication_.reset();
    return answer(
        500, line ? "5.5.2 a command holds no control characters" : "5.5.2 the line is too long");
  }
  if (authentication_) return authenticate(authentication_->respond(*line));
  const ParsedCommand command = parse_command(*line);
  const auto* const verb = std::find_if(std::begin(verbs), std::end(verbs), [&](const Verb& known) {
    return known.name == command.verb;
  });
  if (verb == std::end(verbs)) return answer(500, "5.5.2 this command is not known here");
  return (this->*verb->handle)(command.argument);
}

bool ServerDialogue::offers(std::string_view extension) const {
  const auto& without = options_.without_extensions;
  if (!extended_ || std::find(without.begin(), without.end(), extension) != without.end()) {
    return false;
  }
  const bool certified = !options_.certificate_file.empty();
  if (extension == "STARTTLS") return certified && tls_.empty();
  // RFC 4954 §4: no password without TLS if TLS is available.
  if (extension == "AUTH") return !options_.user.empty() && (!certified || !tls_.empty());
  return true;
}

Reaction ServerDialogue::identify(std::string_view name, bool extended) {
  if (name.empty()) return answer(501, "5.5.4 tell me your name, too");
  helo_ = name;
  extended_ = extended;
  transaction_.reset();
  return {};
}

Reaction ServerDialogue::helo(std::string_view argument) {
  Reaction fault = identify(argument, false);
  return !fault.reply.empty() ? fault : answer(250, options_.host_name);
}

Reaction ServerDialogue::ehlo(std::string_view argument) {
  Reaction fault = identify(argument, true);
  if (!fault.reply.empty()) return fault;
  std::vector<std::string> lines{options_.host_name};
  const auto offer = [&](std::string_view extension, const std::string& parameters = {}) {
    if (offers(extension)) lines.push_back(std::string(extension) + parameters);
  };
  offer("PIPELINING");
  offer("SIZE", " " + std::to_string(maildrop_.maximum_size()));
  offer("8BITMIME");
  offer("SMTPUTF8");
  offer("DSN");
  offer("ENHANCEDSTATUSCODES");
  offer("CHUNKING");
  offer("STARTTLS");
  offer("AUTH", " PLAIN LOGIN");
  offer("HELP");
  return {reply(250, lines)};
}

Reaction ServerDialogue::noop(std::string_view) {
  return answer(250, "2.0.0 nothing done");
}

Reaction ServerDialogue::help(std::string_view) {
  const std::string lines[] = {
      "2.0.0 This server keeps every message and sends none on.",
      "Recipients like refuse-550@, greylist@, drop@, slow-5@ make it misbehave:",
      "postern catch --help has the table."};
  return {reply(214, lines)};
}

Reaction ServerDialogue::vrfy(std::string_view) {
  return answer(252, "2.5.2 every name is welcome, unless it asks to be refused");
}

Reaction ServerDialogue::quit(std::string_view) {
  return {reply(221, "2.0.0 goodbye"), Next::end};
}

Reaction ServerDialogue::starttls(std::string_view) {
  if (!offers("STARTTLS")) return answer(503, "5.5.1 TLS is not on offer now");
  if (transaction_) return answer(503, "5.5.1 not within a transaction");
  return {reply(220, "2.0.0 ready for the handshake"), Next::handshake};
}

Reaction ServerDialogue::auth(std::string_view argument) {
  if (!offers("AUTH") || !auth_user_.empty() || transaction_) {
    return answer(503, "5.5.1 AUTH is not on offer now");
  }
  const auto blank = argument.find(' ');
  std::optional<std::string_view> initial_response;
  if (blank != std::string_view::npos) initial_response = trim(argument.substr(blank + 1));
  authentication_.emplace();
  return authenticate(authentication_->start(argument.substr(0, blank), initial_response));
}

Reaction ServerDialogue::authenticate(Authentication::Step step) {
  if (step == Authentication::Step::prompt) return answer(334, authentication_->prompt());
  const auto credentials = std::exchange(authentication_, std::nullopt)->credentials();
  switch (step) {
    case Authentication::Step::unsupported:
      return answer(504, "5.5.4 only PLAIN and LOGIN are offered");
    case Authentication::Step::cancelled:
      return answer(501, "5.7.0 as you wish");
    case Authentication::Step::malformed:
      return answer(501, "5.5.2 that is no well-formed answer");
    case Authentication::Step::prompt:
    case Authentication::Step::done:
      break;
  }
  if (credentials.user != options_.user || credentials.password != options_.password) {
    note("failed to authenticate");
    return answer(535, "5.7.8 the name or the password is wrong");
  }
  auth_user_ = credentials.user;
  note("authenticated");
  return answer(235, "2.7.0 authenticated");
}

}  // namespace postern::catcher
