#include "catcher/server/connection.h"

#include <algorithm>
#include <utility>

#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

namespace postern::catcher {

namespace asio = boost::asio;
using asio::use_awaitable;
using boost::system::system_error;

namespace {

constexpr std::size_t buffer_size = std::size_t{32} << 10;
constexpr std::size_t maximum_line = 12'288;
constexpr std::chrono::seconds farewell_limit{2};

}  // namespace

ServerConnection::ServerConnection(asio::ip::tcp::socket socket)
    : socket_(std::move(socket)),
      deadline_(socket_.get_executor()),
      pause_(socket_.get_executor()),
      buffer_(buffer_size) {
  boost::system::error_code ignored;
  socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
}

std::string ServerConnection::peer() const {
  boost::system::error_code error;
  const auto endpoint = socket_.remote_endpoint(error);
  if (error) return "a peer already gone";
  const std::string address = endpoint.address().to_string();
  return (endpoint.address().is_v6() ? "[" + address + "]" : address) + ":" +
         std::to_string(endpoint.port());
}

ServerConnection::Awaitable<std::optional<std::string_view>> ServerConnection::read_line(
    Milliseconds limit) {
  bool too_long = false;
  std::size_t searched = 0;
  arm(limit);
  for (;;) {
    const std::string_view at_hand(buffer_.data() + begin_, end_ - begin_);
    const std::size_t end = at_hand.find('\n', searched);
    if (end != std::string_view::npos) {
      consume(end + 1);
      disarm();
      if (too_long || end >= maximum_line) co_return std::nullopt;
      std::string_view line = at_hand.substr(0, end);
      if (line.ends_with('\r')) line.remove_suffix(1);
      co_return line;
    }
    searched = at_hand.size();
    if (searched >= maximum_line) {
      too_long = true;
      consume(searched);
      searched = 0;
    }
    co_await fill(limit);
  }
}

ServerConnection::Awaitable<std::string_view> ServerConnection::read_block(Milliseconds limit) {
  if (!has_input()) {
    arm(limit);
    co_await fill(limit);
    disarm();
  }
  co_return std::string_view(buffer_.data() + begin_, end_ - begin_);
}

/// Reads at least one octet into the buffer. The caller sets the deadline.
ServerConnection::Awaitable<void> ServerConnection::fill(Milliseconds write_limit) {
  if (!outgoing_.empty()) {
    const auto until = deadline_.expiry();
    co_await flush(write_limit);
    arm(std::chrono::duration_cast<Milliseconds>(until - std::chrono::steady_clock::now()));
  }
  std::copy(buffer_.data() + begin_, buffer_.data() + end_, buffer_.data());
  end_ -= std::exchange(begin_, 0);
  const auto free = asio::buffer(buffer_) + end_;
  try {
    end_ += co_await read_some(free);
  } catch (const system_error&) {
    if (!expired_) throw;
  }
  // Also if a read was faster than the cancellation: a peer that never pauses gains no time.
  if (expired_) throw TimedOut();
}

ServerConnection::Awaitable<void> ServerConnection::flush(Milliseconds limit) {
  arm(limit);
  try {
    co_await write_all();
  } catch (const system_error&) {
    if (!expired_) throw;
  }
  if (expired_) throw TimedOut();
  disarm();
}

ServerConnection::Awaitable<void> ServerConnection::pause(Milliseconds time) {
  // Closed meanwhile: no one is left to wake the timer.
  if (!socket_.is_open()) throw system_error(asio::error::operation_aborted);
  pause_.expires_after(time);
  co_await pause_.async_wait(use_awaitable);
}

ServerConnection::Awaitable<std::string> ServerConnection::handshake(asio::ssl::context& context,
                                                                     Milliseconds limit) {
  tls_.emplace(socket_, context);
  arm(limit);
  co_await tls_->async_handshake(asio::ssl::stream_base::server, use_awaitable);
  disarm();
  co_return SSL_get_version(tls_->native_handle());
}

ServerConnection::Awaitable<void> ServerConnection::finish() {
  try {
    arm(farewell_limit);
    co_await write_all();
    co_await shut_down();
  } catch (const system_error&) {
    // The peer is gone, which is what was wanted.
  }
  close();
}

ServerConnection::Awaitable<void> ServerConnection::shut_down() {
  if (tls_) {
    co_await tls_->async_shutdown(use_awaitable);
  }
  socket_.shutdown(asio::ip::tcp::socket::shutdown_send);
  // Closing with octets unread would send a reset, which can overtake the last reply.
  while (!expired_) co_await socket_.async_read_some(asio::buffer(buffer_), use_awaitable);
}

void ServerConnection::close() {
  boost::system::error_code ignored;
  deadline_.cancel();
  pause_.cancel();
  socket_.close(ignored);
}

ServerConnection::Awaitable<std::size_t> ServerConnection::read_some(asio::mutable_buffer into) {
  if (tls_) {
    co_return co_await tls_->async_read_some(into, use_awaitable);
  }
  co_return co_await socket_.async_read_some(into, use_awaitable);
}

ServerConnection::Awaitable<void> ServerConnection::write_all() {
  const std::string octets = std::exchange(outgoing_, {});
  if (octets.empty()) co_return;
  if (tls_) {
    co_await asio::async_write(*tls_, asio::buffer(octets), use_awaitable);
  } else {
    co_await asio::async_write(socket_, asio::buffer(octets), use_awaitable);
  }
}

void ServerConnection::arm(Milliseconds limit) {
  expired_ = false;
  deadline_.expires_after(limit);
  deadline_.async_wait([self = weak_from_this()](boost::system::error_code error) {
    const auto connection = self.lock();
    if (error || !connection) return;
    // A wait that ended just before the deadline was set anew is none.
    if (connection->deadline_.expiry() > std::chrono::steady_clock::now()) return;
    connection->expired_ = true;
    boost::system::error_code ignored;
    connection->socket_.cancel(ignored);
  });
}

void ServerConnection::disarm() {
  deadline_.expires_at(boost::asio::steady_timer::time_point::max());
}

}  // namespace postern::catcher
