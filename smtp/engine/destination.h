// The messages for one destination: a queue, and workers that each send messages over one
// connection after the other.
//
// A worker opens a connection to the first host that can be reached, sends message after message
// over it (or several at once, see smtp/dialogue/pipeline.h), and sends QUIT after an idle time. A
// message that a host cannot take goes on to the next host. If no host can be reached, all waiting
// messages end at once with that fault, unless other connections to the destination work: then they
// wait for those. The same applies if this process is out of descriptors or memory for a further
// connection, which counts against no host. smtp/engine/concurrency_limiter.h limits connections
// and rates, and suspends the destination when it fails. All calls on the context's thread.
#pragma once

#include <cstdint>
#include <deque>
#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <unordered_map>
#include <vector>

#include "smtp/connect/connection_link.h"
#include "smtp/connect/connector.h"
#include "smtp/dialogue/pipeline.h"
#include "smtp/engine/adaptive_spin.h"
#include "smtp/engine/concurrency_limiter.h"
#include "smtp/engine/destination_shares.h"
#include "smtp/engine/host_health.h"
#include "smtp/engine/host_source.h"

namespace postern::smtp {

/// A message, or the part of it that goes to one destination.
struct Job {
  Job(OutgoingMessage given, std::function<void(Delivery)> notify, TimePoint now)
      : message(std::move(given)),
        transfer(message.envelope, *message.source, now, message.settled),
        done(std::move(notify)) {}

  OutgoingMessage message;
  MessageTransfer transfer;
  std::function<void(Delivery)> done;
  std::shared_ptr<AsyncEvent> event;  ///< of the worker it is assigned to
  std::set<std::string> declined;     ///< hosts that cannot take it (host_key)
  bool stop = false;
};
using JobPointer = std::shared_ptr<Job>;

class Destination {
 public:
  /// Context, connector and shares must outlive the destination. `name`: in the shares.
  Destination(asio::io_context& context, Connector& connector,
              std::shared_ptr<const ClientOptions> options, DestinationShares& shares,
              std::string name, ConcurrencyLimiter limiter, std::unique_ptr<HostSource> hosts);
  ~Destination();
  Destination(const Destination&) = delete;
  Destination& operator=(const Destination&) = delete;

  void submit(const JobPointer& job);
  void stop(const JobPointer& job);
  /// Stops all jobs, accepts no further ones, and at `abort_at` aborts those still running.
  void shut_down(SteadyTime abort_at);
  /// No message, no connection, and no state of the limiter that has to be kept.
  [[nodiscard]] bool idle() const {
    return workers_ == 0 && waiting_.empty() && limiter_.is_idle(TimePoint::now().steady);
  }
  [[nodiscard]] RouteStatus status() const;
  /// Ends the suspension, and forgets what was learned.
  void resume();

 private:
  /// The state of one worker.
  struct Worker {
    std::uint64_t number = 0;  ///< in the order in which they were started
    std::shared_ptr<AsyncEvent> event;
    std::deque<JobPointer> assigned;  ///< wait for the worker's next link; precede all others
    std::unique_ptr<ConnectionLink> connection;
    std::shared_ptr<ServerMemory> memory;  ///< of the open link's host
    std::unique_ptr<Pipeline> pipeline;    ///< on the open link
    std::string host;                      ///< of the open link (host_key)
    bool host_known = false;               ///< a message on the open link showed whether it works
    AdaptiveSpin spin;                     ///< of the open link's host
    bool needs_other_host = false;         ///< a message needs another host
    bool retiring = false;  ///< takes no more messages: too many connections are open
  };

  /// How many messages it takes into the air.
  [[nodiscard]] std::size_t share() const;
  void update_share();
  void finish(const JobPointer& job) { finish(job, job->transfer.take()); }
  void finish(const JobPointer& job, Delivery delivery);
  /// Starts one more worker if it is needed and allowed.
  bool start_worker();
  /// Tells limiter and host health the result of a message.
  void record_result(Worker& worker, const Delivery& delivery);
  void record_loss(Worker& worker, const Delivery& delivery);
  [[nodiscard]] const RouteFault* suspension() const;
  void suspend(const RouteFault& fault);
  void suspended();
  [[nodiscard]] std::chrono::milliseconds pause() const;
  [[nodiscard]] RouteFault postponed(const RouteFault& why) const;
  [[nodiscard]] std::vector<LearnedFact> learned(TimePoint now) const;
  std::shared_ptr<ServerMemory> memory_of(const std::string& host);
  void refuse_declined(Worker& worker);
  void notify() const;
  [[nodiscard]] bool may_serve() const;
  bool is_retiring(Worker& worker);
  /// By the numbers of their workers, so that it does not depend on addresses which one is woken.
  using Events = std::map<std::uint64_t, std::shared_ptr<AsyncEvent>>;
  static void wake(Events& events);
  void assign_next(Worker& worker);
  MessageTransfer* next_transfer(Worker& worker);
  void remove(Worker& worker, MessageTransfer& transfer);
  void begin_link(Worker& worker, const ConnectTarget& target, Connection connection);
  void end_link(Worker& worker);
  [[nodiscard]] bool another_host(const Job& job, const std::string& than) const;

  asio::awaitable<void> work();
  /// One step of a worker; false: it has to end.
  asio::awaitable<bool> step(Worker& worker);
  /// A step has failed because a resource is exhausted; false: the worker has to end. Rethrows any
  /// other exception.
  bool step_failed(Worker& worker, const std::exception_ptr& failure);
  /// False if the worker has to end: its messages went back into the queue.
  asio::awaitable<bool> open_link(Worker& worker);
  asio::awaitable<std::optional<RouteFault>> try_hosts(Worker& worker, JobPointer job);
  asio::awaitable<std::optional<RouteFault>> try_host(Worker& worker, JobPointer job,
                                                      ConnectTarget target);
  [[nodiscard]] bool is_ourselves(const Connection& connection) const;
  asio::awaitable<void> run_pipeline(Worker& worker);
  [[nodiscard]] bool may_spin() const;
  asio::awaitable<void> wait_idle(Worker& worker);
  asio::awaitable<void> quit(Worker& worker);
  /// Waits until the rate allows a further message, as long as any is waiting.
  asio::awaitable<void> wait_for_room(Worker& worker);
  bool answer_route_fault(Worker& worker, RouteFault fault);
  void give_up(std::deque<JobPointer>& jobs, const RouteFault& fault);
  void give_up(const JobPointer& job, const RouteFault& fault);

  asio::io_context& context_;
  Connector& connector_;
  const std::shared_ptr<const ClientOptions> options_;
  DestinationShares& shares_;
  const std::string name_;
  const std::unique_ptr<HostSource> hosts_;
  std::vector<std::string> host_keys_;  ///< of the hosts resolved last, in order
  HostHealth host_health_;
  std::map<std::string, std::shared_ptr<ServerMemory>> memories_;  ///< by host
  ConcurrencyLimiter limiter_;

  std::deque<JobPointer> waiting_;
  std::unordered_map<const MessageTransfer*, JobPointer> served_;
  std::size_t workers_ = 0;
  std::size_t retiring_ = 0;  ///< of the workers
  std::size_t open_links_ = 0;
  bool answers_ = false;                   ///< a message was answered since the last failure
  std::size_t fruitless_connections_ = 0;  ///< in a row: lost before an answer
  Events idle_;                            ///< workers with a link and without a message
  Events with_capacity_;                   ///< workers for one more message
  Events events_;
  std::uint64_t last_worker_ = 0;
  SteadyTime no_more_links_before_{};  ///< a host refused one although others work
  bool shutting_down_ = false;
  std::optional<SteadyTime> abort_at_;
};

}  // namespace postern::smtp
