#include "spooler/spooler.h"

#include <algorithm>
#include <utility>

#include "mapi/property_tags.h"

namespace postern::spooler {
namespace {

/// The queue is read again from its start at this pace, whatever the notifications say: they are
/// hints (mapi-submission.md §15).
constexpr auto rescan_interval = std::chrono::seconds{30};

/// The store as a whole cannot be relied on: verdicts would be lost, and sending on would send
/// twice. Anything else that is no lack is the trouble of one message.
bool is_fatal(mapi::Code code) {
  return code == mapi::MAPI_E_DISK_ERROR || code == mapi::MAPI_E_NO_ACCESS ||
         code == mapi::MAPI_E_CORRUPT_STORE;
}

}  // namespace

Spooler::Spooler(mapi::MsgStore& store, std::vector<mapi::XPProvider*> providers,
                 SpoolerOptions options, SpoolerObserver observer)
    : store_(store),
      options_(std::move(options)),
      run_options_{options_.retry, options_.reporter},
      observer_(std::move(observer)),
      scan_(store),
      exhaustion_(options_.first_rest, options_.longest_rest) {
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
    const std::scoped_lock lock(mutex_);  // notifications may come already
    scan_.flush();
  }
  start_threads();
}

void Spooler::start_threads() {
  threads_.reserve(sessions_.size());
  for (auto& sessions : sessions_) {
    try {
      threads_.emplace_back([this, &sessions] { work(sessions); });
    } catch (const std::system_error& error) {
      const int number = error.code().value();
      if (threads_.empty()) {
        throw mapi::system_failure(mapi::MAPI_E_NOT_ENOUGH_RESOURCES, "nothing can be sent",
                                   number);
      }
      const auto fewer =
          mapi::system_failure(mapi::MAPI_E_NOT_ENOUGH_RESOURCES,
                               "only " + std::to_string(threads_.size()) + " of " +
                                   std::to_string(sessions_.size()) + " sessions send",
                               number);
      if (observer_.exhausted) notify([&] { observer_.exhausted(fewer.what()); });
      return;
    }
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
  ExhaustionBackoff::Session session;
  while (!stopping_) {
    const auto now = std::chrono::system_clock::now();
    rescan_if_due(now);
    std::optional<mapi::EntryId> entry;
    std::optional<mapi::Failure> lack;
    try {
      entry = scan_.take(now);
    } catch (const std::exception& failure) {
      lack = mapi::exhaustion(std::current_exception());
      if (!lack) {
        lock.unlock();
        return fail(failure);
      }
    }
    if (entry) {
      ++running_;
      // While this session is busy, another one handles further and due messages.
      if (scan_.has_ready() || scan_.next_due()) work_.notify_one();
      lock.unlock();
      lack = run_one(sessions, *entry);
      lock.lock();
      --running_;
      changed_.notify_all();
    }
    if (lack) {
      back_off(lock, session, *lack, entry);
      continue;
    }
    recover(lock, session);
    if (entry) continue;
    scanned_ = true;
    changed_.notify_all();
    work_.wait_until(lock, std::min(scan_.next_due().value_or(next_rescan_), next_rescan_));
  }
}

void Spooler::rescan_if_due(QueueScan::Time now) {
  // A clock that was set back must not put the next look at the queue far off.
  if (now < next_rescan_ && next_rescan_ - now <= rescan_interval) return;
  scan_.rewind();
  next_rescan_ = now + rescan_interval;
}

void Spooler::back_off(std::unique_lock<std::mutex>& lock, ExhaustionBackoff::Session& session,
                       const mapi::Failure& lack, const std::optional<mapi::EntryId>& entry) {
  const auto now = std::chrono::steady_clock::now();
  const auto rest = exhaustion_.on_exhausted(session, lack.code(), now);
  lock.unlock();
  if (rest.is_news && observer_.exhausted) {
    notify([&] { observer_.exhausted(std::string("some mail waits: ") + lack.what()); });
  }
  if (entry) {
    settle(*entry, {RunResult::End::held, std::chrono::system_clock::now() + rest.pause});
  }
  lock.lock();
  // Not on `work_`, on which sessions wait for a message: a wake-up would be lost here.
  changed_.wait_until(lock, now + rest.pause, [this] { return stopping_; });
}

void Spooler::recover(std::unique_lock<std::mutex>& lock, ExhaustionBackoff::Session& session) {
  if (!exhaustion_.recovered(session) || !observer_.recovered) return;
  lock.unlock();
  notify(observer_.recovered);
  lock.lock();
}

std::optional<mapi::Failure> Spooler::run_one(Sessions& sessions, const mapi::EntryId& entry) {
  const auto progress = [this](const mapi::EntryId& id, const mapi::Message& message,
                               bool finished) {
    if (observer_.message) notify([&] { observer_.message(id, message, finished); });
  };
  MessageRun run(store_, sessions, run_options_, progress);
  try {
    const auto result = run.run(entry, trouble_of(entry));
    forget_trouble(entry);
    settle(entry, result);
  } catch (const mapi::Failure& failure) {
    if (mapi::is_exhaustion(failure.code())) return failure;
    if (is_fatal(failure.code())) {
      fail(failure);
    } else {
      retry_later(entry, failure.what(), run.deadline());
    }
  } catch (const std::exception& failure) {
    if (auto lack = mapi::exhaustion(std::current_exception())) return lack;
    fail(failure);
  }
  return std::nullopt;
}

/// Longer each time, as nothing that a next attempt finds is likely to be better.
void Spooler::retry_later(const mapi::EntryId& entry, const std::string& sentence,
                          mapi::FileTime deadline) {
  const auto now = mapi::FileTime::now();
  auto until = now;
  {
    const std::scoped_lock lock(mutex_);
    Trouble& trouble = troubles_[entry];
    trouble.sentence = sentence;
    until = now + options_.retry.interval(trouble.times++);
  }
  if (deadline > now) until = std::min(until, deadline);
  if (observer_.trouble) notify([&] { observer_.trouble(entry, sentence); });
  settle(entry, {RunResult::End::held, until.time_point()});
}

std::string Spooler::trouble_of(const mapi::EntryId& entry) {
  const std::scoped_lock lock(mutex_);
  const auto found = troubles_.find(entry);
  return found == troubles_.end() ? std::string() : found->second.sentence;
}

void Spooler::forget_trouble(const mapi::EntryId& entry) {
  const std::scoped_lock lock(mutex_);
  troubles_.erase(entry);
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
