#include "smtp/engine.h"

#include <algorithm>
#include <csignal>
#include <future>
#include <mutex>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>

namespace postern::smtp {
namespace {

constexpr std::chrono::seconds relief{10};  ///< before another link is tried beside working ones

Moment present() {
  return {std::chrono::steady_clock::now(), std::chrono::system_clock::now()};
}

ClientOptions prepared(ClientOptions options) {
  static std::once_flag once;
  std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
  options.connections = std::max<std::size_t>(options.connections, 1);
  return options;
}

/// The program's signals are not this thread's business, and OpenSSL's writes must not raise
/// SIGPIPE in it.
void block_signals() {
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, nullptr);
}

std::optional<SteadyTime> earlier(std::optional<SteadyTime> a, std::optional<SteadyTime> b) {
  if (!a || !b) return a ? a : b;
  return std::min(*a, *b);
}

/// The server has said or closed something before it was asked for anything.
RouteFault unready(const Dialogue& dialogue) {
  const Loss half{Loss::Cause::out_of_step, "the server began a reply that nobody asked for"};
  return {outcome_of(dialogue.loss().value_or(half), Verdict::retry, Stage::ehlo, dialogue.host(),
                     present()),
          false};
}

}  // namespace

struct Client::Engine::Job {
  Job(OutgoingMessage given, RouteMemory& memory, std::function<void(Delivery)> tell)
      : message(std::move(given)),
        transfer(message.envelope, *message.source, memory, present()),
        done(std::move(tell)) {}

  OutgoingMessage message;
  MessageTransfer transfer;
  std::function<void(Delivery)> done;
  std::shared_ptr<Signal> signal;  ///< of the worker that serves it
  bool stop = false;
};

Client::Engine::Engine(ClientOptions options)
    : connections_(std::max<std::size_t>(options.connections, 1)),
      timeouts_(options.timeouts),
      modes_(options.modes),
      guard_(asio::make_work_guard(context_)),
      connector_(context_, prepared(options)),
      target_(relay_target(options)),
      thread_([this] {
        block_signals();
        context_.run();
      }) {}

Client::Engine::~Engine() {
  asio::post(context_, [this] { shut_down(); });
  {
    std::unique_lock lock(mutex_);
    left_.wait(lock, [this] { return deliveries_ == 0; });
  }
  thread_.join();
}

Delivery Client::Engine::deliver(const Envelope& envelope, const OctetSource& message,
                                 const std::stop_token& stop_token) {
  std::promise<Delivery> delivered;
  // The caller's source outlives this call, and nobody reads it when the delivery is done.
  const std::shared_ptr<const OctetSource> source(std::shared_ptr<void>(), &message);
  const JobPointer job = take({envelope, source}, [&delivered](Delivery delivery) {
    delivered.set_value(std::move(delivery));
  });
  const std::stop_callback on_stop(
      stop_token, [this, job] { asio::post(context_, [this, job] { stop(job); }); });
  return delivered.get_future().get();
}

void Client::Engine::start(OutgoingMessage message, std::function<void(Delivery)> done) {
  take(std::move(message), std::move(done));
}

Client::Engine::JobPointer Client::Engine::take(OutgoingMessage message,
                                                std::function<void(Delivery)> done) {
  auto job = std::make_shared<Job>(std::move(message), memory_, std::move(done));
  {
    const std::scoped_lock lock(mutex_);
    ++deliveries_;
  }
  asio::post(context_, [this, job] { submit(job); });
  return job;
}

void Client::Engine::submit(const JobPointer& job) {
  if (job->transfer.state() == MessageTransfer::State::finished) return finish(job);
  waiting_.push_back(job);
  if (shutting_down_) return stop(job);
  if (!idle_.empty()) return wake(idle_);
  const bool may_open = workers_ == 0 || present().steady >= no_more_links_before_;
  if (workers_ == connections_ || !may_open) return wake(roomy_);
  ++workers_;
  asio::co_spawn(context_, work(), [](const std::exception_ptr& failure) {
    if (failure) std::rethrow_exception(failure);  // a bug: better no program than a silent one
  });
}

void Client::Engine::wake(std::set<std::shared_ptr<Signal>>& signals) {
  if (signals.empty()) return;
  (*signals.begin())->raise();
  signals.erase(signals.begin());
}

void Client::Engine::stop(const JobPointer& job) {
  job->stop = true;
  if (served_.contains(&job->transfer)) {
    job->transfer.stop(present());
    return job->signal->raise();
  }
  const auto found = std::find(waiting_.begin(), waiting_.end(), job);
  if (found == waiting_.end()) return;  // finished
  waiting_.erase(found);
  job->transfer.stop(present());
  finish(job);
}

void Client::Engine::finish(const JobPointer& job) {
  served_.erase(&job->transfer);
  job->signal.reset();  // the caller's share of the job may outlive the engine
  job->done(job->transfer.take());
  const std::scoped_lock lock(mutex_);
  --deliveries_;
  left_.notify_all();
}

void Client::Engine::shut_down() {
  shutting_down_ = true;
  abort_at_ = present().steady + timeouts_.quit;
  while (!waiting_.empty()) stop(waiting_.front());
  for (const auto& [transfer, job] : served_) {
    job->stop = true;
    job->transfer.stop(present());
  }
  for (const auto& signal : signals_) signal->raise();
  guard_.reset();
}

/// The next message that waits becomes one that the worker holds.
void Client::Engine::serve_next(Worker& worker) {
  if (waiting_.empty()) return;
  const JobPointer job = waiting_.front();
  waiting_.pop_front();
  job->signal = worker.signal;
  served_.emplace(&job->transfer, job);
  worker.held.push_back(job);
}

MessageTransfer* Client::Engine::next_transfer(Worker& worker) {
  for (;;) {
    if (worker.held.empty()) serve_next(worker);
    if (worker.held.empty()) return nullptr;
    const JobPointer job = worker.held.front();
    worker.held.pop_front();
    if (job->transfer.state() == MessageTransfer::State::waiting) return &job->transfer;
    finish(job);  // stopped meanwhile
  }
}

/// A message has left the worker's pipeline.
void Client::Engine::leave(Worker& worker, MessageTransfer& transfer) {
  const JobPointer job = served_.at(&transfer);
  if (transfer.state() == MessageTransfer::State::finished) return finish(job);
  worker.held.push_back(job);
}

asio::awaitable<void> Client::Engine::work() {
  Worker worker{std::make_shared<Signal>(context_), {}, nullptr, nullptr};
  signals_.insert(worker.signal);
  for (;;) {
    // What came or closed meanwhile ends a link, and no message is charged with it.
    if (worker.open && !worker.open->link().ready(present())) end_link(worker);
    if (worker.held.empty()) serve_next(worker);
    if (worker.open && worker.held.empty()) {
      co_await wait_idle(worker);
    } else if (worker.open) {
      co_await carry(worker);
      if (worker.pipeline->spent()) {
        co_await quit(worker);
        end_link(worker);
      }
    } else if (worker.held.empty()) {
      break;
    } else {
      const bool go_on = co_await open_link(worker);
      if (!go_on) break;
    }
  }
  signals_.erase(worker.signal);
  --workers_;
}

asio::awaitable<bool> Client::Engine::open_link(Worker& worker) {
  const JobPointer job = worker.held.front();
  if (job->stop) {
    worker.held.pop_front();
    finish(job);
    co_return true;
  }
  auto result = co_await connector_.connect(target_, worker.signal, job->stop);
  if (auto* connection = std::get_if<Connection>(&result)) {
    connection->server = usable(std::move(connection->server), modes_, memory_);
    worker.open = std::make_unique<OpenLink>(context_, std::move(*connection), timeouts_);
    worker.pipeline = std::make_unique<Pipeline>(
        worker.open->link().dialogue(), modes_, memory_,
        [this, &worker] { return next_transfer(worker); },
        [this, &worker](MessageTransfer& transfer) { leave(worker, transfer); });
    ++open_links_;
    if (worker.open->link().ready(present())) co_return true;
    result = unready(worker.open->link().dialogue());
    end_link(worker);
  }
  if (job->stop) co_return true;
  co_return answer_route_fault(worker, std::get<RouteFault>(result));
}

bool Client::Engine::answer_route_fault(Worker& worker, const RouteFault& fault) {
  if (!fault.configuration && open_links_ > 0) {
    no_more_links_before_ = present().steady + relief;
    while (!worker.held.empty()) {
      served_.erase(&worker.held.back()->transfer);
      waiting_.push_front(worker.held.back());
      worker.held.pop_back();
    }
    wake(idle_.empty() ? roomy_ : idle_);
    return false;
  }
  give_up(worker.held, fault);
  give_up(waiting_, fault);
  return true;
}

void Client::Engine::give_up(std::deque<JobPointer>& jobs, const RouteFault& fault) {
  for (const JobPointer& job : std::exchange(jobs, {})) {
    job->transfer.give_up(fault);
    finish(job);
  }
}

asio::awaitable<void> Client::Engine::carry(Worker& worker) {
  Link& link = worker.open->link();
  for (;;) {
    const Moment now = present();
    if (abort_at_ && now.steady >= *abort_at_) {
      link.dialogue().break_off({Loss::Cause::stopped, "the client was ended"});
    }
    const Link::Wait wait = link.carry(*worker.pipeline, now);
    if (worker.pipeline->empty()) co_return;
    if (wait.at_once) {
      co_await asio::post(context_, asio::use_awaitable);
    } else {
      worker.open->watch(worker.signal, wait.writable);
      if (worker.pipeline->has_room()) roomy_.insert(worker.signal);
      co_await worker.signal->wait(earlier(wait.deadline, abort_at_));
      roomy_.erase(worker.signal);
    }
  }
}

asio::awaitable<void> Client::Engine::wait_idle(Worker& worker) {
  const SteadyTime end = present().steady + timeouts_.idle;
  while (waiting_.empty() && !shutting_down_ && present().steady < end &&
         worker.open->link().ready(present())) {
    idle_.insert(worker.signal);
    worker.open->watch(worker.signal, false);
    co_await worker.signal->wait(end);
  }
  idle_.erase(worker.signal);
  if (!waiting_.empty()) co_return;
  co_await quit(worker);
  end_link(worker);
}

asio::awaitable<void> Client::Engine::quit(Worker& worker) {
  Link& link = worker.open->link();
  if (!link.ready(present())) co_return;
  link.say_quit(present());
  while (const auto wait = link.quit_wait(present())) {
    if (wait->at_once) continue;
    worker.open->watch(worker.signal, wait->writable);
    co_await worker.signal->wait(wait->deadline);
  }
}

void Client::Engine::end_link(Worker& worker) {
  worker.pipeline.reset();
  worker.open.reset();
  --open_links_;
}

Client::Client(ClientOptions options) : engine_(std::make_unique<Engine>(std::move(options))) {}
Client::~Client() = default;

Delivery Client::deliver(const Envelope& envelope, const OctetSource& message,
                         const std::stop_token& stop) {
  return engine_->deliver(envelope, message, stop);
}

void Client::start(OutgoingMessage message, std::function<void(Delivery)> done) {
  engine_->start(std::move(message), std::move(done));
}

}  // namespace postern::smtp
