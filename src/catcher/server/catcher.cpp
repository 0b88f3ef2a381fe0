#include "catcher/catcher.h"

#include <algorithm>
#include <set>
#include <stdexcept>
#include <system_error>
#include <thread>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "catcher/ascii.h"
#include "catcher/dialogue/attempts.h"
#include "catcher/dialogue/dialogue.h"
#include "catcher/dialogue/reply.h"
#include "catcher/maildrop/maildrop.h"
#include "catcher/server/connection.h"
#include "catcher/server/session.h"

namespace postern::catcher {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::system_error;

namespace {

CatcherOptions checked(CatcherOptions options) {
  if (options.certificate_file.empty() != options.key_file.empty()) {
    throw std::invalid_argument("TLS needs both a certificate and its key.");
  }
  if (options.implicit_tls && options.certificate_file.empty()) {
    throw std::invalid_argument("TLS from the first octet needs a certificate.");
  }
  if (options.require_authentication && options.user.empty()) {
    throw std::invalid_argument("Authentication cannot be required without a user.");
  }
  if (std::any_of(options.host_name.begin(), options.host_name.end(), is_control)) {
    throw std::invalid_argument("The catcher's host name holds a control character.");
  }
  return options;
}

std::unique_ptr<asio::ssl::context> tls_context(const CatcherOptions& options) {
  if (options.certificate_file.empty()) return nullptr;
  auto context = std::make_unique<asio::ssl::context>(asio::ssl::context::tls_server);
  context->set_options(asio::ssl::context::no_tlsv1 | asio::ssl::context::no_tlsv1_1);
  try {
    context->use_certificate_chain_file(options.certificate_file.string());
    context->use_private_key_file(options.key_file.string(), asio::ssl::context::pem);
  } catch (const system_error& error) {
    throw std::runtime_error("The certificate " + options.certificate_file.string() +
                             " with the key " + options.key_file.string() +
                             " cannot be used: " + error.code().message() + ".");
  }
  return context;
}

tcp::acceptor listening(const asio::any_io_executor& executor, const CatcherOptions& options) {
  try {
    const tcp::endpoint endpoint(asio::ip::make_address(options.address), options.port);
    return tcp::acceptor(executor, endpoint);
  } catch (const system_error& error) {
    throw std::runtime_error("The catcher cannot listen on " + options.address + " port " +
                             std::to_string(options.port) + ": " + error.code().message() + ".");
  }
}

}  // namespace

class Catcher::Server : public std::enable_shared_from_this<Server> {
 public:
  /// Without a context of the caller's it has its own, and `start` a thread for it.
  Server(CatcherOptions options, asio::io_context* context)
      : own_context_(context == nullptr ? std::make_unique<asio::io_context>(1) : nullptr),
        options_(checked(std::move(options))),
        tls_(tls_context(options_)),
        maildrop_(options_),
        executor_(asio::make_strand(context == nullptr ? *own_context_ : *context)),
        acceptor_(listening(executor_, options_)),
        port_(acceptor_.local_endpoint().port()),
        patience_(executor_) {}

  void start() {
    asio::co_spawn(executor_, accept(shared_from_this()), asio::detached);
    if (!own_context_) return;
    try {
      thread_ = std::thread([self = shared_from_this()] { self->own_context_->run(); });
    } catch (const std::system_error&) {
      stopped_ = true;
      close();
      own_context_->run();  // what accepts ends, and lets go of this object
      throw;
    }
  }

  void stop() {
    // Posted to a context that no longer runs, a second one would hold this object for ever.
    if (std::exchange(stopped_, true)) return;
    asio::post(executor_, [self = shared_from_this()] { self->close(); });
    if (!own_context_) return;
    if (thread_.get_id() == std::this_thread::get_id()) {
      thread_.detach();  // it holds this object until it has ended
    } else {
      thread_.join();
    }
  }

  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] const Maildrop& maildrop() const { return maildrop_; }

 private:
  static asio::awaitable<void> accept(std::shared_ptr<Server> self) {
    while (self->acceptor_.is_open()) {
      bool exhausted = false;
      try {
        tcp::socket socket = co_await self->acceptor_.async_accept(asio::use_awaitable);
        asio::co_spawn(self->executor_, session(self, std::move(socket)), asio::detached);
      } catch (const system_error&) {
        exhausted = true;
      }
      if (exhausted && self->acceptor_.is_open()) co_await self->pause_accepting();
    }
  }

  /// Out of descriptors, most likely: connections that end will give some back.
  asio::awaitable<void> pause_accepting() {
    patience_.expires_after(std::chrono::milliseconds(100));
    boost::system::error_code ignored;
    co_await patience_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  }

  static asio::awaitable<void> session(std::shared_ptr<Server> self, tcp::socket socket) {
    const auto connection = std::make_shared<ServerConnection>(std::move(socket));
    if (!self->acceptor_.is_open()) co_return;
    const bool full = self->connections_.size() >= self->options_.maximum_connections;
    self->connections_.insert(connection);
    if (full) {
      connection->put(reply(421, "4.3.2 too many connections, come back later"));
      co_await connection->finish();
    } else {
      ServerDialogue dialogue(self->options_, self->maildrop_, self->attempts_, connection->peer());
      dialogue.note("connected");
      co_await serve(*connection, dialogue, self->options_, self->tls_.get());
      dialogue.note("disconnected");
    }
    self->connections_.erase(connection);
  }

  void close() {
    boost::system::error_code ignored;
    acceptor_.close(ignored);
    patience_.cancel();
    for (const auto& connection : connections_) connection->close();
  }

  const std::unique_ptr<asio::io_context> own_context_;
  const CatcherOptions options_;
  const std::unique_ptr<asio::ssl::context> tls_;
  Maildrop maildrop_;
  Attempts attempts_;
  const asio::any_io_executor executor_;  ///< a strand: all that follows is touched on it alone
  tcp::acceptor acceptor_;
  const std::uint16_t port_;
  asio::steady_timer patience_;
  std::set<std::shared_ptr<ServerConnection>> connections_;
  std::thread thread_;
  bool stopped_ = false;  ///< by `stop`, which the catcher's owner calls
};

Catcher::Catcher(CatcherOptions options)
    : server_(std::make_shared<Server>(std::move(options), nullptr)) {
  server_->start();
}

Catcher::Catcher(CatcherOptions options, asio::io_context& context)
    : server_(std::make_shared<Server>(std::move(options), &context)) {
  server_->start();
}

Catcher::~Catcher() {
  stop();
}

std::uint16_t Catcher::port() const {
  return server_->port();
}
std::vector<CaughtMessage> Catcher::messages() const {
  return server_->maildrop().messages();
}
std::uint64_t Catcher::count() const {
  return server_->maildrop().count();
}
bool Catcher::wait_for(std::uint64_t count, std::chrono::milliseconds limit) const {
  return server_->maildrop().wait_for(count, limit);
}
void Catcher::stop() {
  server_->stop();
}

}  // namespace postern::catcher
