#include "smtp/dialogue.h"

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
  static constexpr std::array names{"MAIL", "RCPT", "DATA", "the content", "RSET", "QUIT"};
  return names.at(static_cast<std::size_t>(command));
}

}  // namespace

bool Dialogue::window_open() const {
  if (loss_) return false;
  return server_.pipelining ? window_used_ < window : in_flight_.empty();
}

void Dialogue::say(Command command, std::string_view line, ReplySink& sink, Moment now,
                   std::size_t recipient) {
  append(line);
  push({command, recipient, &sink, queued_, line.size()}, now);
}

void Dialogue::begin_content(ReplySink& sink, Moment now) {
  content_start_ = queued_;
  content_since_ = block_since_ = now.steady;
  push({Command::content, 0, &sink, not_ended, 0}, now);
}

void Dialogue::push(Expectation expectation, Moment now) {
  if (loss_) std::abort();
  if (in_flight_.empty()) since_ = now.steady;
  window_used_ += expectation.octets;
  in_flight_.push_back(expectation);
}

void Dialogue::content(std::string_view octets, Moment now) {
  if (output().empty()) block_since_ = now.steady;
  append(octets);
}

void Dialogue::append(std::string_view octets) {
  output_.erase(0, output_start_);
  output_start_ = 0;
  output_.append(octets);
  queued_ += octets.size();
}

void Dialogue::end_content() {
  in_flight_.back().end = queued_;
}

bool Dialogue::content_sent() const {
  return !in_flight_.empty() && in_flight_.front().command == Command::content &&
         in_flight_.front().end <= sent_;
}

bool Dialogue::sending_content() const {
  return in_flight_.front().command == Command::content && in_flight_.front().end > sent_;
}

void Dialogue::break_off(Loss loss) {
  if (!loss_) loss_ = std::move(loss);
}

std::string_view Dialogue::output() const {
  if (loss_) return {};
  return std::string_view(output_).substr(output_start_);
}

void Dialogue::sent(std::size_t octets, Moment now) {
  const bool was_content = !in_flight_.empty() && sending_content();
  output_start_ += octets;
  sent_ += octets;
  if (output_start_ == output_.size()) {
    output_.clear();
    output_start_ = 0;
  }
  if (was_content && !sending_content()) since_ = now.steady;  // now the final reply is awaited
}

void Dialogue::receive(std::string_view octets, Moment now) {
  while (!loss_ && !octets.empty()) {
    const std::optional<Reply> reply = parser_.parse(octets);
    if (!parser_.refusal().empty()) return out_of_step("the server sent " + parser_.refusal());
    if (!reply) return;
    unread_ = !octets.empty();
    hear(*reply, now);
    unread_ = false;
  }
}

void Dialogue::hear(const Reply& reply, Moment now) {
  const bool closing = meaning_of(Stage::mail, reply) == Meaning::closing;
  if (in_flight_.empty() && closing) {
    return break_off({Loss::Cause::closed, host_ + " ended the session: " + reply.text});
  }
  if (in_flight_.empty()) {
    return out_of_step(fmt::format("the server sent a reply that nobody asked for: {} {}",
                                   reply.code, reply.text));
  }
  const Expectation expectation = in_flight_.front();
  const bool content = expectation.command == Command::content;
  if (expectation.end > sent_ && !content && !closing) {
    return out_of_step(fmt::format("the server answered {} before it was sent: {} {}",
                                   name(expectation.command), reply.code, reply.text));
  }
  // The sink hears while its expectation is still in front, so that it may ask content_sent().
  expectation.sink->on_reply(expectation.command, expectation.recipient, reply, now);
  if (loss_) return;
  window_used_ -= expectation.octets;
  in_flight_.pop_front();
  since_ = now.steady;
}

void Dialogue::out_of_step(std::string why) {
  break_off({Loss::Cause::out_of_step, std::move(why)});
}

std::optional<SteadyTime> Dialogue::deadline() const {
  if (loss_ || in_flight_.empty()) return std::nullopt;
  if (!sending_content()) return since_ + timeout(in_flight_.front().command);
  // A block must leave within its time, and the whole must keep the minimum rate, with one block's
  // time as the run-up.
  const std::chrono::milliseconds allowed((sent_ - content_start_) * 1000 /
                                          std::max<std::uint64_t>(timeouts_.minimum_rate, 1));
  return std::min(block_since_, content_since_ + allowed) + timeouts_.content_block;
}

void Dialogue::expire() {
  const auto waited = in_flight_.empty() || sending_content() ? timeouts_.content_block
                                                              : timeout(in_flight_.front().command);
  break_off({Loss::Cause::timed_out, fmt::format("{} {}; the limit is {} s", host_,
                                                 !in_flight_.empty() && sending_content()
                                                     ? "took the content too slowly"
                                                     : "gave no whole reply " + where(),
                                                 std::chrono::duration<double>(waited).count())});
}

void Dialogue::disconnected(std::string_view why) {
  break_off({Loss::Cause::closed, fmt::format("{} {}: {}", host_, where(), why)});
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
