// An SMTP server as fast as one thread makes it: what a client can do at most is seen against it.
//
// Listens on a free port of 127.0.0.1 and prints "listening PORT". On standard input it takes
//   reset    counts from zero; answers "reset"
//   report   answers with a JSON object: messages, octets (of content, without dot-stuffing), open
//            (sessions now), sessions (since the reset), and of their messages least, median, most
// and it ends when standard input does.
#include <algorithm>
#include <array>
#include <memory>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdexcept>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unordered_map>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "bench/control.h"
#include "bench/sink/sink_connection.h"

namespace postern::bench {
namespace {

constexpr int backlog = 1024;
constexpr std::size_t buffer_octets = std::size_t{256} * 1024;

[[noreturn]] void fail(const char* call) {
  throw std::system_error(errno, std::generic_category(), call);
}

int listen_on_loopback() {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (socket < 0 || ::bind(socket, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 ||
      ::listen(socket, backlog) != 0) {
    fail("cannot listen on 127.0.0.1");
  }
  return socket;
}

int port_of(int socket) {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  ::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size);
  return ntohs(address.sin_port);
}

class Sink {
 public:
  explicit Sink(SSL_CTX* context)
      : context_(context), poll_(::epoll_create1(EPOLL_CLOEXEC)), listener_(listen_on_loopback()) {
    watch(EPOLL_CTL_ADD, listener_, EPOLLIN);
    watch(EPOLL_CTL_ADD, STDIN_FILENO, EPOLLIN);
  }

  void run() {
    tell_driver(fmt::format("listening {}", port_of(listener_)));
    std::array<epoll_event, 64> events;
    while (goes_on_) {
      const int ready = ::epoll_wait(poll_, events.data(), static_cast<int>(events.size()), -1);
      if (ready < 0 && errno != EINTR) fail("epoll_wait");
      for (int index = 0; index < ready; ++index) {
        serve(events[static_cast<std::size_t>(index)].data.fd);
      }
    }
  }

 private:
  void watch(int operation, int socket, std::uint32_t what) const {
    epoll_event event{};
    event.events = what;
    event.data.fd = socket;
    if (::epoll_ctl(poll_, operation, socket, &event) != 0) fail("epoll_ctl");
  }

  void serve(int socket) {
    if (socket == listener_) return accept_all();
    if (socket == STDIN_FILENO) {
      goes_on_ = lines_.read([this](const std::string& line) { obey(line); });
      return;
    }
    const auto found = connections_.find(socket);
    SinkConnection& connection = *found->second;
    const bool waited_to_write = connection.waits_to_write();
    if (!connection.serve(buffer_)) {
      account(connection);
      connections_.erase(found);
    } else if (connection.waits_to_write() != waited_to_write) {
      watch(EPOLL_CTL_MOD, socket, waited_to_write ? EPOLLIN : EPOLLOUT);
    }
  }

  void accept_all() {
    for (;;) {
      const int socket = ::accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
      if (socket < 0) return;
      const int yes = 1;
      ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
      connections_.emplace(socket, std::make_unique<SinkConnection>(socket, context_));
      // Writable at once: the greeting is said.
      watch(EPOLL_CTL_ADD, socket, EPOLLIN);
      serve(socket);
    }
  }

  void account(SinkConnection& connection) {
    const SinkDialogue::Count count = connection.dialogue().take_count();
    total_.messages += count.messages;
    total_.octets += count.octets;
    ended_.push_back(count.messages);
  }

  void obey(const std::string& line) {
    if (line == "reset") {
      total_ = {};
      ended_.clear();
      for (auto& [socket, connection] : connections_) connection->dialogue().take_count();
      tell_driver("reset");
    } else if (line == "report") {
      report();
    } else {
      throw std::invalid_argument("fast_sink knows reset and report, not \"" + line + "\"");
    }
  }

  void report() const {
    SinkDialogue::Count total = total_;
    std::vector<std::uint64_t> sessions = ended_;
    for (const auto& [socket, connection] : connections_) {
      const SinkDialogue::Count& count = connection->dialogue().count();
      total.messages += count.messages;
      total.octets += count.octets;
      sessions.push_back(count.messages);
    }
    std::sort(sessions.begin(), sessions.end());
    const std::size_t open = connections_.size();
    const std::size_t all = sessions.size();
    if (sessions.empty()) sessions.push_back(0);
    tell_driver(fmt::format(
        R"({{"messages":{},"octets":{},"open":{},"sessions":{},"least":{},"median":{},"most":{}}})",
        total.messages, total.octets, open, all, sessions.front(), sessions[sessions.size() / 2],
        sessions.back()));
  }

  SSL_CTX* const context_;
  const int poll_;
  const int listener_;
  bool goes_on_ = true;
  DriverLines lines_;
  std::vector<char> buffer_ = std::vector<char>(buffer_octets);
  std::unordered_map<int, std::unique_ptr<SinkConnection>> connections_;
  SinkDialogue::Count total_;         ///< of sessions that have ended
  std::vector<std::uint64_t> ended_;  ///< their messages
};

int run(int argc, char** argv) {
  std::string certificate;
  std::string key;
  CLI::App program{"The fast SMTP sink of the benchmarks; see the head of bench/fast_sink.cpp"};
  auto* certificate_option =
      program.add_option("--certificate", certificate, "PEM; offers STARTTLS")->type_name("FILE");
  certificate_option->needs(program.add_option("--key", key, "PEM")->type_name("FILE"));
  CLI11_PARSE(program, argc, argv);
  TlsContext context(nullptr, SSL_CTX_free);
  if (!certificate.empty()) context = make_tls_context(certificate, key);
  Sink(context.get()).run();
  return 0;
}

}  // namespace
}  // namespace postern::bench

int main(int argc, char** argv) {
  return postern::bench::run_program("fast_sink", postern::bench::run, argc, argv);
}
