#include "tests/smtp/support/scripted_server.h"

#include <algorithm>
#include <cstring>
#include <list>
#include <stdexcept>

#include <gtest/gtest.h>

namespace postern::smtp::test {
namespace {

class TextReader final : public OctetReader {
 public:
  TextReader(std::string_view text, std::optional<std::uint64_t> fails_behind)
      : text_(text), fails_behind_(fails_behind) {}
  std::size_t read(std::span<std::byte> into) override {
    if (fails_behind_ && at_ >= *fails_behind_) throw std::runtime_error("the disk is on fire");
    const std::size_t count = std::min({into.size(), text_.size() - at_, std::size_t{1000}});
    std::memcpy(into.data(), text_.data() + at_, count);
    at_ += count;
    return count;
  }

 private:
  std::string_view text_;
  std::optional<std::uint64_t> fails_behind_;
  std::size_t at_ = 0;
};

std::string path_of(std::string_view line) {
  const std::size_t open = line.find('<');
  return std::string(line.substr(open + 1, line.find('>') - open - 1));
}

/// Plays one server to the messages; returns those that want another link.
std::deque<MessageTransfer*> play(const Script& script, std::deque<MessageTransfer*>& waiting,
                                  const RunOptions& options, ServerMemory& memory, Journal& journal,
                                  TimePoint& now, bool first) {
  ReplyParser parser;
  std::string_view ehlo = script.ehlo;
  auto server = std::make_unique<ScriptedServer>(script, options.cut, journal);
  ScriptedServer& view = *server;
  Capabilities offered = Capabilities::parse(parser.parse(ehlo).value_or(Reply{}));
  offered.lmtp = script.lmtp;
  Link link(std::move(server), usable(std::move(offered), options.modes, memory, now.steady),
            "mx.example", Timeouts{});
  std::deque<MessageTransfer*> again;
  Pipeline pipeline(
      link.dialogue(), options.modes, memory,
      [&waiting]() -> MessageTransfer* {
        if (waiting.empty()) return nullptr;
        MessageTransfer* const transfer = waiting.front();
        waiting.pop_front();
        return transfer;
      },
      [&again](MessageTransfer& transfer) {
        if (transfer.state() == MessageTransfer::State::waiting) again.push_back(&transfer);
      });
  if (options.used_link && first) pipeline.mark_used();
  for (MessageTransfer* const stopped = waiting.at(options.stopped);;) {
    const Link::Wait wait = link.run(pipeline, now);
    if (options.stop_behind && journal.flights >= *options.stop_behind) stopped->stop(now);
    if (pipeline.empty()) break;
    if (wait.at_once || view.movable(wait.writable)) continue;
    if (!wait.deadline) {
      ADD_FAILURE() << "nothing moves and there is no deadline";
      break;
    }
    now.steady = std::max(now.steady, *wait.deadline);
  }
  // What is left was not begun here: the link is lost, or could not be begun on.
  return again;
}

}  // namespace

std::unique_ptr<OctetReader> TextSource::open() const {
  return std::make_unique<TextReader>(text_, fails_behind);
}

ScriptedServer::ScriptedServer(Script script, Cut cut, Journal& journal)
    : script_(std::move(script)), cut_(cut), journal_(journal), random_(cut.seed) {
  to_client_ = script_.at_once;
}

std::size_t ScriptedServer::piece(std::size_t whole) {
  if (cut_.seed == 0) return whole;
  if (cut_.seed == 1) return 1;
  return std::uniform_int_distribution<std::size_t>(1, std::min<std::size_t>(whole, 40))(random_);
}

StreamResult ScriptedServer::read(std::span<char> into) {
  using State = StreamResult::State;
  // With random cuts, a piece is often not there yet.
  const bool late =
      (cut_.seed > 1 && random_() % 3 == 0) || (script_.pauses && !listened_ && !paused_);
  paused_ = true;
  if (!to_client_.empty() && !late) {
    const std::size_t count = piece(std::min(into.size(), to_client_.size()));
    std::memcpy(into.data(), to_client_.data(), count);
    to_client_.erase(0, count);
    listened_ = true;
    take_input();
    return {State::moved, count, {}};
  }
  if (to_client_.empty() && closed_) return {State::closed, 0, "end of file"};
  return {};
}

StreamResult ScriptedServer::write(std::string_view octets) {
  using State = StreamResult::State;
  if (closed_) return {State::closed, 0, "broken pipe"};
  if (silent_ && in_content_) return {};
  if (script_.unread_bound > 0 && to_client_.size() >= script_.unread_bound) return {};
  const std::size_t count = piece(octets.size());
  if (listened_) ++journal_.flights;
  listened_ = paused_ = false;
  from_client_.append(octets.substr(0, count));
  take_input();
  return {State::moved, count, {}};
}

bool ScriptedServer::movable(bool wants_to_write) const {
  if (!to_client_.empty() || closed_) return true;
  return wants_to_write && !(silent_ && in_content_);
}

void ScriptedServer::take_input() {
  while (!silent_ && !closed_) {
    if (script_.unread_bound > 0 && to_client_.size() >= script_.unread_bound) return;
    if (in_content_ || in_chunk_) {
      if (!(in_chunk_ ? take_chunk() : take_content())) return;
      continue;
    }
    const std::size_t end = from_client_.find("\r\n");
    if (end == std::string::npos) return;
    const std::string line = from_client_.substr(0, end);
    from_client_.erase(0, end + 2);
    take_line(line);
  }
}

/// After BDAT: the octets it announced.
bool ScriptedServer::take_chunk() {
  const std::size_t count = std::min(chunk_left_, from_client_.size());
  current_.content += from_client_.substr(0, count);
  from_client_.erase(0, count);
  chunk_left_ -= count;
  if (chunk_left_ > 0) return false;
  in_chunk_ = false;
  finish_content(chunk_line_, chunk_line_.ends_with("LAST"));
  return true;
}

/// The answer to the content's end, or to a chunk: one, or in LMTP one for each recipient.
void ScriptedServer::finish_content(const std::string& when, bool last) {
  const std::size_t before = to_client_.size();
  const std::string usual =
      current_.to.empty() ? "503 5.5.1 no valid recipients\r\n" : "250 2.0.0 taken\r\n";
  const std::vector<std::string> offered = current_.to;
  if (!script_.lmtp || !last) {
    answer(when, usual);
  } else {
    current_.to.clear();
    for (const std::string& recipient : offered) {
      if (closed_) break;
      const std::size_t own = to_client_.size();
      answer(when, usual_answer("."));
      if (to_client_.substr(own).starts_with("2")) current_.to.push_back(recipient);
    }
  }
  if (!last) return;
  const bool taken =
      script_.lmtp ? !current_.to.empty() : to_client_.substr(before).starts_with("2");
  if (taken) journal_.received.push_back(current_);
  if (taken || when == ".") {
    current_ = {};
  } else {
    // Only RSET ends a transaction whose BDAT was refused (RFC 3030 §2).
    current_.to = offered;
    current_.content.clear();
  }
}

bool ScriptedServer::take_content() {
  for (Rule& rule : script_.rules) {
    if (rule.when == "354" && !from_client_.empty() && rule.times-- > 0) {
      apply(rule);
      return false;
    }
  }
  // The content so far is held whole, so its end can be looked for from its start.
  const bool empty = from_client_.starts_with(".\r\n");
  const std::size_t end = empty ? 0 : from_client_.find("\r\n.\r\n");
  if (end == std::string::npos) return false;
  const std::string raw = from_client_.substr(0, empty ? 0 : end + 2);
  from_client_.erase(0, empty ? 3 : end + 5);
  in_content_ = false;
  for (std::size_t at = 0; at < raw.size();) {
    const std::size_t next = raw.find("\r\n", at) + 2;
    const std::size_t dot = raw[at] == '.' ? 1 : 0;
    current_.content += raw.substr(at + dot, next - at - dot);
    at = next;
  }
  finish_content(".", true);
  return true;
}

void ScriptedServer::take_line(std::string_view line) {
  journal_.commands.emplace_back(line);
  const std::string verb(line.substr(0, 4));
  const std::size_t before = to_client_.size();
  if (verb == "BDAT") ++journal_.chunks;
  if (verb == "BDAT" && !script_.ignores_bdat) {
    in_chunk_ = true;
    chunk_line_ = line;
    chunk_left_ = std::stoul(chunk_line_.substr(5));
    return;
  }
  if (verb == "RSET") current_ = {};
  answer(std::string(line), usual_answer(verb));
  const std::string said = to_client_.substr(before);
  if (verb == "MAIL" && said.starts_with("2")) current_.from = path_of(line);
  if (verb == "RCPT" && said.starts_with("2")) current_.to.push_back(path_of(line));
  if (verb == "DATA" && said.starts_with("354")) {
    in_content_ = true;
  }
  if (verb == "QUIT") closed_ = true;
}

std::string ScriptedServer::usual_answer(const std::string& verb) const {
  if (verb == "QUIT") return "221 2.0.0 bye\r\n";
  if (verb == "MAIL" && !current_.from.empty()) return "503 5.5.1 nested MAIL\r\n";
  if (verb == "BDAT") return "502 5.5.1 what is that?\r\n";
  if (verb == "RCPT" && current_.from.empty()) return "503 5.5.1 MAIL first\r\n";
  if (verb == "RCPT" && current_.to.size() >= script_.max_recipients) {
    return "452 4.5.3 too many recipients\r\n";
  }
  if (verb == "DATA" && current_.to.empty()) return "554 5.5.1 no valid recipients\r\n";
  if (verb == "DATA") return "354 go ahead\r\n";
  return "250 2.0.0 ok\r\n";
}

void ScriptedServer::answer(const std::string& when, std::string usual) {
  for (Rule& rule : script_.rules) {
    if (rule.times > 0 && rule.when != "354" && when.starts_with(rule.when) &&
        (rule.when != "." || when == ".")) {
      if (rule.skip-- > 0) continue;
      --rule.times;
      return apply(rule);
    }
  }
  to_client_ += usual;
}

void ScriptedServer::apply(const Rule& rule) {
  to_client_ += rule.say;
  closed_ = closed_ || rule.then == Rule::Then::close;
  silent_ = silent_ || rule.then == Rule::Then::silence;
}

Envelope envelope_to(const std::vector<std::string>& recipients) {
  Envelope envelope;
  envelope.reverse_path = "sender@example.org";
  for (const std::string& address : recipients) envelope.recipients.push_back({address, {}, {}});
  return envelope;
}

std::string Played::verdicts() const {
  std::string all;
  for (const Outcome& outcome : delivery.recipients) {
    all.append(all.empty() ? "" : " ").append(name(outcome.verdict));
  }
  return all;
}

std::vector<Received> Played::received() const {
  std::vector<Received> all;
  for (const Journal& journal : servers) {
    all.insert(all.end(), journal.received.begin(), journal.received.end());
  }
  return all;
}

Played carry(const std::vector<Script>& scripts, const Envelope& envelope,
             const OctetSource& message, const RunOptions& options) {
  Convoy convoy = carry_all(scripts, {{envelope, &message}}, options);
  const bool in_chunks = !scripts.empty() && scripts[0].ehlo.find("CHUNKING") != std::string::npos;
  return {std::move(convoy.deliveries.at(0)), std::move(convoy.servers), in_chunks};
}

Convoy carry_all(const std::vector<Script>& scripts, const std::vector<Posted>& messages,
                 const RunOptions& options) {
  Convoy run;
  run.servers.resize(scripts.size());
  ServerMemory own_memory;
  ServerMemory& memory = options.memory != nullptr ? *options.memory : own_memory;
  TimePoint now{};
  now.wall = std::chrono::system_clock::from_time_t(1'000'000);
  std::list<MessageTransfer> transfers;
  std::deque<MessageTransfer*> waiting;
  for (const Posted& posted : messages) {
    waiting.push_back(&transfers.emplace_back(posted.envelope, *posted.source, now));
    if (waiting.back()->state() == MessageTransfer::State::finished) waiting.pop_back();
  }
  for (std::size_t next = 0; !waiting.empty(); ++next) {
    if (next == scripts.size()) {
      ADD_FAILURE() << "one more link was asked for";
      for (MessageTransfer* transfer : waiting) transfer->stop(now);
      break;
    }
    const std::deque<MessageTransfer*> again =
        play(scripts[next], waiting, options, memory, run.servers[next], now, next == 0);
    waiting.insert(waiting.begin(), again.begin(), again.end());
  }
  for (MessageTransfer& transfer : transfers) run.deliveries.push_back(transfer.take());
  return run;
}

}  // namespace postern::smtp::test
