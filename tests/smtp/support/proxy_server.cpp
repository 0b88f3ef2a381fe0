#include "tests/smtp/support/proxy_server.h"

#include <arpa/inet.h>
#include <array>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/base64.h"

namespace postern::smtp::test {
namespace {

std::string take(Peer& peer, std::size_t count) {
  std::string octets(count, '\0');
  if (::recv(peer.socket(), octets.data(), count, MSG_WAITALL) != static_cast<ssize_t>(count)) {
    throw Peer::Gone{};
  }
  return octets;
}

std::string take_counted(Peer& peer) {
  return take(peer, static_cast<unsigned char>(take(peer, 1)[0]));
}

int connect_to(int port) {
  const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  if (::connect(socket, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    ::close(socket);
    throw Peer::Gone{};
  }
  return socket;
}

bool move_octets(int from, int to) {
  std::array<char, 16384> octets;
  const ssize_t count = ::recv(from, octets.data(), octets.size(), 0);
  return count > 0 &&
         ::send(to, octets.data(), static_cast<std::size_t>(count), MSG_NOSIGNAL) == count;
}

void join(Peer& peer, int port) {
  const int server = connect_to(port);
  std::array<pollfd, 2> ends{pollfd{peer.socket(), POLLIN, 0}, pollfd{server, POLLIN, 0}};
  for (bool open = true; open;) {
    ::poll(ends.data(), ends.size(), -1);
    if (ends[0].revents != 0) open = move_octets(peer.socket(), server);
    if (open && ends[1].revents != 0) open = move_octets(server, peer.socket());
  }
  ::close(server);
}

/// RFC 1929
bool log_on(Peer& peer, ProxyPlay& play) {
  const std::string offered = take_counted(peer);
  const char method = play.user.empty() ? '\0' : '\x02';
  if (offered.find(method) == std::string::npos) {
    peer.say("\x05\xFF");
    return false;
  }
  peer.say(std::string("\x05") + method);
  if (play.user.empty()) return true;
  take(peer, 1);
  play.credentials = take_counted(peer);
  play.credentials += ':' + take_counted(peer);
  const bool right = play.credentials == play.user + ':' + play.password;
  peer.say(std::string("\x01") + (right ? '\0' : '\x01'));
  return right;
}

}  // namespace

NetworkServer::Play socks5(ProxyPlay& play) {
  return [&play](Peer& peer, int) {
    take(peer, 1);
    if (!log_on(peer, play)) return;
    const std::string request = take(peer, 4);
    if (request[3] == '\x03') {
      play.asked_for = take_counted(peer);
    } else {
      const std::string octets = take(peer, 4);
      std::array<char, INET_ADDRSTRLEN> text{};
      ::inet_ntop(AF_INET, octets.data(), text.data(), text.size());
      play.asked_for = text.data();
    }
    const std::string port = take(peer, 2);
    play.asked_for += ':' + std::to_string(static_cast<unsigned char>(port[0]) * 256 +
                                           static_cast<unsigned char>(port[1]));
    const char answer = play.server_port == 0 ? '\x05' : '\0';  // connection refused
    peer.say(std::string("\x05") + answer + std::string("\0\x01\0\0\0\0\0\0", 8));
    if (play.server_port != 0) join(peer, play.server_port);
  };
}

NetworkServer::Play http_connect(ProxyPlay& play) {
  return [&play](Peer& peer, int) {
    const std::string request = peer.line();
    play.asked_for = request.substr(8, request.find(' ', 8) - 8);
    for (std::string line = peer.line(); !line.empty(); line = peer.line()) {
      constexpr std::string_view header = "Proxy-Authorization: Basic ";
      if (line.starts_with(header)) {
        play.credentials = base64_decoded(line.substr(header.size())).value_or("");
      }
    }
    if (!play.user.empty() && play.credentials != play.user + ':' + play.password) {
      return peer.say(
          "HTTP/1.1 407 Proxy Authentication Required\r\n"
          "Proxy-Authenticate: Basic realm=\"x\"\r\nContent-Length: 0\r\n\r\n");
    }
    if (play.server_port == 0) {
      return peer.say("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n");
    }
    peer.say("HTTP/1.1 200 Connected\r\nVia: test\r\n\r\n");
    join(peer, play.server_port);
  };
}

}  // namespace postern::smtp::test
