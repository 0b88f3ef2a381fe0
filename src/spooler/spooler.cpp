#include "spooler/spooler.h"

#include <algorithm>

#include "mapi/property_tags.h"

namespace postern::spooler {
namespace {

/// The queue is read again from its start at this pace, whatever the notifications say: they are
/// hints (mapi-submission.md §15).
constexpr auto rescan_interval = std::chrono::seconds{30};

/// The store as a whole cannot be relied on: verdicts would be lost, and sending on would send
/// twice. Anything else is the trouble of one message.
bool is_fatal(mapi::Code code) {
  return code == mapi::MAPI_E_NOT_ENOUGH_DISK || code == mapi::MAPI_E_DISK_ERROR ||
         code == mapi::MAPI_E_NO_ACCESS || code == mapi::MAPI_E_CORRUPT_STORE;
}

}  // namespace

Spooler::Spooler(mapi::MsgStore& store, std::vector<mapi::XPProvider*> providers,
                 SpoolerOptions options, SpoolerObserver observer)
    : store_(store),
      options_(std::move(options)),
      run_options_{options_.retry, options_.reporter},
      observer_(std::move(observer)),
      scan_(store) {
  const auto on_suspended = [this](const std::string& reason) {
    if (observer_.suspended) notify([&] { observer_.suspended(reason); });
  };
  for (std::size_t i = 0; i < providers.size(); ++i) {
    states_.push_back(std::make_unique<TransportState>());
  }
  sessions_.resize(std::max<std::size_t>(options_.sessions, 1));
  for (auto& sessions : sessions_) {
    for (std::size_t i = 0; i < providers.size(); ++i) {
      sessions.push_back(std::make_unique<TransportSession>(*providers[i], *states_[i],
                                                            options_.suspension, on_suspended));
    }
  }
  mapi::StoreObserver store_observer;
  store_observer.outgoing_queue = [this](mapi::QueueEvent event, const mapi::EntryId&) {
    const std::scoped_lock lock(mutex_);
    if (event == mapi::QueueEvent::table_changed) scan_.rewind();
    scanned_ = false;
    work_.notify_one();
  };
  subscription_ = store_.advise(std::move(store_observer));
  if (options_.flush_at_start) {
    flush_transports();
    scan_.flush();
  }
  for (auto& sessions : sessions_) {
    threads_.emplace_back([this, &sessions] { work(sessions); });
  }
}

Spooler::~Spooler() {
  stop();
}

void Spooler::stop(std::chrono::milliseconds grace) {
  {
    std::unique_lock lock(mutex_);
    stopping_ = true;
    work_.notify_all();
    changed_.notify_all();
    changed_.wait_for(lock, grace, [this] { return running_ == 0; });
  }
  for (auto& sessions : sessions_) {
    for (auto& session : sessions) session->cancel();
  }
  for (auto& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
  subscription_.reset();
}

bool Spooler::wait_idle(std::chrono::steady_clock::time_point until) {
  return wait(until, [this] { return scanned_ && scan_.known() == scan_.held(); });
}

bool Spooler::wait_empty(std::chrono::steady_clock::time_point until) {
  return wait(until, [this] { return scanned_ && scan_.known() == 0; });
}

template <class Condition>
bool Spooler::wait(std::chrono::steady_clock::time_point until, Condition condition) {
  std::unique_lock lock(mutex_);
  return changed_.wait_until(lock, until, [&] { return stopping_ || condition(); }) && condition();
}

void Spooler::flush() {
  flush_transports();
  const std::scoped_lock lock(mutex_);
  scan_.flush();
  scanned_ = false;
  work_.notify_one();
}

void Spooler::flush_transports() {
  for (auto& sessions : sessions_) {
    for (auto& session : sessions) session->flush();
  }
}

void Spooler::work(Sessions& sessions) {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    const auto now = std::chrono::system_clock::now();
    // A clock that was set back must not put the next look at the queue far off.
    if (now >= next_rescan_ || next_rescan_ - now > rescan_interval) {
      scan_.rewind();
      next_rescan_ = now + rescan_interval;
    }
    std::optional<mapi::EntryId> entry;
    try {
      entry = scan_.take(now);
    } catch (const std::exception& failure) {
      lock.unlock();
      fail(failure);
      return;
    }
    if (entry) {
      ++running_;
      // While this session is busy, another one handles further and due messages.
      if (scan_.has_ready() || scan_.next_due()) work_.notify_one();
      lock.unlock();
      run_one(sessions, *entry);
      lock.lock();
      --running_;
      changed_.notify_all();
      continue;
    }
    scanned_ = true;
    changed_.notify_all();
    work_.wait_until(lock, std::min(scan_.next_due().value_or(next_rescan_), next_rescan_));
  }
}

void Spooler::run_one(Sessions& sessions, const mapi::EntryId& entry) {
  const auto progress = [this](const mapi::EntryId& id, const mapi::Message& message,
                               bool finished) {
    if (observer_.message) notify([&] { observer_.message(id, message, finished); });
  };
  try {
    MessageRun run(store_, sessions, run_options_, progress);
    settle(entry, run.run(entry));
  } catch (const mapi::Failure& failure) {
    if (is_fatal(failure.code())) {
      fail(failure);
    } else {
      retry_later(entry, failure.what());
    }
  } catch (const std::exception& failure) {
    fail(failure);
  }
}

void Spooler::retry_later(const mapi::EntryId& entry, const std::string& sentence) {
  if (observer_.trouble) notify([&] { observer_.trouble(entry, sentence); });
  settle(entry,
         {RunResult::End::held, std::chrono::system_clock::now() + options_.retry.interval(0)});
}

void Spooler::settle(const mapi::EntryId& entry, const RunResult& result) {
  {
    const std::scoped_lock lock(mutex_);
    switch (result.end) {
      case RunResult::End::held:
        scan_.hold(entry, result.until);
        break;
      case RunResult::End::cancelled:
      case RunResult::End::finished:
      case RunResult::End::gone:
        scan_.finished(entry);
        break;
    }
  }
  if (result.end == RunResult::End::held && observer_.held) {
    notify([&] { observer_.held(entry, result.until); });
  }
}

void Spooler::fail(const std::exception& error) {
  bool first = false;
  {
    const std::scoped_lock lock(mutex_);
    first = !stopping_;
    stopping_ = true;
    work_.notify_all();
    changed_.notify_all();
  }
  if (!first || !observer_.failed) return;
  const auto* failure = dynamic_cast<const mapi::Failure*>(&error);
  const mapi::Failure told =
      failure != nullptr ? *failure : mapi::Failure(mapi::MAPI_E_CALL_FAILED, error.what());
  notify([&] { observer_.failed(told); });
}

void Spooler::notify(const std::function<void()>& notice) {
  const std::scoped_lock lock(observer_mutex_);
  notice();
}

}  // namespace postern::spooler
