// An event that one coroutine waits for, with a deadline. One thread; an event that is set before
// the wait is not lost. Always held by shared pointers.
//
// Made for waits that nearly always end by the event: the timer keeps running from one wait to the
// next and is set anew only for an earlier deadline, because to set it costs a system call.
#pragma once

#include <memory>
#include <optional>
#include <utility>

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/clock.h"

namespace postern::smtp {

namespace asio = boost::asio;

class AsyncEvent : public std::enable_shared_from_this<AsyncEvent> {
 public:
  explicit AsyncEvent(asio::io_context& context) : context_(context), timer_(context) {}

  /// Sets the event: the context resumes the waiting coroutine later.
  void set() {
    set_ = true;
    if (const auto waiter = std::exchange(waiter_, nullptr)) waiter->post(context_);
  }
  /// The same, but resumes it inside this call: only as the last call of a handler.
  void set_inline() {
    set_ = true;
    if (const auto waiter = std::exchange(waiter_, nullptr)) waiter->dispatch(context_);
  }

  asio::awaitable<void> wait(std::optional<SteadyTime> deadline) {
    if (!set_) {
      deadline_ = deadline;
      start_timer();
      co_await asio::async_initiate<const asio::use_awaitable_t<>&, void()>(
          [this](auto handler) {
            watch_for_cancellation(asio::get_associated_cancellation_slot(handler));
            waiter_ = std::make_shared<HandlerWaiter<decltype(handler)>>(std::move(handler));
          },
          asio::use_awaitable);
    }
    set_ = false;
  }

 private:
  struct Waiter {
    virtual ~Waiter() = default;
    virtual void post(asio::io_context& context) = 0;
    virtual void dispatch(asio::io_context& context) = 0;
  };
  template <typename Handler>
  struct HandlerWaiter final : Waiter {
    explicit HandlerWaiter(Handler given) : handler(std::move(given)) {}
    void post(asio::io_context& context) override { asio::post(context, taken()); }
    void dispatch(asio::io_context& context) override { asio::dispatch(context, taken()); }
    Handler taken() {
      asio::get_associated_cancellation_slot(handler).clear();
      return std::move(handler);
    }
    Handler handler;
  };

  /// A cancelled coroutine is resumed; its next co_await throws.
  void watch_for_cancellation(asio::cancellation_slot slot) {
    if (!slot.is_connected()) return;
    slot.assign([this, weak = weak_from_this()](asio::cancellation_type) {
      asio::post(context_, [weak] {
        if (const auto self = weak.lock()) self->set();
      });
    });
  }

  void start_timer() {
    if (!deadline_ || (running_ && timer_.expiry() <= *deadline_)) return;
    timer_.expires_at(*deadline_);
    running_ = true;
    timer_.async_wait([weak = weak_from_this()](const boost::system::error_code& cancelled) {
      const auto self = weak.lock();
      if (self && !cancelled) self->on_timer();
    });
  }

  void on_timer() {
    running_ = false;
    if (!waiter_ || !deadline_) return;
    if (*deadline_ <= TimePoint::now().steady) {
      set_inline();
    } else {
      start_timer();
    }
  }

  asio::io_context& context_;
  asio::steady_timer timer_;
  bool running_ = false;  ///< the timer is
  bool set_ = false;
  std::optional<SteadyTime> deadline_;  ///< of the wait
  std::shared_ptr<Waiter> waiter_;
};

}  // namespace postern::smtp
