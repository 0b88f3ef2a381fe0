#include "tests/kill/sink.h"

#include <set>
#include <thread>
#include <utility>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include "tests/kill/letter.h"

namespace postern::kill {
namespace {

namespace asio = boost::asio;
using asio::use_awaitable;
using asio::ip::tcp;

/// Between the first two angle brackets.
std::string path_in(std::string_view command) {
  const auto begin = command.find('<');
  const auto end = command.find('>');
  if (begin == std::string_view::npos || end == std::string_view::npos) return {};
  return std::string(command.substr(begin + 1, end - begin - 1));
}

/// What has come in one transaction.
struct Transaction {
  std::vector<std::string> recipients;
  std::string message;  ///< by its Message-ID
  std::string last_line;

  void take_line(const std::string& line) {
    if (message.empty() && line.starts_with("Message-ID:")) {
      const auto id = path_in(line);
      message = id.substr(0, id.find('@'));
    }
    if (!line.empty() && line.find("This is the end of") == 0) last_line = line;
  }
};

}  // namespace

class Sink::Server {
 public:
  Server() {
    asio::co_spawn(context_, accept(), asio::detached);
    thread_ = std::jthread([this] { context_.run(); });
  }

  [[nodiscard]] std::uint16_t port() const { return acceptor_.local_endpoint().port(); }

  Found close() {
    asio::post(context_, [this] { acceptor_.close(); });
    thread_.join();
    return std::move(found_);
  }

 private:
  asio::awaitable<void> accept() {
    try {
      while (true) {
        asio::co_spawn(context_, serve(co_await acceptor_.async_accept(use_awaitable)),
                       asio::detached);
      }
    } catch (const boost::system::system_error&) {
      // It was closed.
    }
  }

  asio::awaitable<void> serve(tcp::socket socket) {
    try {
      co_await say(socket, "220 server.test");
      std::string buffer;
      Life life = 0;
      Transaction transaction;
      while (true) {
        const auto line = co_await read_line(socket, buffer);
        const auto command = line.substr(0, 4);
        if (command == "EHLO") {
          life = life_in(line);
          co_await say(socket, "250-server.test\r\n250-PIPELINING\r\n250 ENHANCEDSTATUSCODES");
        } else if (command == "RCPT") {
          co_await say(socket, answer(life, path_in(line), transaction));
        } else if (command == "DATA") {
          co_await take(socket, buffer, life, transaction);
        } else if (command == "QUIT") {
          co_return co_await say(socket, "221 2.0.0 until soon");
        } else {  // MAIL and RSET
          transaction = {};
          co_await say(socket, "250 2.0.0 so be it");
        }
      }
    } catch (const boost::system::system_error&) {
      // The client has gone, as a rule because it was killed.
    }
  }

  std::string answer(Life life, const std::string& address, Transaction& transaction) {
    const auto parsed = parse_address(address);
    const auto destiny = parsed ? parsed->destiny : Destiny::accepted;
    const bool is_moved_away = destiny == Destiny::moved && served_.contains(address);
    if (destiny == Destiny::refused || is_moved_away) {
      found_.refusals.emplace(life, address);
      return "550 5.1.1 nobody of that name is here";
    }
    if (destiny == Destiny::delayed && delayed_.insert(address).second) {
      return "451 4.7.1 come again";
    }
    transaction.recipients.push_back(address);
    return "250 2.1.5 goes there";
  }

  /// It is taken when the reply is on its way, whoever is left to hear it.
  asio::awaitable<void> take(tcp::socket& socket, std::string& buffer, Life life,
                             Transaction& transaction) {
    if (transaction.recipients.empty()) co_return co_await say(socket, "503 5.5.1 for whom?");
    co_await say(socket, "354 go on");
    for (auto line = co_await read_line(socket, buffer); line != ".";
         line = co_await read_line(socket, buffer)) {
      transaction.take_line(line);
    }
    for (const auto& address : transaction.recipients) {
      served_.insert(address);
      found_.copies.push_back({transaction.message, address, life,
                               transaction.last_line == last_line_of(transaction.message)});
    }
    transaction = {};
    co_await say(socket, "250 2.0.0 taken");
  }

  /// Without its end.
  static asio::awaitable<std::string> read_line(tcp::socket& socket, std::string& buffer) {
    const auto length = co_await asio::async_read_until(socket, asio::dynamic_buffer(buffer),
                                                        "\r\n", use_awaitable);
    auto line = buffer.substr(0, length - 2);
    buffer.erase(0, length);
    co_return line;
  }

  static asio::awaitable<void> say(tcp::socket& socket, std::string reply) {
    reply += "\r\n";
    co_await asio::async_write(socket, asio::buffer(reply), use_awaitable);
  }

  asio::io_context context_;
  tcp::acceptor acceptor_{context_, {asio::ip::address_v4::loopback(), 0}};
  std::set<std::string> delayed_;  ///< addresses that were refused for a time
  std::set<std::string> served_;
  Found found_;
  std::jthread thread_;
};

Sink::Sink() : server_(std::make_unique<Server>()) {}

Sink::~Sink() {
  if (server_) static_cast<void>(close());
}

std::uint16_t Sink::port() const {
  return server_->port();
}

Sink::Found Sink::close() {
  auto found = server_->close();
  server_.reset();
  return found;
}

}  // namespace postern::kill
