#include "spooler/run/finish_queue.h"

#include <algorithm>
#include <cstddef>
#include <exception>
#include <iterator>
#include <utility>

namespace postern::spooler {

namespace {

/// What is made ready for one commit; the others are the next.
constexpr std::ptrdiff_t most_at_once = 100;

}  // namespace

void FinishQueue::add(mapi::MessageHandle& message, Finished finished) {
  {
    const std::scoped_lock lock(mutex_);
    waiting_.push_back({&message, std::move(finished)});
    if (std::exchange(is_busy_, true)) return;
  }
  executor_.run([this] { finish_waiting(); });
}

void FinishQueue::finish_waiting() {
  std::vector<Waiting> batch;
  {
    const std::scoped_lock lock(mutex_);
    const auto end = waiting_.begin() + std::min(std::ssize(waiting_), most_at_once);
    std::move(waiting_.begin(), end, std::back_inserter(batch));
    waiting_.erase(waiting_.begin(), end);
  }
  const auto results = finish(batch);
  for (std::size_t i = 0; i < batch.size(); ++i) batch[i].finished(results[i]);
  {
    const std::scoped_lock lock(mutex_);
    is_busy_ = !waiting_.empty();
    if (!is_busy_) return;
  }
  executor_.run([this] { finish_waiting(); });
}

std::vector<mapi::MsgStore::Finished> FinishQueue::finish(
    const std::vector<Waiting>& batch) noexcept {
  try {
    std::vector<mapi::MessageHandle*> messages;
    std::ranges::transform(batch, std::back_inserter(messages), &Waiting::message);
    return store_.save_and_finish_all(messages);
  } catch (...) {  // about none of them, so about all
    return {batch.size(), mapi::as_failure(std::current_exception())};
  }
}

}  // namespace postern::spooler
