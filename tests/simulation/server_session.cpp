#include "tests/simulation/server_session.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

namespace postern::simulation {
namespace {

using namespace std::chrono_literals;
using catcher::Reaction;

/// Each may be all that a server has to say at its stage.
constexpr std::array refusals_of_mail{"450 4.7.1 not now",           "451 4.3.0 local trouble",
                                      "452 4.3.1 no room",           "421 4.7.0 too many messages",
                                      "550 5.7.1 not wanted",        "553 5.1.7 no such sender",
                                      "530 5.7.0 authenticate first"};
constexpr std::array refusals_of_rcpt{
    "450 4.2.0 busy",         "451 4.3.0 local trouble", "452 4.5.3 too many recipients",
    "452 4.2.2 mailbox full", "550 5.1.1 no such user",  "551 5.1.6 moved away",
    "552 5.2.2 mailbox full", "554 5.7.1 not for you"};
constexpr std::array refusals_of_data{"451 4.3.0 local trouble", "452 4.3.1 no room",
                                      "554 5.5.0 not so", "550 5.7.1 not wanted"};
constexpr std::array refusals_of_content{"451 4.3.0 local trouble", "452 4.3.1 no room",
                                         "450 4.7.1 greylisted",    "550 5.7.1 spam",
                                         "554 5.6.0 malformed",     "552 5.3.4 too big"};

/// Beyond each of them a silent server has been waited for long enough (smtp/timeouts.h).
constexpr std::array<Span, 5> patience{20s, 120s, 180s, 300s, 600s};

Stage stage_of(std::string_view line) {
  if (line.starts_with("MAIL")) return Stage::mail;
  if (line.starts_with("RCPT")) return Stage::rcpt;
  if (line.starts_with("DATA")) return Stage::data;
  if (line.starts_with("BDAT")) return Stage::content;
  return Stage::end;
}

std::string address_in(std::string_view line) {
  const auto begin = line.find('<') + 1;
  return std::string(line.substr(begin, line.find('>') - begin));
}

int code_of(std::string_view reply) {
  int code = 0;
  std::from_chars(reply.data(), reply.data() + std::min<std::size_t>(reply.size(), 3), code);
  return code;
}

bool asks_for_success(const catcher::Path& recipient) {
  return std::ranges::any_of(recipient.parameters, [](const catcher::EsmtpParameter& parameter) {
    return parameter.keyword == "NOTIFY" && parameter.value.find("SUCCESS") != std::string::npos;
  });
}

/// Of some addresses there is no mailbox, whatever the day.
bool is_unknown(std::string_view address) {
  unsigned sum = 0;
  for (const char c : address.substr(0, address.find('@'))) {
    sum = sum * 31 + static_cast<unsigned char>(c);
  }
  return sum % 16 == 0;
}

}  // namespace

ServerSession::ServerSession(ServerWorld world, const BadDay& day, std::string host,
                             std::vector<std::string> without_extensions,
                             std::size_t most_recipients, std::shared_ptr<Wire> wire)
    : world_(world),
      day_(day),
      host_(std::move(host)),
      wire_(std::move(wire)),
      options_{.host_name = host_,
               .memory_limit = std::size_t{4} << 20,
               .maximum_recipients = most_recipients,
               .without_extensions = std::move(without_extensions),
               .on_message = [this](const catcher::CaughtMessage& message) { caught_ = message; }},
      maildrop_(options_),
      dialogue_(options_, maildrop_, attempts_, "client") {
  if (world_.chance.one_in(3)) latency_ = std::chrono::milliseconds{1 + world_.chance.below(900)};
}

std::string ServerSession::hello() {
  dialogue_.greeting();
  return dialogue_.line("EHLO simulation.example").reply;
}

void ServerSession::begin(const std::shared_ptr<ServerSession>& session) {
  session->wire_->on_octets([session](std::string_view octets) { session->receive(octets); });
}

std::optional<std::size_t> ServerSession::life() const {
  std::size_t number = 0;
  const auto* const end = sender_.data() + sender_.size();
  if (sender_.size() < 2) return std::nullopt;
  std::from_chars(sender_.data() + 1, end, number);
  return number;
}

void ServerSession::note(const std::string& what) {
  world_.trace.note(life(), [&] { return host_ + ' ' + what; });
}

void ServerSession::receive(std::string_view octets) {
  if (is_over_) return;
  input_ += octets;
  while (!is_over_ && (is_content_ ? take_content() : take_line())) {
  }
}

bool ServerSession::take_line() {
  const auto line_end = input_.find("\r\n");
  if (line_end == std::string::npos) return false;
  const auto line = input_.substr(0, line_end);
  input_.erase(0, line_end + 2);
  command(line);
  return true;
}

void ServerSession::command(const std::string& line) {
  const Stage stage = stage_of(line);
  if (stage == Stage::mail) sender_ = address_in(line);
  if (is_mishap(stage, line)) return;
  is_chunk_ = stage == Stage::content;
  if (is_chunk_) draw_fate();
  const auto reaction = dialogue_.line(line);
  if (is_chunk_ && reaction.next == Reaction::Next::command) return content_over(reaction);
  const int code = code_of(reaction.reply);
  if (code == 500 || code == 501 || code == 555) {
    world_.ledger.add_fault(life(), fmt::format("{} answered \"{}\" with {}", host_, line, code));
  }
  react(reaction);
}

ServerSession::Mishap ServerSession::draw(Stage stage) {
  auto& chance = world_.chance;
  if (chance.per_mille(day_.cuts)) return Mishap::cut;
  if (stage == Stage::end) return Mishap::none;  // RSET and QUIT
  if (chance.per_mille(day_.refuses)) return Mishap::refusal;
  if (chance.per_mille(day_.ends_session)) return Mishap::ended;
  if (chance.per_mille(day_.falls_silent)) return Mishap::silence;
  if (chance.per_mille(day_.is_late)) return Mishap::late;
  if (chance.per_mille(day_.talks_garbage)) return Mishap::garbage;
  return Mishap::none;
}

bool ServerSession::is_mishap(Stage stage, const std::string& line) {
  auto& figures = world_.ledger.figures();
  switch (draw(stage)) {
    case Mishap::refusal:
      refuse(stage, line);
      return true;
    case Mishap::ended:
      say("421 4.3.2 the service closes\r\n");
      end();
      return true;
    case Mishap::cut:
      cut();
      return true;
    case Mishap::silence:
      fall_silent();
      return true;
    case Mishap::garbage:
      garble("250 2.0.0 twice\r\n");
      return false;
    case Mishap::late:
      figures.add(Count::late_replies);
      latency_ = std::chrono::seconds{1 + world_.chance.below(400)};
      return false;
    case Mishap::none:
      break;
  }
  if (stage != Stage::rcpt || !is_unknown(address_in(line))) return false;
  tell_refusal(stage, line, 550);
  say("550 5.1.1 no such user\r\n");
  return true;
}

void ServerSession::refuse(Stage stage, const std::string& line) {
  auto& chance = world_.chance;
  std::string reply;
  if (stage == Stage::mail) reply = chance.pick(refusals_of_mail);
  if (stage == Stage::rcpt) reply = chance.pick(refusals_of_rcpt);
  if (stage == Stage::data) reply = chance.pick(refusals_of_data);
  if (stage == Stage::content) reply = "502 5.5.1 no chunks here";
  const int code = code_of(reply);
  tell_refusal(stage, line, code);
  say(reply + "\r\n");
  // Of a chunk that it has refused it would take the octets for commands.
  if (stage == Stage::content) is_over_ = true;
  if (code == 421) end();
}

/// Whom it may settle: its recipient, or all of the message.
void ServerSession::tell_refusal(Stage stage, const std::string& line, int code) {
  world_.ledger.figures().add(Count::refused_commands);
  note(fmt::format("answers {} to {}", code, line.substr(0, line.find('>') + 1)));
  if (code < 500) return;
  if (stage == Stage::rcpt && !is_miscounted_) {
    return world_.ledger.refused(address_in(line), code);
  }
  if (const auto number = life()) world_.ledger.refused_all(*number, code);
}

/// A line that is no reply, lines that are no one reply, or, where it can be noticed, one more.
void ServerSession::garble(const std::string& otherwise) {
  world_.ledger.figures().add(Count::garbage);
  const bool is_chunked = std::ranges::find(options_.without_extensions, "CHUNKING") ==
                          options_.without_extensions.end();
  static constexpr std::array garbage{"hello, who is there?\r\n", "250-one\r\n251 two\r\n", ""};
  std::string text = world_.chance.pick(garbage);
  is_miscounted_ = is_miscounted_ || (text.empty() && !is_chunked);
  if (text.empty()) text = is_chunked ? "2x0 what\r\n" : otherwise;
  note("says " + text.substr(0, text.find('\r')));
  wire_->say_garbage(text, latency_);
}

void ServerSession::fall_silent() {
  world_.ledger.figures().add(Count::late_replies);
  note("falls silent");
  is_over_ = true;
  for (const Span span : patience) wire_->look_after(span);
}

void ServerSession::cut() {
  world_.ledger.figures().add(Count::cut_connections);
  note("is gone");
  is_over_ = true;
  wire_->cut();
}

void ServerSession::end(Span delay) {
  is_over_ = true;
  wire_->end(delay + latency_);
}

void ServerSession::say(const std::string& reply, Span delay) {
  note("says " + reply.substr(0, reply.find('\r')));
  wire_->say(reply, delay + latency_);
}

void ServerSession::react(const Reaction& reaction) {
  is_content_ = reaction.next == Reaction::Next::content;
  if (is_content_ && !is_chunk_) draw_fate();
  if (!reaction.reply.empty()) say(reaction.reply);
  if (reaction.next == Reaction::Next::end) end();
}

void ServerSession::draw_fate() {
  auto& chance = world_.chance;
  static constexpr std::array cuts{Fate::cut_within, Fate::lost, Fate::reply_lost, Fate::reply_cut};
  fate_ = Fate::kept;
  if (chance.per_mille(day_.refuses)) fate_ = Fate::refused;
  if (chance.per_mille(day_.ends_session)) fate_ = Fate::ended;
  if (chance.per_mille(2 * day_.cuts)) fate_ = chance.pick(cuts);
  if (chance.per_mille(day_.falls_silent)) fate_ = Fate::silence;
  if (chance.per_mille(day_.is_late)) fate_ = Fate::reply_late;
  if (chance.per_mille(day_.talks_garbage)) fate_ = Fate::reply_garbled;
}

bool ServerSession::take_content() {
  if (fate_ == Fate::cut_within && !input_.empty()) {
    cut();
    return false;
  }
  const auto taken = dialogue_.content(input_);
  input_.erase(0, taken.octets);
  if (!taken.reaction) return false;
  is_content_ = false;
  content_over(*taken.reaction);
  return true;
}

/// `reaction`: that of a server without bad days. A chunk that is not the last is none of a
/// message.
void ServerSession::content_over(const Reaction& reaction) {
  if (!caught_) return react(reaction);
  switch (fate_) {
    case Fate::refused: {
      const std::string reply = world_.chance.pick(refusals_of_content);
      tell_refusal(Stage::end, "<the content>", code_of(reply));
      caught_.reset();
      return say(reply + "\r\n");
    }
    case Fate::ended:
      caught_.reset();
      say("421 4.3.2 the service closes\r\n");
      return end();
    case Fate::cut_within:
    case Fate::lost:
      caught_.reset();
      return cut();
    case Fate::reply_lost:
      keep({}, {});
      return cut();
    case Fate::reply_cut:
      keep({}, {});
      say(reaction.reply.substr(0, 6));
      return end();
    case Fate::silence:
      if (world_.chance.one_in(2)) keep({}, {});
      caught_.reset();
      return fall_silent();
    case Fate::reply_garbled:
      garble("451 4.3.0 what\r\n");
      return keep(reaction.reply, {});
    case Fate::reply_late:
      world_.ledger.figures().add(Count::late_replies);
      return keep(reaction.reply, std::chrono::seconds{1 + world_.chance.below(900)});
    case Fate::kept:
      return keep(reaction.reply, {});
  }
}

/// An empty reply: nobody will hear of it.
void ServerSession::keep(const std::string& reply, Span delay) {
  const auto message = *std::exchange(caught_, std::nullopt);
  world_.ledger.figures().add(Count::transactions);
  std::vector<std::pair<std::string, std::size_t>> kept;
  for (const auto& recipient : message.recipients) {
    note("has it for " + recipient.address);
    const auto acceptance =
        world_.ledger.accepted(recipient.address, asks_for_success(recipient), *message.memory);
    if (acceptance) kept.emplace_back(recipient.address, *acceptance);
  }
  if (reply.empty()) return;
  note("says " + reply.substr(0, reply.find('\r')));
  for (const Span span : patience) {
    if (delay > span) wire_->look_after(span);
  }
  wire_->say(reply, delay + latency_, [this, kept = std::move(kept)](bool with_garbage) {
    for (const auto& [address, acceptance] : kept) {
      note("is heard for " + address);
      world_.ledger.heard(address, acceptance, with_garbage);
    }
  });
}

}  // namespace postern::simulation
