// Runs a coroutine of the engine to its end, for tests that have an io_context of their own.
#pragma once

#include <exception>
#include <optional>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

namespace postern::smtp::test {

/// What the coroutine gives. The context runs until nothing is left to do in it.
template <class Value>
Value run(boost::asio::io_context& context, boost::asio::awaitable<Value> work) {
  std::optional<Value> result;
  boost::asio::co_spawn(context, std::move(work),
                        [&result](const std::exception_ptr& failure, Value value) {
                          if (failure) std::rethrow_exception(failure);
                          result = std::move(value);
                        });
  context.restart();
  context.run();
  return *std::move(result);
}

}  // namespace postern::smtp::test
