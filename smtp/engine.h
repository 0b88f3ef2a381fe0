// The engine of a Client: one thread, one coroutine per connection, one queue of messages.
//
// Each worker opens a connection when it has a message, carries message after message over it, and
// takes leave when it has been idle. A route that cannot be reached answers everyone who waits for
// it at once, save where other connections of it work: then the message waits for those.
#pragma once

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <set>
#include <thread>

#include <boost/asio/executor_work_guard.hpp>

#include "smtp/client.h"
#include "smtp/connector.h"
#include "smtp/message_transfer.h"
#include "smtp/open_link.h"

namespace postern::smtp {

class Client::Engine {
 public:
  explicit Engine(ClientOptions options);
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  Delivery deliver(const Envelope& envelope, const OctetSource& message,
                   const std::stop_token& stop);

 private:
  struct Job;
  using JobPointer = std::shared_ptr<Job>;
  /// What a worker holds between messages.
  struct Worker {
    std::shared_ptr<Signal> signal;
    std::unique_ptr<OpenLink> open;
  };

  // All of these on the engine's thread.
  void submit(const JobPointer& job);
  void stop(const JobPointer& job);
  void finish(const JobPointer& job);
  void shut_down();
  JobPointer next_job();
  void wake_one();
  void end_link(Worker& worker);

  asio::awaitable<void> work();
  /// False where the worker is to end: the job went back into the queue.
  asio::awaitable<bool> serve(Worker& worker, JobPointer job);
  asio::awaitable<bool> open_link(Worker& worker, JobPointer job);
  asio::awaitable<void> carry(Worker& worker, JobPointer job);
  asio::awaitable<void> wait_idle(Worker& worker);
  asio::awaitable<void> quit(Worker& worker);
  bool answer_route_fault(const JobPointer& job, const RouteFault& fault);

  const std::size_t connections_;
  const Timeouts timeouts_;
  asio::io_context context_{1};
  asio::executor_work_guard<asio::io_context::executor_type> guard_;
  Connector connector_;
  const ConnectTarget target_;
  RouteMemory memory_;

  std::deque<JobPointer> waiting_;
  std::set<JobPointer> served_;
  std::size_t workers_ = 0;
  std::size_t open_links_ = 0;
  std::set<std::shared_ptr<Signal>> idle_;
  std::set<std::shared_ptr<Signal>> signals_;
  SteadyTime no_more_links_before_{};  ///< the relay refused one although others work
  bool shutting_down_ = false;
  std::optional<SteadyTime> abort_at_;

  std::mutex mutex_;
  std::condition_variable left_;
  std::size_t deliveries_ = 0;  ///< calls of deliver, guarded by the mutex
  std::thread thread_;
};

}  // namespace postern::smtp
