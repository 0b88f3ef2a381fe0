#include "smtp/dialogue/pipeline.h"

#include <utility>

namespace postern::smtp {
namespace {

constexpr std::size_t output_bound = std::size_t{64} * 1024;  ///< octets for a new message

}  // namespace

void Pipeline::advance(TimePoint now) {
  do {
    for (MessageTransfer* transfer : running_) transfer->advance(now);
    // Ending the dialogue would make the outcomes of others unknown, so a stop waits for them.
    if (running_.size() == 1 && running_.front()->stopped()) running_.front()->halt(now);
    retire();
  } while (admit(now));
}

bool Pipeline::admit(TimePoint now) {
  if (!has_room()) return false;
  MessageTransfer* transfer = again_.empty() ? next_() : again_.front();
  if (transfer == nullptr) return false;
  if (!again_.empty()) again_.pop_front();
  if (transfer->state() != MessageTransfer::State::waiting) {  // stopped meanwhile
    left_(*transfer);
    return true;
  }
  const MessageTransfer::DialogueUse place{.used = used_, .behind = !running_.empty()};
  used_ = true;
  ++begun_;
  running_.push_back(transfer);
  transfer->attach(dialogue_, memory_, place, now);
  return true;
}

void Pipeline::notify() {
  for (MessageTransfer* transfer : finished_) left_(*transfer);
  finished_.clear();
}

bool Pipeline::is_exhausted() const {
  return dialogue_.loss() || dialogue_.server().message_limit.value_or(begun_ + 1) <= begun_;
}

bool Pipeline::has_room() const {
  if (is_exhausted()) return false;
  if (running_.empty()) return dialogue_.is_in_sync();
  const Capabilities& server = dialogue_.server();
  if (!modes_.grouping || !server.pipelining || !running_.back()->has_sent_everything())
    return false;
  if (dialogue_.output().size() >= output_bound) return false;
  if (!server.chunked()) return true;  // the next one gets no further than its DATA
  return memory_.chunking_is_proven() && running_.size() < modes_.overlap;
}

void Pipeline::retire() {
  for (auto at = running_.begin(); at != running_.end();) {
    MessageTransfer* const transfer = *at;
    if (transfer->state() == MessageTransfer::State::running) {
      ++at;
      continue;
    }
    at = running_.erase(at);
    if (transfer->state() == MessageTransfer::State::waiting && !transfer->declined() &&
        !is_exhausted()) {
      again_.push_back(transfer);
    } else if (transfer->state() == MessageTransfer::State::finished) {
      finished_.push_back(transfer);
    } else {
      left_(*transfer);
    }
  }
  if (!is_exhausted()) return;
  for (MessageTransfer* transfer : std::exchange(again_, {})) left_(*transfer);
}

}  // namespace postern::smtp
