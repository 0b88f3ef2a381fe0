#include "spooler/spooler.h"

#include <algorithm>
#include <chrono>
#include <functional>

#include "spooler/run/engine.h"
#include "spooler/run/worker_pool.h"

namespace postern::spooler {
namespace {

/// More of them only wait for the disk together.
constexpr std::size_t most_workers = 10;

}  // namespace

/// The threads that carry the engine, and the clock that they go by.
class Spooler::Driver {
 public:
  Driver(mapi::MsgStore& store, const std::vector<mapi::XPProvider*>& providers,
         const SpoolerOptions& options, const SpoolerObserver& observer)
      : store_(store),
        workers_(std::clamp<std::size_t>(options.sessions, 1, most_workers),
                 [&observer](const mapi::Failure& fewer) {
                   if (observer.exhausted) observer.exhausted(fewer.what());
                 }),
        engine_(store, providers, options, observer, workers_, &mapi::FileTime::now,
                [this] { wake(); }) {
    workers_.on_alarm([this] {
      engine_.turn();
      workers_.set_alarm(engine_.next_turn().time_point());
    });
    wake();
  }

  ~Driver() {
    stop(std::chrono::milliseconds{0});
    workers_.end();
  }
  Driver(const Driver&) = delete;
  Driver& operator=(const Driver&) = delete;

  void stop(std::chrono::milliseconds grace) {
    engine_.begin_stop();
    const auto is_stopped = [this] { return engine_.is_stopped(); };
    if (engine_.wait(std::chrono::steady_clock::now() + grace, is_stopped)) return;
    engine_.cancel_all();
    while (!engine_.wait(std::chrono::steady_clock::now() + std::chrono::hours{1}, is_stopped)) {
    }
  }

  bool wait_idle(std::chrono::steady_clock::time_point until) {
    return wait(until, [this] {
      if (!engine_.is_idle()) return false;
      if (engine_.is_suspended()) return true;
      const auto next_due = store_.next_due();
      return !next_due || *next_due > mapi::FileTime::now();
    });
  }
  bool wait_empty(std::chrono::steady_clock::time_point until) {
    return wait(until, [this] { return engine_.is_idle() && store_.queue_is_empty(); });
  }

  Engine& engine() { return engine_; }

 private:
  bool wait(std::chrono::steady_clock::time_point until, const std::function<bool()>& condition) {
    bool holds = false;
    engine_.wait(until, [&] {
      holds = is_known_to_hold(condition);
      return holds || engine_.is_stopping();
    });
    return holds;
  }

  /// What a store that is away could tell is not known.
  static bool is_known_to_hold(const std::function<bool()>& condition) {
    try {
      return condition();
    } catch (const mapi::Failure& failure) {
      if (!mapi::is_passing(failure.code())) throw;
      return false;
    }
  }

  void wake() { workers_.set_alarm(std::chrono::system_clock::now()); }

  mapi::MsgStore& store_;
  WorkerPool workers_;
  Engine engine_;
};

Spooler::Spooler(mapi::MsgStore& store, std::vector<mapi::XPProvider*> providers,
                 SpoolerOptions options, SpoolerObserver observer)
    : driver_(std::make_unique<Driver>(store, providers, options, observer)) {}

Spooler::~Spooler() = default;

void Spooler::stop(std::chrono::milliseconds grace) {
  driver_->stop(grace);
}

bool Spooler::wait_idle(std::chrono::steady_clock::time_point until) {
  return driver_->wait_idle(until);
}

bool Spooler::wait_empty(std::chrono::steady_clock::time_point until) {
  return driver_->wait_empty(until);
}

void Spooler::flush() {
  driver_->engine().flush();
}

std::vector<mapi::PropertyBag> Spooler::status() const {
  return driver_->engine().status();
}

bool Spooler::cancel(const mapi::EntryId& entry) {
  return driver_->engine().cancel(entry);
}

}  // namespace postern::spooler
