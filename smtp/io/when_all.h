// Runs several coroutines concurrently and waits for all of them (as when_all of P2300).
#pragma once

#include <exception>
#include <utility>
#include <vector>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace postern::smtp {

namespace asio = boost::asio;

/// Returns their results in order, or throws their first exception, once all have ended. They must
/// refer only to what exists until they end: they outlive a caller that is destroyed.
template <class Value>
asio::awaitable<std::vector<Value>> when_all(std::vector<asio::awaitable<Value>> work) {
  if (work.empty()) co_return std::vector<Value>();
  const auto executor = co_await asio::this_coro::executor;
  const auto spawn = [&executor](asio::awaitable<Value> one) {
    return asio::co_spawn(executor, std::move(one), asio::deferred);
  };
  std::vector<decltype(spawn(std::move(work.front())))> operations;
  operations.reserve(work.size());
  for (asio::awaitable<Value>& one : work) operations.push_back(spawn(std::move(one)));
  auto [order, failures, values] =
      co_await asio::experimental::make_parallel_group(std::move(operations))
          .async_wait(asio::experimental::wait_for_all(), asio::use_awaitable);
  for (const std::exception_ptr& failure : failures) {
    if (failure) std::rethrow_exception(failure);
  }
  co_return std::move(values);
}

}  // namespace postern::smtp
