#include "smtp/destination.h"

#include <algorithm>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>

#include "smtp/mail_hosts.h"
#include "smtp/text.h"

namespace postern::smtp {
namespace {

constexpr std::chrono::seconds relief{10};  ///< before another link is tried beside working ones

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

/// smtp-transactions.md §5, row 6.
Outcome bears_our_name(const Connection& connection, bool best, Moment now) {
  Outcome outcome = no_route(best ? Verdict::failed : Verdict::retry, {best ? 5 : 4, 4, 6},
                             "the mail host " + connection.host +
                                 " calls itself by our own name: mail for the domain would loop "
                                 "back to us",
                             now.wall);
  outcome.stage = Stage::ehlo;
  outcome.host = connection.host;
  return outcome;
}

}  // namespace

Destination::Destination(asio::io_context& context, Connector& connector,
                         const ClientOptions& options, std::unique_ptr<Hosts> hosts)
    : context_(context), connector_(connector), options_(options), hosts_(std::move(hosts)) {}

Destination::~Destination() = default;

void Destination::submit(const JobPointer& job) {
  if (job->transfer.state() == MessageTransfer::State::finished) return finish(job);
  waiting_.push_back(job);
  if (shutting_down_) return stop(job);
  if (!idle_.empty()) return wake(idle_);
  const bool may_open = workers_ == 0 || present().steady >= no_more_links_before_;
  if (workers_ == options_.connections || !may_open) return wake(roomy_);
  ++workers_;
  asio::co_spawn(context_, work(), [](const std::exception_ptr& failure) {
    if (failure) std::rethrow_exception(failure);  // a bug: better no program than a silent one
  });
}

void Destination::wake(std::set<std::shared_ptr<Signal>>& signals) {
  if (signals.empty()) return;
  (*signals.begin())->raise();
  signals.erase(signals.begin());
}

void Destination::stop(const JobPointer& job) {
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

void Destination::finish(const JobPointer& job) {
  served_.erase(&job->transfer);
  job->signal.reset();  // the caller's share of the job may outlive the engine
  job->done(job->transfer.take());
}

void Destination::shut_down(SteadyTime abort_at) {
  shutting_down_ = true;
  abort_at_ = abort_at;
  while (!waiting_.empty()) stop(waiting_.front());
  for (const auto& [transfer, job] : served_) {
    job->stop = true;
    job->transfer.stop(present());
  }
  for (const auto& signal : signals_) signal->raise();
}

/// The next message that waits becomes one that the worker holds.
void Destination::serve_next(Worker& worker) {
  if (waiting_.empty()) return;
  const JobPointer job = waiting_.front();
  waiting_.pop_front();
  job->signal = worker.signal;
  served_.emplace(&job->transfer, job);
  worker.held.push_back(job);
}

MessageTransfer* Destination::next_transfer(Worker& worker) {
  while (!worker.leave) {
    if (worker.held.empty()) serve_next(worker);
    if (worker.held.empty()) return nullptr;
    const JobPointer job = worker.held.front();
    worker.held.pop_front();
    if (job->transfer.state() == MessageTransfer::State::waiting) {
      job->transfer.may_decline(another_host(*job, worker.host));
      return &job->transfer;
    }
    finish(job);  // stopped meanwhile
  }
  return nullptr;
}

/// Whether the job may still go to a host other than this one.
bool Destination::another_host(const Job& job, const std::string& than) const {
  return std::any_of(host_keys_.begin(), host_keys_.end(), [&](const std::string& key) {
    return key != than && !job.declined.contains(key);
  });
}

/// A message has left the worker's pipeline.
void Destination::leave(Worker& worker, MessageTransfer& transfer) {
  const JobPointer job = served_.at(&transfer);
  if (transfer.state() == MessageTransfer::State::finished) return finish(job);
  if (transfer.declined()) {
    job->declined.insert(worker.host);
    worker.leave = true;
  }
  worker.held.push_back(job);
}

asio::awaitable<void> Destination::work() {
  Worker worker;
  worker.signal = std::make_shared<Signal>(context_);
  signals_.insert(worker.signal);
  for (;;) {
    // What came or closed meanwhile ends a link, and no message is charged with it.
    if (worker.open && !worker.open->link().ready(present())) end_link(worker);
    if (worker.held.empty()) serve_next(worker);
    if (worker.open && worker.held.empty()) {
      co_await wait_idle(worker);
    } else if (worker.open) {
      co_await carry(worker);
      if (worker.pipeline->spent() || worker.leave) {
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

asio::awaitable<bool> Destination::open_link(Worker& worker) {
  const JobPointer job = worker.held.front();
  if (job->stop) {
    worker.held.pop_front();
    finish(job);
    co_return true;
  }
  const std::optional<RouteFault> fault = co_await try_hosts(worker, job);
  if (!fault || job->stop) co_return true;
  co_return answer_route_fault(worker, *fault);
}

/// Opens a link to the first host that can be reached and has not declined the job. Otherwise the
/// fault: one that an operator must mend before others, else that of the last host.
asio::awaitable<std::optional<RouteFault>> Destination::try_hosts(Worker& worker, JobPointer job) {
  Hosts::Found found = co_await hosts_->find();
  if (const auto* outcome = std::get_if<Outcome>(&found)) co_return RouteFault{*outcome, false};
  auto& targets = std::get<std::vector<ConnectTarget>>(found);
  host_keys_.clear();
  for (const ConnectTarget& target : targets) host_keys_.push_back(host_key(target));
  const std::vector<ConnectTarget> ordered = host_memory_.ordered(std::move(targets), present());
  std::optional<RouteFault> fault;
  for (const ConnectTarget& target : ordered) {
    if (job->stop) break;
    if (job->declined.contains(host_key(target))) continue;
    std::optional<RouteFault> here = co_await try_host(worker, job, target);
    if (!here) co_return std::nullopt;
    // That we are a domain's best host ourselves is so whatever the others are.
    if (here->outcome.verdict == Verdict::failed) co_return here;
    host_memory_.failed(target, present());
    if (!fault || !fault->configuration) fault = std::move(here);
  }
  // Every host has declined the message meanwhile.
  if (!fault) {
    fault =
        RouteFault{no_route(Verdict::retry, {4, 4, 4},
                            "there is no host left that could take the message", present().wall),
                   false};
  }
  co_return fault;
}

asio::awaitable<std::optional<RouteFault>> Destination::try_host(Worker& worker, JobPointer job,
                                                                 ConnectTarget target) {
  auto result = co_await connector_.connect(target, worker.signal, job->stop);
  auto* connection = std::get_if<Connection>(&result);
  if (connection == nullptr) co_return std::get<RouteFault>(std::move(result));
  if (is_ourselves(*connection)) {
    const bool best = host_key(target) == host_keys_.front();
    co_return RouteFault{bears_our_name(*connection, best, present()), false};
  }
  begin_link(worker, target, std::move(*connection));
  if (worker.open->link().ready(present())) co_return std::nullopt;
  RouteFault fault = unready(worker.open->link().dialogue());
  end_link(worker);
  co_return fault;
}

bool Destination::is_ourselves(const Connection& connection) const {
  return !hosts_->may_be_ourselves() &&
         lower_case(connection.server_name) == lower_case(connector_.helo_name());
}

void Destination::begin_link(Worker& worker, const ConnectTarget& target, Connection connection) {
  host_memory_.worked(target);
  connection.server = usable(std::move(connection.server), options_.modes, memory_);
  connection.server.lmtp = connection.lmtp;
  connection.server.tls_verified = connection.verified && target.authentic;
  worker.host = host_key(target);
  auto transcript = std::move(connection.transcript);
  auto mask = std::move(connection.mask);
  worker.open = std::make_unique<OpenLink>(context_, std::move(connection), options_.timeouts);
  worker.open->link().dialogue().opened_with(std::move(transcript), std::move(mask));
  worker.pipeline = std::make_unique<Pipeline>(
      worker.open->link().dialogue(), options_.modes, memory_,
      [this, &worker] { return next_transfer(worker); },
      [this, &worker](MessageTransfer& transfer) { leave(worker, transfer); });
  ++open_links_;
}

bool Destination::answer_route_fault(Worker& worker, const RouteFault& fault) {
  const bool temporary = fault.outcome.verdict == Verdict::retry && !fault.configuration;
  if (temporary && open_links_ > 0) {
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

void Destination::give_up(std::deque<JobPointer>& jobs, const RouteFault& fault) {
  for (const JobPointer& job : std::exchange(jobs, {})) {
    job->transfer.give_up(fault);
    finish(job);
  }
}

asio::awaitable<void> Destination::carry(Worker& worker) {
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

asio::awaitable<void> Destination::wait_idle(Worker& worker) {
  const SteadyTime end = present().steady + options_.timeouts.idle;
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

asio::awaitable<void> Destination::quit(Worker& worker) {
  Link& link = worker.open->link();
  if (!link.ready(present())) co_return;
  link.say_quit(present());
  while (const auto wait = link.quit_wait(present())) {
    if (wait->at_once) continue;
    worker.open->watch(worker.signal, wait->writable);
    co_await worker.signal->wait(wait->deadline);
  }
}

void Destination::end_link(Worker& worker) {
  worker.leave = false;
  worker.pipeline.reset();
  worker.open.reset();
  --open_links_;
}

}  // namespace postern::smtp
