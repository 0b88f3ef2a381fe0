// Messages that are done, which leave the queue together.
//
// One piece of work finishes all that wait; those that come meanwhile are the next. So they share
// the wait for the disk, and no other thread waits with them.
#pragma once

#include <deque>
#include <functional>
#include <mutex>
#include <vector>

#include "mapi/msg_store.h"
#include "spooler/run/executor.h"

namespace postern::spooler {

/// Threads: `add` may be called from any.
class FinishQueue {
 public:
  using Finished = std::function<void(const mapi::MsgStore::Finished&)>;

  FinishQueue(mapi::MsgStore& store, Executor& executor) : store_(store), executor_(executor) {}

  /// Saves the changes of the message and finishes it. Nobody else uses the handle before
  /// `finished` is called, which must return soon and not throw.
  void add(mapi::MessageHandle& message, Finished finished);

 private:
  struct Waiting {
    mapi::MessageHandle* message;
    Finished finished;
  };

  void finish_waiting();
  std::vector<mapi::MsgStore::Finished> finish(const std::vector<Waiting>& batch) noexcept;

  mapi::MsgStore& store_;
  Executor& executor_;
  std::mutex mutex_;
  std::deque<Waiting> waiting_;
  bool is_busy_ = false;
};

}  // namespace postern::spooler
