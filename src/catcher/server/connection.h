// One connection of the catcher: reads lines and blocks, writes replies, with or without TLS.
//
// Replies are collected until the peer's octets are used up (RFC 2920 §3.2), then sent together.
// Every wait has a deadline that covers a whole line, block or write. All members must be called on
// the executor of the socket; only one of the awaitable ones at a time. Failures and the peer's end
// of file throw boost::system::system_error, deadlines TimedOut.
#pragma once

#include <chrono>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/steady_timer.hpp>

namespace postern::catcher {

struct TimedOut : std::exception {
  [[nodiscard]] const char* what() const noexcept override { return "the peer took too long"; }
};

class ServerConnection : public std::enable_shared_from_this<ServerConnection> {
 public:
  using Milliseconds = std::chrono::milliseconds;
  template <typename Result>
  using Awaitable = boost::asio::awaitable<Result>;

  explicit ServerConnection(boost::asio::ip::tcp::socket socket);

  [[nodiscard]] std::string peer() const;  ///< address:port

  /// A line without its CRLF or LF; nullopt if it was longer than 12,288 octets (the limit of
  /// RFC 4954 §4) and was skipped. Valid until the next read.
  Awaitable<std::optional<std::string_view>> read_line(Milliseconds limit);
  /// The received octets, at least one; they stay until they are consumed.
  Awaitable<std::string_view> read_block(Milliseconds limit);
  void consume(std::size_t octets) { begin_ += octets; }
  [[nodiscard]] bool has_input() const { return begin_ != end_; }

  void put(std::string_view reply) { outgoing_ += reply; }
  Awaitable<void> flush(Milliseconds limit);
  Awaitable<void> pause(Milliseconds time);

  /// The server's side of the handshake; returns the protocol version.
  Awaitable<std::string> handshake(boost::asio::ssl::context& context, Milliseconds limit);

  /// Sends the remaining replies, then closes in order, so that they arrive even if the peer has
  /// sent more than was read. Never throws.
  Awaitable<void> finish();
  /// Closes the connection at once; a waiting coroutine is resumed.
  void close();

 private:
  Awaitable<void> fill(Milliseconds write_limit);
  Awaitable<std::size_t> read_some(boost::asio::mutable_buffer into);
  Awaitable<void> write_all();
  Awaitable<void> shut_down();
  void arm(Milliseconds limit);
  void disarm();

  boost::asio::ip::tcp::socket socket_;
  std::optional<boost::asio::ssl::stream<boost::asio::ip::tcp::socket&>> tls_;
  boost::asio::steady_timer deadline_;
  boost::asio::steady_timer pause_;
  bool expired_ = false;

  std::vector<char> buffer_;
  std::size_t begin_ = 0;  ///< the unread octets: [begin_, end_) of the buffer
  std::size_t end_ = 0;
  std::string outgoing_;
};

}  // namespace postern::catcher
