// What a coroutine waits for: to be woken, or a deadline. One thread; a wake-up before the wait is
// not lost.
#pragma once

#include <optional>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "smtp/moment.h"

namespace postern::smtp {

namespace asio = boost::asio;

class Signal {
 public:
  explicit Signal(asio::io_context& context) : timer_(context) {}

  void raise() {
    raised_ = true;
    timer_.cancel();
  }

  asio::awaitable<void> wait(std::optional<SteadyTime> deadline) {
    if (!raised_) {
      timer_.expires_at(deadline.value_or(SteadyTime::max()));
      boost::system::error_code ignored;  // cancelled is woken
      co_await timer_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    }
    raised_ = false;
  }

 private:
  asio::steady_timer timer_;
  bool raised_ = false;
};

}  // namespace postern::smtp
