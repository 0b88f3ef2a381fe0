// The engine of a Client: one thread, on which its destination works, and the door to it.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>

#include <boost/asio/executor_work_guard.hpp>

#include "smtp/client.h"
#include "smtp/destination.h"

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
  JobPointer take(OutgoingMessage message, std::function<void(Delivery)> done);

  const ClientOptions options_;
  asio::io_context context_{1};
  asio::executor_work_guard<asio::io_context::executor_type> guard_;
  Connector connector_;
  Destination destination_;

  std::mutex mutex_;
  std::condition_variable left_;
  std::size_t deliveries_ = 0;  ///< that are not done, guarded by the mutex
  std::thread thread_;
};

}  // namespace postern::smtp
