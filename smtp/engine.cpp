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
  Job(const Envelope& envelope, const OctetSource& message, RouteMemory& memory)
      : transfer(envelope, message, memory, present()) {}

  MessageTransfer transfer;
  std::shared_ptr<Signal> signal;  ///< of the worker that serves it
  bool stop = false;
  bool stop_heard = false;
  Delivery delivery;
  std::promise<void> done;
};

Client::Engine::Engine(ClientOptions options)
    : connections_(std::max<std::size_t>(options.connections, 1)),
      timeouts_(options.timeouts),
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
  const auto job = std::make_shared<Job>(envelope, message, memory_);
  if (job->transfer.state() == MessageTransfer::State::finished) return job->transfer.take();
  {
    const std::scoped_lock lock(mutex_);
    ++deliveries_;
  }
  asio::post(context_, [this, job] { submit(job); });
  {
    const std::stop_callback on_stop(
        stop_token, [this, job] { asio::post(context_, [this, job] { stop(job); }); });
    job->done.get_future().wait();
  }
  const std::scoped_lock lock(mutex_);
  --deliveries_;
  left_.notify_all();
  return std::move(job->delivery);
}

void Client::Engine::submit(const JobPointer& job) {
  waiting_.push_back(job);
  if (shutting_down_) return stop(job);
  if (!idle_.empty()) return wake_one();
  const bool may_open = workers_ == 0 || present().steady >= no_more_links_before_;
  if (workers_ == connections_ || !may_open) return;
  ++workers_;
  asio::co_spawn(context_, work(), [](const std::exception_ptr& failure) {
    if (failure) std::rethrow_exception(failure);  // a bug: better no program than a silent one
  });
}

void Client::Engine::wake_one() {
  if (idle_.empty()) return;
  (*idle_.begin())->raise();
  idle_.erase(idle_.begin());
}

void Client::Engine::stop(const JobPointer& job) {
  job->stop = true;
  if (served_.contains(job)) return job->signal->raise();
  const auto found = std::find(waiting_.begin(), waiting_.end(), job);
  if (found == waiting_.end()) return;  // finished
  waiting_.erase(found);
  job->transfer.stop(present());
  finish(job);
}

void Client::Engine::finish(const JobPointer& job) {
  served_.erase(job);
  job->signal.reset();  // the caller's share of the job may outlive the engine
  job->delivery = job->transfer.take();
  job->done.set_value();
}

void Client::Engine::shut_down() {
  shutting_down_ = true;
  abort_at_ = present().steady + timeouts_.quit;
  while (!waiting_.empty()) stop(waiting_.front());
  for (const JobPointer& job : served_) job->stop = true;
  for (const auto& signal : signals_) signal->raise();
  guard_.reset();
}

Client::Engine::JobPointer Client::Engine::next_job() {
  if (waiting_.empty()) return nullptr;
  JobPointer job = waiting_.front();
  waiting_.pop_front();
  served_.insert(job);
  return job;
}

asio::awaitable<void> Client::Engine::work() {
  Worker worker{std::make_shared<Signal>(context_), nullptr};
  signals_.insert(worker.signal);
  for (;;) {
    if (const JobPointer job = next_job()) {
      const bool go_on = co_await serve(worker, job);
      if (!go_on) break;
    } else if (worker.open) {
      co_await wait_idle(worker);
    } else {
      break;
    }
  }
  signals_.erase(worker.signal);
  --workers_;
}

asio::awaitable<bool> Client::Engine::serve(Worker& worker, JobPointer job) {
  using State = MessageTransfer::State;
  job->signal = worker.signal;
  while (job->transfer.state() != State::finished) {
    if (job->stop) {
      job->transfer.stop(present());
      break;
    }
    // What came or closed meanwhile ends a link, and no message is charged with it.
    if (worker.open && !worker.open->link().ready(present())) end_link(worker);
    if (!worker.open) {
      const bool mine = co_await open_link(worker, job);
      if (!mine) co_return false;
      continue;
    }
    const bool used = worker.open->messages++ > 0;
    job->transfer.attach(worker.open->link().dialogue(), used, present());
    co_await carry(worker, job);
    if (worker.open->link().dialogue().loss()) end_link(worker);
  }
  finish(job);
  co_return true;
}

asio::awaitable<bool> Client::Engine::open_link(Worker& worker, JobPointer job) {
  auto result = co_await connector_.connect(target_, worker.signal, job->stop);
  if (job->stop) co_return true;
  if (auto* connection = std::get_if<Connection>(&result)) {
    worker.open = std::make_unique<OpenLink>(context_, std::move(*connection), timeouts_);
    ++open_links_;
    if (worker.open->link().ready(present())) co_return true;
    result = unready(worker.open->link().dialogue());
    end_link(worker);
  }
  co_return answer_route_fault(job, std::get<RouteFault>(result));
}

bool Client::Engine::answer_route_fault(const JobPointer& job, const RouteFault& fault) {
  if (!fault.configuration && open_links_ > 0) {
    no_more_links_before_ = present().steady + relief;
    served_.erase(job);
    waiting_.push_front(job);
    wake_one();
    return false;
  }
  job->transfer.give_up(fault);
  for (const JobPointer& other : std::exchange(waiting_, {})) {
    other->transfer.give_up(fault);
    finish(other);
  }
  return true;
}

asio::awaitable<void> Client::Engine::carry(Worker& worker, JobPointer job) {
  Link& link = worker.open->link();
  for (;;) {
    const Moment now = present();
    if (job->stop && !std::exchange(job->stop_heard, true)) job->transfer.stop(now);
    if (abort_at_ && now.steady >= *abort_at_) {
      link.dialogue().break_off({Loss::Cause::stopped, "the client was ended"});
    }
    const Link::Wait wait = link.carry(job->transfer, now);
    if (job->transfer.state() != MessageTransfer::State::running) co_return;
    if (wait.at_once) {
      co_await asio::post(context_, asio::use_awaitable);
    } else {
      worker.open->watch(worker.signal, wait.writable);
      co_await worker.signal->wait(earlier(wait.deadline, abort_at_));
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
  worker.open.reset();
  --open_links_;
}

Client::Client(ClientOptions options) : engine_(std::make_unique<Engine>(std::move(options))) {}
Client::~Client() = default;

Delivery Client::deliver(const Envelope& envelope, const OctetSource& message,
                         const std::stop_token& stop) {
  return engine_->deliver(envelope, message, stop);
}

}  // namespace postern::smtp
