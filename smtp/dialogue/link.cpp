#include "smtp/dialogue/link.h"

#include <array>

namespace postern::smtp {
namespace {

constexpr int turns_at_once = 16;  ///< then other links run
constexpr std::size_t read_size = std::size_t{16} * 1024;

}  // namespace

Link::Wait Link::run(Pipeline& pipeline, TimePoint now) {
  read_drained_ = false;
  for (int turn = 0; turn < turns_at_once; ++turn) {
    const bool heard = !read_drained_ && read(now);
    pipeline.advance(now);
    const bool said = write(now);
    pipeline.notify();
    if (pipeline.empty()) return {};
    if (!heard && !said) {
      if (pipeline.busy()) break;
      Wait wait = next_wait(now);
      wait.moved = turn > 0;
      pipeline.advance(now);
      pipeline.notify();
      return wait;
    }
  }
  return {.at_once = true, .writable = false, .deadline = {}, .moved = true};
}

bool Link::ready(TimePoint now) {
  read(now);
  return dialogue_.is_in_sync();
}

void Link::send_alone(Command command, TimePoint now) {
  answer_.reset();
  dialogue_.send(command, command == Command::rset ? "RSET\r\n" : "QUIT\r\n", *this, now);
}

std::optional<Link::Wait> Link::answer_wait(TimePoint now) {
  const bool heard = read(now);
  write(now);
  Wait wait = next_wait(now);
  wait.at_once = wait.at_once || (heard && !read_drained_);
  if (dialogue_.loss() || answer_) return std::nullopt;
  return wait;
}

void Link::on_reply(Command, std::size_t, const Reply& reply, TimePoint) {
  answer_ = reply;
}

bool Link::read(TimePoint now) {
  if (dialogue_.loss()) return false;
  std::array<char, read_size> octets;
  const StreamResult result = stream_->read(octets);
  // After a read that was not filled, waiting costs less than another read.
  read_drained_ =
      result.state == StreamResult::State::moved && result.octets < octets.size() && !result.more;
  if (result.state == StreamResult::State::would_block) return false;
  if (result.state == StreamResult::State::closed) {
    dialogue_.disconnected(result.why);
  } else {
    dialogue_.receive({octets.data(), result.octets}, now);
  }
  return true;
}

bool Link::write(TimePoint now) {
  const std::string_view output = dialogue_.output();
  if (output.empty() || write_failed_) return false;
  const StreamResult result = stream_->write(output);
  write_failed_ = result.state == StreamResult::State::closed;
  if (result.state != StreamResult::State::moved) return false;
  dialogue_.sent(result.octets, now);
  return true;
}

Link::Wait Link::next_wait(TimePoint now) {
  const std::optional<SteadyTime> deadline = dialogue_.deadline();
  if (deadline && *deadline <= now.steady) {
    dialogue_.expire();
    return {.at_once = true, .writable = false, .deadline = {}};
  }
  return {.at_once = false,
          .writable = !dialogue_.output().empty() && !write_failed_,
          .deadline = deadline};
}

}  // namespace postern::smtp
