// Runs a coroutine of the engine to its end, for tests that have an io_context of their own.
#pragma once

#include <exception>
#include <optional>
#include <utility>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

namespace postern::smtp::test {

// The result goes past co_spawn: instrumented, GCC 12 takes an unused variant in there for an
// uninitialised one.
template <class Value>
boost::asio::awaitable<void> keep(boost::asio::awaitable<Value> work,
                                  std::optional<Value>& result) {
  result.emplace(co_await std::move(work));
}

/// What the coroutine gives. The context runs until nothing is left to do in it.
template <class Value>
Value run(boost::asio::io_context& context, boost::asio::awaitable<Value> work) {
  std::optional<Value> result;
  boost::asio::co_spawn(context, keep(std::move(work), result),
                        [](const std::exception_ptr& failure) {
                          if (failure) std::rethrow_exception(failure);
                        });
  context.restart();
  context.run();
  return std::move(result).value();
}

/// Starts the coroutine. What it gives is there once it has ended.
template <class Value>
void start(boost::asio::io_context& context, boost::asio::awaitable<Value> work,
           std::optional<Value>& result) {
  boost::asio::co_spawn(context, keep(std::move(work), result), [](const std::exception_ptr&) {});
}

}  // namespace postern::smtp::test
