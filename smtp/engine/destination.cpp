#include "smtp/engine/destination.h"

#include <algorithm>
#include <thread>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>

#include "base/resource_exhaustion.h"
#include "base/text.h"
#include "smtp/dialogue/verdict.h"

namespace postern::smtp {
namespace {

constexpr std::chrono::seconds retry_interval{10};  ///< of further links beside working ones

std::optional<SteadyTime> earlier(std::optional<SteadyTime> a, std::optional<SteadyTime> b) {
  if (!a || !b) return a ? a : b;
  return std::min(*a, *b);
}

constexpr std::size_t max_memories = 100;  ///< of hosts of which nothing special is known

/// The server has sent something or closed before any command.
RouteFault not_ready_fault(const Dialogue& dialogue) {
  const Loss half{Loss::Cause::out_of_sync, "the server began a reply that nobody asked for"};
  return {outcome_of(dialogue.loss().value_or(half), Verdict::retry, Stage::ehlo, dialogue.host(),
                     TimePoint::now()),
          false};
}

/// smtp-transactions.md §5, row 6.
Outcome loop_to_ourselves(const Connection& connection, bool best, TimePoint now) {
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
                         std::shared_ptr<const ClientOptions> options, DestinationShares& shares,
                         std::string name, ConcurrencyLimiter limiter,
                         std::unique_ptr<HostSource> hosts)
    : context_(context),
      connector_(connector),
      options_(std::move(options)),
      shares_(shares),
      name_(std::move(name)),
      hosts_(std::move(hosts)),
      limiter_(std::move(limiter)) {}

Destination::~Destination() {
  shares_.update(name_, 0, 0);
}

void Destination::submit(const JobPointer& job) {
  if (job->transfer.state() == MessageTransfer::State::finished) return finish(job);
  if (const RouteFault* why = suspension()) return give_up(job, postponed(*why));
  waiting_.push_back(job);
  update_share();
  if (shutting_down_) return stop(job);
  if (!idle_.empty()) return wake(idle_);
  if (!start_worker()) wake(with_capacity_);
}

/// While it answers, each connection finds one message more when it is done with its own; while it
/// does not, no message waits that another destination's could have gone in place of. What is
/// suspended answers at once.
std::size_t Destination::share() const {
  constexpr std::size_t suspended_share = 20;
  if (suspension() != nullptr) return suspended_share;
  if (hosts_->may_be_ourselves()) return std::max(2 * options_->connections, suspended_share);
  return answers_ ? 2 * limiter_.connections() : limiter_.connections();
}

void Destination::update_share() {
  const std::size_t room = shares_.update(name_, waiting_.size() + served_.size(), share());
  if (room == 0 || !options_->room) return;
  if (options_->room(name_, room)) shares_.wait(name_);
}

bool Destination::start_worker() {
  const bool may_open = workers_ == 0 || TimePoint::now().steady >= no_more_links_before_;
  if (waiting_.empty() || workers_ >= limiter_.connections() || !may_open) return false;
  ++workers_;
  asio::co_spawn(context_, work(), [](const std::exception_ptr& failure) {
    if (failure) std::rethrow_exception(failure);  // a bug: terminate rather than hang
  });
  return true;
}

void Destination::resume() {
  limiter_.resume();
  host_health_ = {};
  connector_.mechanisms().forget();
  memories_.clear();  // what open links go by stays theirs
}

/// A domain's hosts come and go: what is known of those without facts may be forgotten.
std::shared_ptr<ServerMemory> Destination::memory_of(const std::string& host) {
  const SteadyTime now = TimePoint::now().steady;
  if (memories_.size() >= max_memories && !memories_.contains(host)) {
    std::erase_if(memories_, [&](const auto& entry) {
      return entry.second.use_count() == 1 && entry.second->facts(now).empty();
    });
  }
  auto& memory = memories_[host];
  if (!memory) memory = std::make_shared<ServerMemory>();
  return memory;
}

void Destination::wake(Events& events) {
  if (events.empty()) return;
  events.begin()->second->set();
  events.erase(events.begin());
}

void Destination::stop(const JobPointer& job) {
  job->stop = true;
  if (served_.contains(&job->transfer)) {
    job->transfer.stop(TimePoint::now());
    return job->event->set();
  }
  const auto found = std::find(waiting_.begin(), waiting_.end(), job);
  if (found == waiting_.end()) return;  // finished
  waiting_.erase(found);
  job->transfer.stop(TimePoint::now());
  finish(job);
}

void Destination::finish(const JobPointer& job, Delivery delivery) {
  served_.erase(&job->transfer);
  job->event.reset();  // the caller's share of the job may outlive the engine
  job->done(std::move(delivery));
  update_share();
}

void Destination::record_result(Worker& worker, const Delivery& delivery) {
  const auto any = [&](const auto& is) {
    return std::any_of(delivery.recipients.begin(), delivery.recipients.end(), is);
  };
  const bool answered = any([](const Outcome& one) { return one.code != 0; });
  if (answered) {
    worker.host_known = true;
    answers_ = true;
    fruitless_connections_ = 0;
    host_health_.worked(worker.host);
  }
  if (delivery.route_fault) return suspend(*delivery.route_fault);
  const auto pushed =
      std::find_if(delivery.recipients.begin(), delivery.recipients.end(), is_push_back);
  const bool took = any([](const Outcome& one) { return one.verdict == Verdict::delivered; });
  if (pushed != delivery.recipients.end() && !took) {
    if (limiter_.on_pushback({*pushed, false}, TimePoint::now().steady)) suspended();
  } else if (answered) {
    if (limiter_.on_success()) notify();
    start_worker();
  } else if (!worker.host_known) {
    record_loss(worker, delivery);
  }
}

/// A server that closes its links, or lets them time out, before it has answered a message: once,
/// that may be because of the message.
void Destination::record_loss(Worker& worker, const Delivery& delivery) {
  const std::optional<Loss>& loss = worker.connection->link().dialogue().loss();
  if (!loss || loss->cause == Loss::Cause::stopped || loss->cause == Loss::Cause::source_failed ||
      loss->cause == Loss::Cause::no_resources) {
    return;
  }
  worker.host_known = true;  // further messages lost with the link do not count again
  host_health_.failed(worker.host, TimePoint::now());
  if (fruitless_connections_++ == 0) return;
  Outcome why = outcome_of(*loss, Verdict::retry, delivery.recipients.front().stage,
                           worker.connection->link().dialogue().host(), TimePoint::now());
  if (limiter_.on_pushback({std::move(why), false}, TimePoint::now().steady)) suspended();
}

void Destination::suspend(const RouteFault& fault) {
  limiter_.on_failure(fault, TimePoint::now().steady);
  suspended();
}

/// Ends all waiting messages; running ones go on.
void Destination::suspended() {
  answers_ = false;
  notify();
  give_up(waiting_, postponed(*limiter_.suspended(SteadyTime::min())));
}

void Destination::shut_down(SteadyTime abort_at) {
  shutting_down_ = true;
  abort_at_ = abort_at;
  while (!waiting_.empty()) {
    const JobPointer job = waiting_.front();  // whose place in the queue goes with it
    stop(job);
  }
  for (const auto& [transfer, job] : served_) {
    job->stop = true;
    job->transfer.stop(TimePoint::now());
  }
  for (const auto& [number, event] : events_) event->set();
}

const RouteFault* Destination::suspension() const {
  return limiter_.failing() ? limiter_.suspended(TimePoint::now().steady) : nullptr;
}

bool Destination::may_serve() const {
  if (waiting_.empty()) return false;
  return !limiter_.limits_messages() || limiter_.next_message() <= TimePoint::now().steady;
}

/// Whether the worker ends after the messages it has begun. One without a connection ends by itself
/// if it gets none.
bool Destination::is_retiring(Worker& worker) {
  if (!worker.retiring && worker.connection && open_links_ > limiter_.connections() + retiring_) {
    worker.retiring = true;
    ++retiring_;
  }
  return worker.retiring;
}

/// Assigns the next waiting message to the worker.
void Destination::assign_next(Worker& worker) {
  if (is_retiring(worker) || !may_serve()) return;
  const JobPointer job = waiting_.front();
  waiting_.pop_front();
  if (limiter_.limits_messages()) {
    limiter_.on_message_begun(job->message.envelope.recipients.size(), TimePoint::now().steady);
  }
  job->event = worker.event;
  served_.emplace(&job->transfer, job);
  worker.assigned.push_back(job);
}

MessageTransfer* Destination::next_transfer(Worker& worker) {
  while (!worker.needs_other_host) {
    if (worker.assigned.empty()) assign_next(worker);
    if (worker.assigned.empty()) return nullptr;
    const JobPointer job = worker.assigned.front();
    worker.assigned.pop_front();
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
void Destination::remove(Worker& worker, MessageTransfer& transfer) {
  const JobPointer job = served_.at(&transfer);
  if (worker.memory->take_news()) notify();
  if (transfer.state() == MessageTransfer::State::finished) {
    Delivery delivery = transfer.take();
    record_result(worker, delivery);
    if (delivery.route_fault) delivery.route_fault->retry_after = pause();
    return finish(job, std::move(delivery));
  }
  if (transfer.declined()) {
    if (transfer.turned_away() != nullptr) host_health_.failed(worker.host, TimePoint::now());
    job->declined.insert(worker.host);
    worker.needs_other_host = true;
  }
  worker.assigned.push_back(job);
}

asio::awaitable<void> Destination::work() {
  Worker worker;
  worker.number = ++last_worker_;
  worker.event = std::make_shared<AsyncEvent>(context_);
  events_.emplace(worker.number, worker.event);
  for (bool continues = true; continues;) {
    std::exception_ptr failure;
    try {
      continues = co_await step(worker);
    } catch (...) {
      failure = std::current_exception();
    }
    if (failure) continues = step_failed(worker, failure);
  }
  events_.erase(worker.number);
  --workers_;
  if (worker.retiring) --retiring_;
  start_worker();
}

asio::awaitable<bool> Destination::step(Worker& worker) {
  // What came or closed meanwhile ends a link, and no message is charged with it.
  if (worker.connection && !worker.connection->link().ready(TimePoint::now())) end_link(worker);
  if (worker.assigned.empty()) assign_next(worker);
  if (worker.connection && worker.assigned.empty()) {
    co_await wait_idle(worker);
  } else if (worker.connection) {
    co_await run_pipeline(worker);
    if (worker.pipeline->is_exhausted() || worker.needs_other_host) {
      co_await quit(worker);
      end_link(worker);
    }
  } else if (worker.assigned.empty() && (waiting_.empty() || worker.retiring)) {
    co_return false;
  } else if (worker.assigned.empty()) {
    co_await wait_for_room(worker);
  } else {
    co_return co_await open_link(worker);
  }
  co_return true;
}

bool Destination::step_failed(Worker& worker, const std::exception_ptr& failure) {
  const auto lack = exhausted_resource(failure);
  if (!lack) std::rethrow_exception(failure);
  const TimePoint now = TimePoint::now();
  const Loss loss{Loss::Cause::no_resources, *lack};
  idle_.erase(worker.number);
  with_capacity_.erase(worker.number);
  if (worker.connection) {
    worker.connection->link().dialogue().abort(loss);
    worker.pipeline->advance(now);
    worker.pipeline->notify();
    end_link(worker);
  }
  RouteFault fault{outcome_of(loss, Verdict::retry, Stage::connect, {}, now), false};
  fault.out_of_resources = true;
  return answer_route_fault(worker, fault);
}

asio::awaitable<bool> Destination::open_link(Worker& worker) {
  const JobPointer job = worker.assigned.front();
  if (job->stop) {
    worker.assigned.pop_front();
    finish(job);
    co_return true;
  }
  const std::optional<RouteFault> fault = co_await try_hosts(worker, job);
  if (!fault || job->stop) co_return true;
  co_return answer_route_fault(worker, *fault);
}

/// Opens a link to the first host that can be reached and has not declined the job. Otherwise the
/// fault: preferably one that an operator must correct, else that of the last host.
asio::awaitable<std::optional<RouteFault>> Destination::try_hosts(Worker& worker, JobPointer job) {
  HostSource::Result found = co_await hosts_->resolve();
  if (const auto* outcome = std::get_if<Outcome>(&found)) co_return RouteFault{*outcome, false};
  auto& targets = std::get<std::vector<ConnectTarget>>(found);
  host_keys_.clear();
  for (const ConnectTarget& target : targets) host_keys_.push_back(host_key(target));
  const std::vector<ConnectTarget> ordered =
      host_health_.ordered(std::move(targets), TimePoint::now());
  std::optional<RouteFault> fault;
  for (std::size_t index = 0; index < ordered.size(); ++index) {
    ConnectTarget target = ordered[index];
    if (job->stop) break;
    if (job->declined.contains(host_key(target))) continue;
    const bool last = index + 1 == ordered.size();
    if (!last) target.connect_limit = options_->timeouts.connect_before_others;
    std::optional<RouteFault> here = co_await try_host(worker, job, target);
    if (!here) co_return std::nullopt;
    if (job->stop) break;  // which is not the host's failure
    // That we are the domain's best host ourselves is final, whatever the others are, and an
    // exhausted resource is missing for all of them.
    if (here->outcome.verdict == Verdict::failed || here->out_of_resources) co_return here;
    host_health_.failed(host_key(target), TimePoint::now());
    if (!fault || !fault->configuration) fault = std::move(here);
  }
  if (!fault && !job->stop) refuse_declined(worker);
  co_return fault;
}

/// Every host has declined the message that the worker holds first, or turned it away.
void Destination::refuse_declined(Worker& worker) {
  const JobPointer job = worker.assigned.front();
  worker.assigned.pop_front();
  const Outcome* const heard = job->transfer.turned_away();
  const TimePoint now = TimePoint::now();
  const RouteFault fault{
      heard != nullptr ? *heard
                       : no_route(Verdict::retry, {4, 4, 4},
                                  "there is no host left that could take the message", now.wall),
      false};
  if (heard != nullptr && limiter_.on_pushback(fault, now.steady)) suspended();
  give_up(job, fault);
}

asio::awaitable<std::optional<RouteFault>> Destination::try_host(Worker& worker, JobPointer job,
                                                                 ConnectTarget target) {
  while (!job->stop && limiter_.next_connection() > TimePoint::now().steady) {
    co_await worker.event->wait(limiter_.next_connection());
  }
  limiter_.on_connection_begun(TimePoint::now().steady);
  Connected result = co_await connector_.connect(target, worker.event, job->stop);
  hosts_->record_result(target, result);
  if (connector_.mechanisms().take_news()) notify();
  auto* connection = std::get_if<Connection>(&result.opened);
  if (connection == nullptr) co_return std::get<RouteFault>(std::move(result.opened));
  if (is_ourselves(*connection)) {
    const bool best = host_key(target) == host_keys_.front();
    co_return RouteFault{loop_to_ourselves(*connection, best, TimePoint::now()), false};
  }
  begin_link(worker, target, std::move(*connection));
  if (worker.connection->link().ready(TimePoint::now())) co_return std::nullopt;
  RouteFault fault = not_ready_fault(worker.connection->link().dialogue());
  end_link(worker);
  co_return fault;
}

bool Destination::is_ourselves(const Connection& connection) const {
  return !hosts_->may_be_ourselves() &&
         lower_case(connection.server_name) == lower_case(connector_.helo_name());
}

void Destination::begin_link(Worker& worker, const ConnectTarget& target, Connection connection) {
  worker.host = host_key(target);
  worker.host_known = false;
  worker.memory = memory_of(worker.host);
  Capabilities& server = connection.server;
  server =
      without(usable(std::move(server), options_->modes, *worker.memory, TimePoint::now().steady),
              options_->without, lower_case(target.relay.host));
  if (const std::uint64_t most = options_->recipients_per_transaction; most > 0) {
    server.recipient_limit = std::min(server.recipient_limit.value_or(most), most);
  }
  connection.server.lmtp = connection.lmtp;
  connection.server.tls_verified = connection.verified && target.authentic;
  worker.spin = {};
  auto open = std::make_unique<ConnectionLink>(context_, std::move(connection), options_->timeouts);
  worker.pipeline = std::make_unique<Pipeline>(
      open->link().dialogue(), options_->modes, *worker.memory,
      [this, &worker] { return next_transfer(worker); },
      [this, &worker](MessageTransfer& transfer) { remove(worker, transfer); });
  worker.connection = std::move(open);  // once nothing more can be missing
  ++open_links_;
}

bool Destination::answer_route_fault(Worker& worker, RouteFault fault) {
  const bool temporary = fault.outcome.verdict == Verdict::retry && !fault.configuration;
  if (temporary && open_links_ > 0) {
    no_more_links_before_ = TimePoint::now().steady + retry_interval;
    limiter_.on_connection_refused(open_links_);
    while (!worker.assigned.empty()) {
      served_.erase(&worker.assigned.back()->transfer);
      waiting_.push_front(worker.assigned.back());
      worker.assigned.pop_back();
    }
    wake(idle_.empty() ? with_capacity_ : idle_);
    return false;
  }
  if (fault.outcome.verdict != Verdict::retry || fault.out_of_resources) {
    give_up(worker.assigned, fault);
    give_up(waiting_, fault);
    return true;
  }
  limiter_.on_failure(fault, TimePoint::now().steady);
  fault.retry_after = pause();
  give_up(worker.assigned, fault);
  suspended();
  return true;
}

void Destination::give_up(std::deque<JobPointer>& jobs, const RouteFault& fault) {
  for (const JobPointer& job : std::exchange(jobs, {})) give_up(job, fault);
}

void Destination::give_up(const JobPointer& job, const RouteFault& fault) {
  job->transfer.give_up(fault);
  finish(job);
}

asio::awaitable<void> Destination::run_pipeline(Worker& worker) {
  Link& link = worker.connection->link();
  for (;;) {
    const TimePoint now = TimePoint::now();
    if (abort_at_ && now.steady >= *abort_at_) {
      link.dialogue().abort({Loss::Cause::stopped, "the client was ended"});
    }
    const Link::Wait wait = link.run(*worker.pipeline, now);
    if (worker.pipeline->empty()) co_return;
    if (wait.moved) worker.spin.moved();
    if (wait.at_once || (may_spin() && worker.spin.should_spin())) {
      co_await asio::post(context_, asio::use_awaitable);
    } else {
      worker.connection->watch(worker.event, wait.writable);
      if (worker.pipeline->has_room()) with_capacity_.emplace(worker.number, worker.event);
      co_await worker.event->wait(earlier(wait.deadline, abort_at_));
      with_capacity_.erase(worker.number);
      worker.spin.slept_for(TimePoint::now().steady - now.steady);
    }
  }
}

/// Only if there is no other link, and another processor for a server on this machine.
bool Destination::may_spin() const {
  static const bool has_others = std::thread::hardware_concurrency() > 1;
  return has_others && open_links_ == 1;
}

asio::awaitable<void> Destination::wait_idle(Worker& worker) {
  const SteadyTime end = TimePoint::now().steady + options_->timeouts.idle;
  while (!may_serve() && !is_retiring(worker) && !shutting_down_ && TimePoint::now().steady < end &&
         worker.connection->link().ready(TimePoint::now())) {
    idle_.emplace(worker.number, worker.event);
    worker.connection->watch(worker.event, false);
    const SteadyTime room = waiting_.empty() ? end : limiter_.next_message();
    co_await worker.event->wait(std::min(end, room));
  }
  idle_.erase(worker.number);
  if (may_serve() && !worker.retiring) co_return;
  co_await quit(worker);
  end_link(worker);
}

asio::awaitable<void> Destination::wait_for_room(Worker& worker) {
  while (!waiting_.empty() && !may_serve()) co_await worker.event->wait(limiter_.next_message());
}

asio::awaitable<void> Destination::quit(Worker& worker) {
  Link& link = worker.connection->link();
  if (!link.ready(TimePoint::now())) co_return;
  link.send_alone(Command::quit, TimePoint::now());
  while (const auto wait = link.answer_wait(TimePoint::now())) {
    if (wait->at_once) continue;
    worker.connection->watch(worker.event, wait->writable);
    co_await worker.event->wait(wait->deadline);
  }
}

void Destination::end_link(Worker& worker) {
  worker.needs_other_host = false;
  worker.pipeline.reset();
  worker.connection.reset();
  --open_links_;
}

}  // namespace postern::smtp
