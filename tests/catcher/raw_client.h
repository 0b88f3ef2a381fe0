// A bare TCP client for the tests: what is sent is exactly what the test says.
#pragma once

#include <arpa/inet.h>
#include <chrono>
#include <netinet/in.h>
#include <stdexcept>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

namespace postern::catcher {

class RawClient {
 public:
  explicit RawClient(std::uint16_t port) : socket_(socket(AF_INET, SOCK_STREAM, 0)) {
    const timeval patience{30, 0};  // a test that waits longer has failed
    setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
      throw std::runtime_error("cannot connect to the catcher");
    }
  }
  ~RawClient() { close(socket_); }
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  /// False once the peer has closed; `errno` says so then.
  bool send(std::string_view octets) const {
    while (!octets.empty()) {
      const ssize_t sent = ::send(socket_, octets.data(), octets.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      octets.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }

  /// The next reply with all its lines; what there is of it where the connection ends.
  std::string reply() {
    for (std::size_t line = 0;;) {
      const auto end = received_.find("\r\n", line);
      if (end == std::string::npos) {
        if (!receive()) return std::exchange(received_, {});
      } else if (end < line + 4 || received_[line + 3] == ' ') {
        std::string whole = received_.substr(0, end + 2);
        received_.erase(0, end + 2);
        return whole;
      } else {
        line = end + 2;
      }
    }
  }

  std::string ask(std::string_view command) {
    send(std::string(command) + "\r\n");
    return reply();
  }

  /// Everything up to the end of the connection.
  std::string rest() {
    while (receive()) {
    }
    return std::exchange(received_, {});
  }

  [[nodiscard]] int descriptor() const { return socket_; }

 private:
  bool receive() {
    char block[4096];
    const ssize_t count = recv(socket_, block, sizeof block, 0);
    if (count > 0) received_.append(block, static_cast<std::size_t>(count));
    return count > 0;
  }

  int socket_;
  std::string received_;
};

}  // namespace postern::catcher
