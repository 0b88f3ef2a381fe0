// The engine of a Client: one thread, one coroutine per connection, one queue of messages.
//
// Each worker opens a connection when it has a message, carries message after message over it (or
// several at once, see smtp/pipeline.h), and takes leave when it has been idle. A route that cannot
// be reached answers everyone who waits for it at once, save where other connections of it work:
// then the message waits for those.
#pragma once

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <set>
#include <thread>
#include <unordered_map>

#include <boost/asio/executor_work_guard.hpp>

#include "smtp/client.h"
#include "smtp/connector.h"
#include "smtp/open_link.h"
#include "smtp/pipeline.h"

namespace postern::smtp {

class Client::Engine {
 public:
  explicit Engine(ClientOptions options);
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  Delivery deliver(const Envelope& envelope, const OctetSource& message,
                   const std::stop_token& stop);
  void start(OutgoingMessage message, std::function<void(Delivery)> done);

 private:
  struct Job;
  using JobPointer = std::shared_ptr<Job>;
  /// What a worker holds between its messages.
  struct Worker {
    std::shared_ptr<Signal> signal;
    std::deque<JobPointer> held;  ///< wait for the worker's next link; go before all others
    std::unique_ptr<OpenLink> open;
    std::unique_ptr<Pipeline> pipeline;  ///< on the open link
  };

  JobPointer take(OutgoingMessage message, std::function<void(Delivery)> done);

  // All of these on the engine's thread.
  void submit(const JobPointer& job);
  void stop(const JobPointer& job);
  void finish(const JobPointer& job);
  void shut_down();
  void wake(std::set<std::shared_ptr<Signal>>& signals);
  void serve_next(Worker& worker);
  MessageTransfer* next_transfer(Worker& worker);
  void leave(Worker& worker, MessageTransfer& transfer);
  void end_link(Worker& worker);

  asio::awaitable<void> work();
  /// False where the worker is to end: its messages went back into the queue.
  asio::awaitable<bool> open_link(Worker& worker);
  asio::awaitable<void> carry(Worker& worker);
  asio::awaitable<void> wait_idle(Worker& worker);
  asio::awaitable<void> quit(Worker& worker);
  bool answer_route_fault(Worker& worker, const RouteFault& fault);
  void give_up(std::deque<JobPointer>& jobs, const RouteFault& fault);

  const std::size_t connections_;
  const Timeouts timeouts_;
  const Modes modes_;
  asio::io_context context_{1};
  asio::executor_work_guard<asio::io_context::executor_type> guard_;
  Connector connector_;
  const ConnectTarget target_;
  RouteMemory memory_;

  std::deque<JobPointer> waiting_;
  std::unordered_map<const MessageTransfer*, JobPointer> served_;
  std::size_t workers_ = 0;
  std::size_t open_links_ = 0;
  std::set<std::shared_ptr<Signal>> idle_;   ///< workers with a link and without a message
  std::set<std::shared_ptr<Signal>> roomy_;  ///< workers that could take one more message
  std::set<std::shared_ptr<Signal>> signals_;
  SteadyTime no_more_links_before_{};  ///< the relay refused one although others work
  bool shutting_down_ = false;
  std::optional<SteadyTime> abort_at_;

  std::mutex mutex_;
  std::condition_variable left_;
  std::size_t deliveries_ = 0;  ///< that are not done, guarded by the mutex
  std::thread thread_;
};

}  // namespace postern::smtp
