#include "spooler/run/engine.h"

#include <algorithm>
#include <utility>

namespace postern::spooler {
namespace {

/// How often what was heard is tried to be saved once the spooler stops.
constexpr int tries_while_stopping = 5;

/// Messages that wait for room at a destination; some 400 octets each, with their locks.
constexpr std::size_t most_waiting = 20'000;

}  // namespace

Engine::Engine(mapi::MsgStore& store, const std::vector<mapi::XPProvider*>& providers,
               SpoolerOptions options, SpoolerObserver observer, Executor& executor, Clock clock,
               std::function<void()> wake)
    : store_(store),
      options_(std::move(options)),
      observer_(std::move(observer)),
      executor_(executor),
      clock_(std::move(clock)),
      wake_(std::move(wake)),
      finish_queue_(store_, executor_),
      context_{store_,
               executor_,
               clock_,
               transports_,
               options_.retry,
               options_.reporter,
               [this](const mapi::EntryId& entry, const mapi::Message& message, bool finished) {
                 if (observer_.message) {
                   notify([&] { observer_.message(entry, message, finished); });
                 }
               },
               [this](const mapi::EntryId& entry, const mapi::Failure& lack,
                      std::function<void()> again) { return pause(entry, lack, std::move(again)); },
               [this](const mapi::EntryId& entry) { waits_no_more(entry); },
               [this](const mapi::EntryId& entry) { leave_way(entry, true); },
               [this](const WaitingRoom::Destination& destination, WaitingRoom::Number number) {
                 const std::scoped_lock lock(mutex_);
                 return waiting_room_.any_before(destination, number);
               },
               finish_queue_},
      schedule_(most_open()),
      exhaustion_(options_.first_rest, options_.longest_rest),
      inbound_(std::make_shared<Serial>(executor)) {
  mapi::StoreObserver store_observer;
  store_observer.outgoing_queue = [this](mapi::QueueEvent event, const mapi::EntryId&) {
    {
      const std::scoped_lock lock(mutex_);
      schedule_.changed();
      may_be_cancelled_ = may_be_cancelled_ || event != mapi::QueueEvent::row_added;
    }
    wake_();
  };
  subscription_ = store_.advise(std::move(store_observer));
  log_on(providers);
  if (options_.flush_at_start) flush();
}

/// A later spooler offers what is deferred anew.
Engine::~Engine() {
  subscription_.reset();
  for (const auto& [entry, transport] : deferrals_.kept()) {
    transports_.at(transport)->abort_deferred(entry, false);
  }
  std::map<mapi::EntryId, Running> running;  // what is left of a crash that a test plays
  const std::scoped_lock lock(mutex_);
  stopping_ = true;
  running.swap(running_);
}

void Engine::turn() {
  const auto now = clock_();
  bool checks_times = false;
  std::deque<std::function<void()>> again;
  std::deque<DeferralList::Kept> asked;
  std::vector<WaitingRoom::Waiting> late;
  std::vector<WaitingRoom::Waiting> stirred;
  std::optional<QueueSchedule::Look> look;
  {
    const std::scoped_lock lock(mutex_);
    if (exhaustion_.paused_until(now)) return;
    if (now < last_turn_) are_times_checked_ = false;
    last_turn_ = now;
    checks_times = !stopping_ && !std::exchange(are_times_checked_, true);
    if (checks_times) {
      worked_on_since_check_.emplace();
      for (const auto& one : running_) worked_on_since_check_->insert(one.first);
    }
    again.swap(again_);
    // What was heard comes before anything new.
    if (again.empty() && !stopping_ && !all_suspended_until(now)) {
      asked = deferrals_.take_asked();
      late = waiting_room_.take_late(now);
      for (const auto& one : late) take_place(one, Turn::late);
      if (now < last_stir_ || now >= last_stir_ + QueueSchedule::rescan_interval) {
        last_stir_ = now;
        stirred = waiting_room_.stir();
        for (const auto& one : stirred) take_place(one, Turn::room);
      }
      const bool has_place = waiting_room_.size() < most_waiting;
      if (has_place) look = schedule_.begin_look(now, running_.size());
    }
  }
  for (const auto& waiting : late) take_turn(waiting, Turn::late);
  for (const auto& waiting : stirred) take_turn(waiting, Turn::room);
  if (checks_times) executor_.run([this] { check_times(); });
  for (auto& work : again) work();
  for (auto& [entry, transport] : asked) claim_asked(entry, transport);
  if (look) executor_.run([this, look = *look] { this->look(look); });
}

mapi::FileTime Engine::next_turn() {
  const auto now = clock_();
  const std::scoped_lock lock(mutex_);
  if (const auto pause = exhaustion_.paused_until(now)) return *pause;
  if (!again_.empty() || (deferrals_.is_any_asked_for() && !stopping_)) return now;
  auto next = schedule_.next_look(now);
  waits_for_room_ = !may_take_more();
  if (waits_for_room_) next = now + QueueSchedule::rescan_interval;  // the end of a run wakes
  if (const auto late = waiting_room_.next_late(); late && !stopping_) next = std::min(next, *late);
  if (const auto suspended = all_suspended_until(now)) next = std::max(next, *suspended);
  return next;
}

bool Engine::may_take_more() const {
  return !stopping_ && schedule_.has_room(running_.size()) && waiting_room_.size() < most_waiting;
}

/// When the first transport can be offered something again; nullopt if one can now.
std::optional<mapi::FileTime> Engine::all_suspended_until(mapi::FileTime now) const {
  std::optional<mapi::FileTime> earliest;
  for (const auto& transport : transports_) {
    const auto until = transport->suspended_until();
    if (!until || *until <= now) return std::nullopt;
    earliest = earliest ? std::min(*earliest, *until) : *until;
  }
  return earliest;
}

/// Mail that was held while the clock was wrong would wait until that time comes. What a transport
/// has put off since the check began is none of it.
void Engine::check_times() {
  constexpr std::size_t rows_at_once = 1000;
  const auto longest = longest_hold(options_.retry, options_.suspension);
  try {
    bool may_be_more = true;
    while (may_be_more) {
      const auto now = clock_();
      const auto limit = rows_at_once + count_worked_on_since_check();
      const auto held = store_.attempts_beyond(now + longest, now, limit);
      for (const auto& entry : held) {
        if (!is_worked_on_since_check(entry)) store_.retry_now(entry);
      }
      may_be_more = held.size() == limit;
    }
  } catch (const std::exception&) {  // a message that has left the queue, or a store that is busy
    const std::scoped_lock lock(mutex_);
    are_times_checked_ = false;
  }
  const std::scoped_lock lock(mutex_);
  worked_on_since_check_.reset();
}

std::size_t Engine::count_worked_on_since_check() const {
  const std::scoped_lock lock(mutex_);
  return worked_on_since_check_ ? worked_on_since_check_->size() : 0;
}

bool Engine::is_worked_on_since_check(const mapi::EntryId& entry) const {
  const std::scoped_lock lock(mutex_);
  return worked_on_since_check_ && worked_on_since_check_->contains(entry);
}

void Engine::look(const QueueSchedule::Look& look) {
  log_on_again();
  std::size_t count = 0;
  std::optional<mapi::FileTime> next_due;
  try {
    const auto claims = store_.claim(clock_(), look.limit);
    count = claims.size();
    // Before anything that may fail: they are locked until they are worked on.
    for (const auto& claim : claims) begin(claim.entry, std::nullopt);
    if (count < look.limit) next_due = store_.next_due();
    drop_cancelled();
  } catch (...) {
    const auto lack = mapi::exhaustion(std::current_exception());
    {
      const std::scoped_lock lock(mutex_);
      schedule_.fail_look();
      may_be_cancelled_ = true;
    }
    try {
      throw;
    } catch (const mapi::Failure& failure) {
      if (!mapi::is_passing(failure.code())) return fail(failure);
      pause(QueueLook{}, failure, {});
    } catch (const std::exception& error) {
      if (!lack) return fail({mapi::MAPI_E_CALL_FAILED, error.what()});
      pause(QueueLook{}, *lack, {});
    }
    return;
  }
  {
    const std::scoped_lock lock(mutex_);
    schedule_.end_look(look, count, next_due, clock_());
  }
  waits_no_more(QueueLook{});
  announce(true);
}

void Engine::claim_asked(const mapi::EntryId& entry, std::size_t transport) {
  try {
    // Once an operator has released it, it is claimed like any other.
    const auto row = store_.queue_row(entry);
    if (row && row->on_hold) return waits_no_more(entry);
    store_.set_lock_state(entry, mapi::LockState::locked);
  } catch (const mapi::Failure& failure) {
    if (mapi::is_passing(failure.code())) {
      pause(entry, failure, [this, entry, transport] { claim_asked(entry, transport); });
    } else {  // it is no longer in the queue
      waits_no_more(entry);
    }
    return;
  }
  begin(entry, transport);
}

void Engine::begin(const mapi::EntryId& entry, std::optional<std::size_t> deferred_by) {
  std::optional<std::size_t> kept_by;
  {
    const std::scoped_lock lock(mutex_);
    running_[entry].deferred_by = deferred_by;
    running_[entry].number = ++claims_;
    kept_by = deferrals_.remove(entry);
  }
  // What was kept is in the queue again: it was cancelled, and submitted anew.
  if (kept_by) call([&] { transports_.at(*kept_by)->abort_deferred(entry, true); });
  start(entry, deferred_by);
}

/// NOTIFY_ABORT_DEFERRED for messages that are no longer in the queue.
void Engine::drop_cancelled() {
  std::map<mapi::EntryId, std::size_t> kept;
  {
    const std::scoped_lock lock(mutex_);
    if (!std::exchange(may_be_cancelled_, false)) return;
    kept = deferrals_.kept();
  }
  for (const auto& one : kept) {
    const auto& entry = one.first;
    const auto transport = one.second;
    if (store_.queue_row(entry)) continue;
    {
      const std::scoped_lock lock(mutex_);
      if (!deferrals_.remove(entry)) continue;
    }
    call([&] { transports_.at(transport)->abort_deferred(entry, true); });
    if (observer_.gone) notify([&] { observer_.gone(entry); });
  }
}

/// A run of a message that is locked and among those that are worked on.
void Engine::start(const mapi::EntryId& entry, std::optional<std::size_t> deferred_by) {
  std::shared_ptr<MessageRun> run;
  {
    const std::scoped_lock lock(mutex_);
    if (worked_on_since_check_) worked_on_since_check_->insert(entry);
    const auto trouble = troubles_.find(entry);
    run = std::make_shared<MessageRun>(
        context_, profile_, entry, running_[entry].number, deferred_by,
        trouble == troubles_.end() ? std::string() : trouble->second.sentence,
        [this, entry](const RunResult& result) { ended(entry, result); });
    running_[entry].run = run;
    if (stopping_) run->cancel(MessageRun::Cancel::stop);
  }
  run->start();
}

void Engine::ended(const mapi::EntryId& entry, const RunResult& result) {
  if (result.end == RunResult::End::failed) return failed(entry, result);
  if (result.end == RunResult::End::waits) return wait_for_room(entry, result);
  leave_way(entry, false);
  {
    const std::scoped_lock lock(mutex_);
    waiting_room_.forget(running_[entry].number);
    running_.erase(entry);
    troubles_.erase(entry);
    if (result.end == RunResult::End::held) schedule_.held(result.until);
    if (result.end == RunResult::End::deferred) {
      deferrals_.keep(entry, result.transport);
    } else {
      deferrals_.forget_early(entry);
    }
  }
  waits_no_more(entry);
  if (result.end == RunResult::End::held && observer_.held) {
    notify([&] { observer_.held(entry, result.until.time_point()); });
  }
  if (result.end == RunResult::End::gone && result.failure && observer_.trouble) {
    notify([&] { observer_.trouble(entry, result.failure->what()); });
  }
  if (result.end == RunResult::End::gone && observer_.gone) notify([&] { observer_.gone(entry); });
  announce(result.end != RunResult::End::finished);
}

void Engine::failed(const mapi::EntryId& entry, const RunResult& result) {
  const auto& failure = *result.failure;
  if (is_of_the_store(failure.code())) {
    forget(entry);
    return fail(failure);
  }
  if (!mapi::is_passing(failure.code())) return set_aside(entry, result);
  const bool waits = pause(entry, failure, [this, entry] {
    std::optional<std::size_t> deferred_by;
    {
      const std::scoped_lock lock(mutex_);
      deferred_by = running_[entry].deferred_by;
    }
    start(entry, deferred_by);
  });
  if (!waits) forget(entry);
}

/// A message that is left as it is, locked until this logon ends.
void Engine::forget(const mapi::EntryId& entry) {
  leave_way(entry, false);
  {
    const std::scoped_lock lock(mutex_);
    waiting_room_.forget(running_[entry].number);
    running_.erase(entry);
  }
  waits_no_more(entry);
  announce(true);
}

/// A message that cannot be worked on is tried again later, longer each time, as nothing that a
/// next attempt finds is likely to be better.
void Engine::set_aside(const mapi::EntryId& entry, const RunResult& result) {
  const std::string sentence = result.failure->what();
  mapi::FileTime until;
  {
    const std::scoped_lock lock(mutex_);
    Trouble& trouble = troubles_[entry];
    trouble.sentence = sentence;
    const auto now = clock_();
    until = now + options_.retry.interval(trouble.times++);
    if (result.until > now) until = std::min(until, result.until);
  }
  try {
    store_.hold(entry, until);
  } catch (const mapi::Failure& lack) {
    if (is_lost_lock(lack.code()) || lack.code() == mapi::MAPI_E_NOT_IN_QUEUE) {
      return forget(entry);  // it is somebody else's now, or held already
    }
    if (!mapi::is_passing(lack.code())) {
      forget(entry);
      return fail(lack);
    }
    if (!pause(entry, lack, [this, entry, result] { set_aside(entry, result); })) forget(entry);
    return;
  }
  if (observer_.trouble) notify([&] { observer_.trouble(entry, sentence); });
  leave_way(entry, false);
  {
    const std::scoped_lock lock(mutex_);
    waiting_room_.forget(running_[entry].number);
    running_.erase(entry);
    schedule_.held(until);
  }
  waits_no_more(entry);
  if (observer_.held) notify([&] { observer_.held(entry, until.time_point()); });
  announce(true);
}

/// Returns false if the spooler is stopping and has tried often enough: then `again` is not called.
bool Engine::pause(const Waiter& waiter, const mapi::Failure& lack, std::function<void()> again) {
  bool is_news = false;
  {
    const std::scoped_lock lock(mutex_);
    if (stopping_ && ++pauses_while_stopping_ > tries_while_stopping) return false;
    is_news = exhaustion_.on_exhausted(lack.code(), clock_());
    waiting_.insert(waiter);
    if (again) again_.push_back(std::move(again));
    lack_ = lack.what();
  }
  if (is_news && observer_.exhausted) {
    notify([&] { observer_.exhausted(std::string("some mail waits: ") + lack.what()); });
  }
  wake_();
  return true;
}

void Engine::waits_no_more(const Waiter& waiter) {
  bool is_news = false;
  {
    const std::scoped_lock lock(mutex_);
    waiting_.erase(waiter);
    if (!waiting_.empty()) return;
    is_news = exhaustion_.recovered();
  }
  if (is_news && observer_.recovered) notify(observer_.recovered);
}

void Engine::flush() {
  for (auto& transport : transports_) call([&] { transport->flush(); });
  store_.retry_now();
  {
    const std::scoped_lock lock(mutex_);
    schedule_.changed();
    is_flushing_ = true;
  }
  wake_();
}

/// NOTIFY_END_OUTBOUND_FLUSH, once all was offered that could be.
void Engine::end_flush() {
  {
    const std::scoped_lock lock(mutex_);
    if (!is_flushing_ || !is_at_rest()) return;
    is_flushing_ = false;
  }
  for (auto& transport : transports_) call([&] { transport->end_flush(); });
}

bool Engine::cancel(const mapi::EntryId& entry) {
  std::shared_ptr<MessageRun> run;
  std::optional<WaitingRoom::Waiting> waiting;
  {
    const std::scoped_lock lock(mutex_);
    const auto found = running_.find(entry);
    if (found != running_.end()) run = found->second.run;
    waiting = waiting_room_.take(entry);
    if (waiting) take_place(*waiting, Turn::cancelled);
  }
  if (waiting) take_turn(*waiting, Turn::cancelled);
  if (waiting) return true;
  if (!run) return false;
  run->cancel(MessageRun::Cancel::abort);
  return true;
}

void Engine::begin_stop() {
  std::vector<WaitingRoom::Waiting> waiting;
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
    waiting = waiting_room_.take_all();
    for (const auto& one : waiting) take_place(one, Turn::stopped);
    exhaustion_.end_pause();
  }
  for (const auto& one : waiting) take_turn(one, Turn::stopped);
  announce(true);
}

void Engine::cancel_all() {
  std::vector<std::shared_ptr<MessageRun>> runs;
  {
    const std::scoped_lock lock(mutex_);
    for (const auto& [entry, running] : running_) {
      if (running.run) runs.push_back(running.run);
    }
  }
  for (const auto& run : runs) run->cancel(MessageRun::Cancel::stop);
}

bool Engine::is_idle() {
  const std::scoped_lock lock(mutex_);
  return is_at_rest();
}

bool Engine::is_at_rest() const {
  return running_.empty() && waiting_room_.size() == 0 && again_.empty() &&
         !deferrals_.is_any_asked_for() && (schedule_.is_quiet() || all_suspended_until(clock_()));
}

bool Engine::is_suspended() {
  return all_suspended_until(clock_()).has_value();
}

bool Engine::is_stopping() {
  const std::scoped_lock lock(mutex_);
  return stopping_;
}

bool Engine::is_stopped() {
  const std::scoped_lock lock(mutex_);
  return stopping_ && running_.empty();
}

bool Engine::wait(std::chrono::steady_clock::time_point until,
                  const std::function<bool()>& condition) {
  while (true) {
    std::unique_lock lock(mutex_);
    const auto seen = changes_;
    lock.unlock();
    if (condition()) return true;
    lock.lock();
    if (!changed_.wait_until(lock, until, [&] { return changes_ != seen; })) return false;
  }
}

/// Something that `wait` waits for may have happened, but nothing of it while a message is worked
/// on.
void Engine::announce(bool is_turn_due) {
  bool is_waited_for = false;
  {
    const std::scoped_lock lock(mutex_);
    ++changes_;
    is_waited_for = running_.empty() || stopping_;
    is_turn_due = is_turn_due || (waits_for_room_ && may_take_more());
  }
  if (is_waited_for) changed_.notify_all();
  end_flush();
  if (is_turn_due) wake_();
}

void Engine::fail(const mapi::Failure& failure) {
  bool first = false;
  {
    const std::scoped_lock lock(mutex_);
    first = !stopping_;
  }
  begin_stop();
  if (first && observer_.failed) notify([&] { observer_.failed(failure); });
}

/// A call of transports that concerns no message: what they throw stops nothing else.
void Engine::call(const std::function<void()>& transports) {
  try {
    transports();
  } catch (const std::exception& error) {
    if (observer_.trouble) notify([&] { observer_.trouble({}, error.what()); });
  }
}

void Engine::notify(const std::function<void()>& notice) {
  const std::scoped_lock lock(observer_mutex_);
  notice();
}

}  // namespace postern::spooler
