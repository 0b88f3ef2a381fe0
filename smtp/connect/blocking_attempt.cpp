#include "smtp/connect/blocking_attempt.h"

#include <algorithm>
#include <mutex>
#include <thread>
#include <utility>

#include <boost/asio/co_spawn.hpp>

#include "base/thread_signals.h"

namespace postern::smtp {
namespace {

/// Where the thread's transfers run; the connection that it has opened stays in the multi.
struct Loop {
  asio::io_context context{1};
  CurlMulti multi{context};
};

SteadyTime latest_end(const ConnectTarget& target, const Timeouts& times) {
  return std::chrono::steady_clock::now() + target.connect_limit.value_or(times.connect) +
         times.greeting + 2 * times.ehlo + times.starttls + times.auth;
}

}  // namespace

bool may_block(const std::vector<std::string_view>& mechanisms) {
  return std::find(mechanisms.begin(), mechanisms.end(), "GSSAPI") != mechanisms.end();
}

asio::awaitable<void> carry(const ConnectAttempt& attempt, std::shared_ptr<AsyncEvent> event,
                            const bool& stop) {
  while (!attempt.ended()) {
    if (stop || attempt.deadline() <= std::chrono::steady_clock::now()) co_return;
    // Nothing tells that TCP is connected, from when on another limit is in force.
    co_await event->wait(
        std::min(attempt.deadline(), std::chrono::steady_clock::now() + std::chrono::seconds{1}));
  }
}

struct BlockingAttempt::Work {
  Work(std::shared_ptr<const ClientOptions> its_options, std::optional<Proxy> its_proxy,
       ConnectTarget its_target)
      : options(std::move(its_options)),
        proxy(std::move(its_proxy)),
        target(std::move(its_target)) {}

  // What the attempt refers to.
  std::shared_ptr<const ClientOptions> options;
  std::optional<Proxy> proxy;
  ConnectTarget target;

  std::shared_ptr<Loop> loop = std::make_shared<Loop>();
  std::shared_ptr<AsyncEvent> own_event = std::make_shared<AsyncEvent>(loop->context);
  bool stop = false;  ///< of the thread
  std::exception_ptr failure{};
  std::unique_ptr<ConnectAttempt> attempt{};
  bool ended = false;  ///< of the engine's thread

  std::mutex mutex{};
  asio::io_context* engine = nullptr;  ///< guarded by the mutex; nullptr: nobody waits any more

  void run() {
    try {
      attempt->start();
      // libcurl's timers and sockets would keep the context running.
      asio::co_spawn(loop->context, carry(*attempt, own_event, stop),
                     [this](const std::exception_ptr& thrown) {
                       failure = thrown;
                       loop->context.stop();
                     });
      loop->context.run();
    } catch (...) {
      failure = std::current_exception();
    }
  }

  /// The event is the engine's: it is looked up on its thread alone, where it may be gone.
  static void tell(const std::shared_ptr<Work>& work, const std::weak_ptr<AsyncEvent>& event) {
    const std::scoped_lock lock(work->mutex);
    if (work->engine == nullptr) return;
    asio::post(*work->engine, [work = std::weak_ptr(work), event] {
      if (const auto still = work.lock()) still->ended = true;
      if (const auto waited_for = event.lock()) waited_for->set();
    });
  }
};

BlockingAttempt::BlockingAttempt(asio::io_context& context,
                                 const std::shared_ptr<AsyncEvent>& event,
                                 std::shared_ptr<const ClientOptions> options,
                                 std::optional<Proxy> proxy, ConnectTarget target,
                                 TlsRequirement tls, AttemptCredentials credentials)
    : work_(std::make_shared<Work>(std::move(options), std::move(proxy), std::move(target))),
      deadline_(latest_end(work_->target, work_->options->timeouts)) {
  Work& work = *work_;
  work.engine = &context;
  work.attempt = std::make_unique<ConnectAttempt>(
      work.loop->multi,
      ConnectAttempt::Settings{*work.options, work.proxy, work.target, std::move(tls),
                               std::move(credentials), nullptr, work.loop},
      work.own_event);
  const SignalsBlocked for_the_thread;
  std::thread([work = work_, event = std::weak_ptr(event)] {
    work->run();
    Work::tell(work, event);
  }).detach();
}

BlockingAttempt::~BlockingAttempt() {
  {
    const std::scoped_lock lock(work_->mutex);
    work_->engine = nullptr;
  }
  if (work_->ended) return;
  asio::post(work_->loop->context, [work = std::weak_ptr(work_)] {
    const auto still = work.lock();
    if (!still) return;
    still->stop = true;
    still->own_event->set();
  });
}

bool BlockingAttempt::ended() const {
  return work_->ended;
}

ConnectAttempt& BlockingAttempt::attempt() {
  if (work_->failure) std::rethrow_exception(work_->failure);
  return *work_->attempt;
}

}  // namespace postern::smtp
