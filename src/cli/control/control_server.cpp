#include "cli/control/control_server.h"

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <exception>
#include <sys/socket.h>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include "base/thread_signals.h"
#include "cli/control/request.h"
#include "cli/control/socket_address.h"
#include "mapi/error.h"

namespace postern::cli {
namespace {

namespace asio = boost::asio;
using asio::local::stream_protocol;

/// For a request to come, and for its answer to be taken.
constexpr std::chrono::seconds time_limit{5};
constexpr std::size_t most_connections = 32;

mapi::Failure socket_failure(const SocketAddress& address, const char* what) {
  return mapi::system_failure(mapi::MAPI_E_NO_ACCESS,
                              "the spooler's socket '" + address.path().string() + "' " + what,
                              errno);
}

/// Removes what a dead spooler has left.
void remove_stale(const SocketAddress& address) {
  struct stat found {};
  if (::lstat(address.address().sun_path, &found) != 0) return;
  if (!S_ISSOCK(found.st_mode)) {
    throw mapi::Failure(mapi::MAPI_E_COLLISION,
                        "'" + address.path().string() +
                            "' is in the place of the spooler's socket and is none; move it away");
  }
  ::unlink(address.address().sun_path);
}

/// A listening socket with the owner and the permissions of the store, at no time with more.
int make_listening_socket(const std::filesystem::path& store, const SocketAddress& address) {
  const int descriptor = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (descriptor < 0) throw socket_failure(address, "cannot be made");
  const auto fail = [&](const char* what) {
    const auto failure = socket_failure(address, what);
    ::close(descriptor);
    throw failure;
  };
  const auto* path = address.address().sun_path;
  const auto* generic = reinterpret_cast<const sockaddr*>(&address.address());
  struct stat permissions {};
  if (::stat(store.c_str(), &permissions) != 0) fail("cannot be given the store's permissions");
  ::fchmod(descriptor, S_IRUSR | S_IWUSR);  // Linux: those that bind gives to the file
  if (::bind(descriptor, generic, sizeof address.address()) != 0) fail("cannot be made");
  // The owner can be another one only where a superuser spools; else this fails, and is right so.
  const bool owned = ::lchown(path, permissions.st_uid, permissions.st_gid) == 0 ||
                     permissions.st_uid == ::geteuid();
  const auto mode = owned ? permissions.st_mode & 0777U : S_IRUSR | S_IWUSR;
  if (::chmod(path, mode) != 0 || ::listen(descriptor, SOMAXCONN) != 0) {
    ::unlink(path);
    fail("cannot be listened at");
  }
  return descriptor;
}

}  // namespace

class ControlServer::Server {
 public:
  Server(const std::filesystem::path& store, Answer answer)
      : address_(store), answer_(std::move(answer)), acceptor_(context_), patience_(context_) {
    remove_stale(address_);
    acceptor_.assign(stream_protocol(), make_listening_socket(store, address_));
    try {
      asio::co_spawn(context_, accept(), asio::detached);
      const SignalsBlocked blocked;
      thread_ = std::thread([this] { run(); });
    } catch (...) {
      ::unlink(address_.address().sun_path);
      throw;
    }
  }

  ~Server() {
    ::unlink(address_.address().sun_path);
    context_.stop();
    thread_.join();
  }
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

 private:
  /// Without memory a connection may be lost, but not the program.
  void run() {
    while (true) {
      try {
        context_.run();
        return;
      } catch (const std::exception&) {
        continue;
      }
    }
  }

  asio::awaitable<void> accept() {
    while (true) {
      boost::system::error_code error;
      auto socket =
          co_await acceptor_.async_accept(asio::redirect_error(asio::use_awaitable, error));
      if (!error && connections_ < most_connections && begin(std::move(socket))) continue;
      // Out of descriptors or memory, or too many clients: some will be ready soon.
      patience_.expires_after(std::chrono::milliseconds{100});
      co_await patience_.async_wait(asio::redirect_error(asio::use_awaitable, error));
    }
  }

  /// False if there is no memory for it.
  bool begin(stream_protocol::socket socket) {
    try {
      auto shared = std::make_shared<stream_protocol::socket>(std::move(socket));
      asio::co_spawn(context_, converse(std::move(shared)), asio::detached);
      return true;
    } catch (const std::exception&) {
      return false;
    }
  }

  /// One request and its answer. Whatever fails ends the connection, and nothing else.
  asio::awaitable<void> converse(std::shared_ptr<stream_protocol::socket> socket) {
    ++connections_;
    try {
      asio::steady_timer deadline(context_);
      std::string text;
      arm(deadline, socket);
      const auto length = co_await asio::async_read_until(
          *socket, asio::dynamic_buffer(text, longest_request), '\n', asio::use_awaitable);
      const auto reply = answer_(std::string_view(text).substr(0, length - 1));
      arm(deadline, socket);
      co_await asio::async_write(*socket, asio::buffer(reply), asio::use_awaitable);
    } catch (const std::exception&) {
      // The client has gone, is too slow, or says too much.
    }
    --connections_;
  }

  /// Ends what waits for the client once it has taken too long.
  static void arm(asio::steady_timer& deadline,
                  const std::shared_ptr<stream_protocol::socket>& socket) {
    deadline.expires_after(time_limit);
    deadline.async_wait([socket](const boost::system::error_code& cancelled) {
      boost::system::error_code ignored;
      if (!cancelled) socket->close(ignored);
    });
  }

  SocketAddress address_;
  Answer answer_;
  asio::io_context context_{1};
  stream_protocol::acceptor acceptor_;
  asio::steady_timer patience_;
  std::size_t connections_ = 0;
  std::thread thread_;
};

ControlServer::ControlServer(const std::filesystem::path& store, Answer answer)
    : server_(std::make_unique<Server>(store, std::move(answer))) {}

ControlServer::~ControlServer() = default;

}  // namespace postern::cli
