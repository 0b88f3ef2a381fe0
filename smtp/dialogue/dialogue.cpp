#include "smtp/dialogue/dialogue.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <limits>
#include <utility>

#include <fmt/format.h>

namespace postern::smtp {
namespace {

constexpr std::uint64_t not_ended = std::numeric_limits<std::uint64_t>::max();

std::string_view name(Command command) {
  static constexpr std::array names{"MAIL", "RCPT", "DATA", "BDAT", "the content", "RSET", "QUIT"};
  return names.at(static_cast<std::size_t>(command));
}

}  // namespace

bool Dialogue::window_open() const {
  if (loss_) return false;
  return server_.pipelining ? window_used_ < window : in_flight_.empty();
}

void Dialogue::send(Command command, std::string_view line, ReplySink& sink, TimePoint now,
                    std::size_t recipient) {
  append(line, now);
  push({command, recipient, &sink, queued_, line.size()}, now);
}

void Dialogue::begin_content(ReplySink& sink, TimePoint now, std::size_t recipient) {
  push({Command::content, recipient, &sink, not_ended, 0}, now);
}

void Dialogue::end_content(std::span<const std::size_t> others) {
  Expectation last = in_flight_.back();
  in_flight_.back().end = last.end = queued_;
  for (const std::size_t recipient : others) {
    last.recipient = recipient;
    in_flight_.push_back(last);
  }
}

void Dialogue::send_chunk(Command command, std::string_view line, std::string_view octets,
                          ReplySink& sink, TimePoint now) {
  append(line, now);
  append(octets, now);
  push({command, 0, &sink, queued_, line.size()}, now);
}

void Dialogue::push(Expectation expectation, TimePoint now) {
  if (loss_) std::abort();
  window_used_ += expectation.octets;
  in_flight_.push_back(expectation);
  if (in_flight_.size() == 1) begin_waiting(now);
}

void Dialogue::begin_waiting(TimePoint now) {
  since_ = front_since_ = now.steady;
  front_position_ = sent_;
}

/// Before something is put after the output.
void Dialogue::make_room(TimePoint now) {
  if (output().empty()) progress_ = now.steady;
  if (output_start_ < output_.size() / 2) return;  // to move the rest would cost more than it frees
  output_.erase(0, output_start_);
  output_start_ = 0;
}

bool Dialogue::sending_content() const {
  if (in_flight_.empty() || has_left(in_flight_.front().end)) return false;
  const Command command = in_flight_.front().command;
  return command == Command::content || command == Command::chunk;
}

void Dialogue::abort(Loss loss) {
  if (!loss_) loss_ = std::move(loss);
}

std::string_view Dialogue::output() const {
  if (loss_) return {};
  return std::string_view(output_).substr(output_start_);
}

void Dialogue::sent(std::size_t octets, TimePoint now) {
  const bool was_content = sending_content();
  progress_ = now.steady;
  output_start_ += octets;
  sent_ += octets;
  if (output_start_ == output_.size()) {
    output_.clear();
    output_start_ = 0;
  }
  if (was_content && !sending_content()) since_ = now.steady;  // now the final reply is awaited
}

void Dialogue::receive(std::string_view octets, TimePoint now) {
  while (!loss_ && !octets.empty()) {
    std::optional<Reply> reply = parser_.parse(octets);
    if (!parser_.refusal().empty()) {
      return out_of_sync(mask_.masked("the server sent " + parser_.refusal()));
    }
    if (!reply) return;
    if (mask_.knows_any()) reply->text = mask_.masked(std::move(reply->text));
    unread_ = !octets.empty();
    handle_reply(*reply, now);
    unread_ = false;
  }
}

void Dialogue::handle_reply(const Reply& reply, TimePoint now) {
  const bool closing = meaning_of(Stage::mail, reply) == ReplyMeaning::closing;
  if (in_flight_.empty() && closing) {
    return abort({Loss::Cause::ended_by_server, host_ + " ended the session: " + reply.text});
  }
  if (in_flight_.empty()) {
    return out_of_sync(fmt::format("the server sent a reply that nobody asked for: {} {}",
                                   reply.code, reply.text));
  }
  const Expectation expectation = in_flight_.front();
  if (!has_left(expectation.end) && !sending_content() && !closing) {
    return out_of_sync(fmt::format("the server answered {} before it was sent: {} {}",
                                   name(expectation.command), reply.code, reply.text));
  }
  expectation.sink->on_reply(expectation.command, expectation.recipient, reply, now);
  if (loss_) return;
  window_used_ -= expectation.octets;
  in_flight_.pop_front();
  begin_waiting(now);
}

void Dialogue::out_of_sync(std::string why) {
  abort({Loss::Cause::out_of_sync, std::move(why)});
}

std::optional<SteadyTime> Dialogue::deadline() const {
  if (loss_ || in_flight_.empty()) return std::nullopt;
  if (!sending_content()) return since_ + timeout(in_flight_.front().command);
  // Octets must go on leaving, and the whole must keep the minimum rate, with one block's time as
  // the run-up.
  const std::chrono::milliseconds allowed((sent_ - front_position_) * 1000 /
                                          std::max<std::uint64_t>(timeouts_.minimum_rate, 1));
  return std::min(progress_, front_since_ + allowed) + timeouts_.content_block;
}

void Dialogue::expire() {
  const bool content = sending_content();
  const auto waited =
      content || in_flight_.empty() ? timeouts_.content_block : timeout(in_flight_.front().command);
  const std::string what =
      content ? "took the content too slowly" : "gave no whole reply " + where();
  abort({Loss::Cause::timed_out, fmt::format("{} {}; the limit is {} s", host_, what,
                                             std::chrono::duration<double>(waited).count())});
}

void Dialogue::disconnected(std::string_view why) {
  abort({Loss::Cause::closed, fmt::format("{} {}: {}", host_, where(), why)});
}

std::string Dialogue::where() const {
  if (in_flight_.empty()) return "between two messages";
  if (sending_content()) return "while the content was being sent";
  return fmt::format("while {} awaited its reply", name(in_flight_.front().command));
}

std::chrono::milliseconds Dialogue::timeout(Command command) const {
  switch (command) {
    case Command::mail:
      return timeouts_.mail;
    case Command::rcpt:
      return timeouts_.rcpt;
    case Command::data:
      return timeouts_.data;
    case Command::chunk:
    case Command::content:
      return timeouts_.end;
    case Command::rset:
      return timeouts_.rset;
    case Command::quit:
      return timeouts_.quit;
  }
  std::abort();
}

}  // namespace postern::smtp
