#include "spooler/run/finish_queue.h"

#include <algorithm>
#include <exception>
#include <iterator>
#include <utility>

namespace postern::spooler {

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
    batch.swap(waiting_);
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
  std::vector<mapi::MessageHandle*> messages;
  std::ranges::transform(batch, std::back_inserter(messages), &Waiting::message);
  try {
    return store_.save_and_finish_all(messages);
  } catch (...) {  // about none of them, so about all
    return {batch.size(), mapi::as_failure(std::current_exception())};
  }
}

}  // namespace postern::spooler
