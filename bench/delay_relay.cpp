// A TCP relay that holds every octet back for a while in each direction, as a long line does.
//
// Listens on a free port of 127.0.0.1, prints "listening PORT", and carries each connection to the
// server it was given. It only delays: no bound on bandwidth or on what is under way, and the
// connecting itself takes no time. Ends when standard input does.
#include <chrono>
#include <cstdio>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <boost/asio.hpp>
#include <fmt/format.h>

#include "bench/control.h"

namespace postern::bench {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using Clock = std::chrono::steady_clock;

constexpr std::size_t block_octets = std::size_t{64} * 1024;
constexpr auto quietly = asio::as_tuple(asio::use_awaitable);

struct RelayedConnection {
  tcp::socket client;
  tcp::socket server;
};

/// One direction of a link: what was read waits in a queue until it is due.
class Direction : public std::enable_shared_from_this<Direction> {
 public:
  Direction(std::shared_ptr<RelayedConnection> link, tcp::socket& from, tcp::socket& to,
            Clock::duration delay)
      : link_(std::move(link)),
        from_(from),
        to_(to),
        delay_(delay),
        arrival_(from.get_executor()) {}

  void start() {
    const auto self = shared_from_this();
    asio::co_spawn(
        from_.get_executor(), [self] { return self->receive(); }, asio::detached);
    asio::co_spawn(
        from_.get_executor(), [self] { return self->forward(); }, asio::detached);
  }

 private:
  struct DelayedBlock {
    Clock::time_point due;
    std::vector<char> octets;  ///< none: the end
  };

  asio::awaitable<void> receive() {
    std::vector<char> buffer(block_octets);
    for (bool more = true; more;) {
      const auto [error, octets] = co_await from_.async_read_some(asio::buffer(buffer), quietly);
      more = !error && octets != 0;
      under_way_.push_back({Clock::now() + delay_,
                            {buffer.data(), buffer.data() + (more ? octets : std::size_t{0})}});
      arrival_.cancel();
    }
  }

  asio::awaitable<void> forward() {
    for (;;) {
      while (under_way_.empty()) {
        arrival_.expires_at(Clock::time_point::max());
        co_await arrival_.async_wait(quietly);
      }
      const DelayedBlock block = std::move(under_way_.front());
      under_way_.pop_front();
      asio::steady_timer due(from_.get_executor(), block.due);
      co_await due.async_wait(quietly);
      boost::system::error_code ignored;
      if (block.octets.empty()) {
        to_.shutdown(tcp::socket::shutdown_send, ignored);
        co_return;
      }
      const auto [error, octets] =
          co_await asio::async_write(to_, asio::buffer(block.octets), quietly);
      if (error) {
        from_.shutdown(tcp::socket::shutdown_receive, ignored);
        co_return;
      }
    }
  }

  const std::shared_ptr<RelayedConnection> link_;  ///< keeps both sockets
  tcp::socket& from_;
  tcp::socket& to_;
  const Clock::duration delay_;
  asio::steady_timer arrival_;  ///< cancelled when something comes
  std::deque<DelayedBlock> under_way_;
};

asio::awaitable<void> relay(tcp::acceptor acceptor, tcp::endpoint server, Clock::duration delay) {
  for (;;) {
    tcp::socket client = co_await acceptor.async_accept(asio::use_awaitable);
    const auto link = std::make_shared<RelayedConnection>(
        RelayedConnection{std::move(client), tcp::socket(acceptor.get_executor())});
    const auto [error] = co_await link->server.async_connect(server, quietly);
    if (error) continue;  // the client sees its connection closed
    for (tcp::socket* socket : {&link->client, &link->server}) {
      socket->set_option(tcp::no_delay(true));
    }
    std::make_shared<Direction>(link, link->client, link->server, delay)->start();
    std::make_shared<Direction>(link, link->server, link->client, delay)->start();
  }
}

/// Waits for the driver to close standard input.
asio::awaitable<void> end_with_driver(asio::io_context& context) {
  asio::posix::stream_descriptor input(context, ::dup(STDIN_FILENO));
  do {
    co_await input.async_wait(asio::posix::stream_descriptor::wait_read, quietly);
  } while (DriverLines{}.read([](const std::string&) {}));
  context.stop();
}

int run(int argc, char** argv) {
  std::uint16_t port = 0;
  int milliseconds = 20;
  CLI::App program{"A relay that delays; see the head of bench/delay_relay.cpp"};
  program.add_option("--to", port, "the server's port on 127.0.0.1")->required();
  program.add_option("--delay", milliseconds, "each way, in ms")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  CLI11_PARSE(program, argc, argv);
  asio::io_context context{1};
  const asio::ip::address loopback = asio::ip::address_v4::loopback();
  tcp::acceptor acceptor(context, tcp::endpoint(loopback, 0));
  tell_driver(fmt::format("listening {}", acceptor.local_endpoint().port()));
  asio::co_spawn(context,
                 relay(std::move(acceptor), tcp::endpoint(loopback, port),
                       std::chrono::milliseconds(milliseconds)),
                 asio::detached);
  asio::co_spawn(context, end_with_driver(context), asio::detached);
  context.run();
  return 0;
}

}  // namespace
}  // namespace postern::bench

int main(int argc, char** argv) {
  return postern::bench::run_program("delay_relay", postern::bench::run, argc, argv);
}
