#include "tests/smtp/support/dns_responder.h"

#include <algorithm>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdexcept>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/smtp/support/loopback.h"

namespace postern::smtp::test {
namespace {

using Fault = DnsReplyScript::Fault;

constexpr std::size_t header_size = 12;
constexpr int time_to_live = 300;
constexpr int name_error = 3;

std::string lower(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return result;
}

std::string number16(unsigned value) {
  return {static_cast<char>(value >> 8U), static_cast<char>(value & 0xFFU)};
}

unsigned number16_at(std::string_view octets, std::size_t at) {
  return static_cast<unsigned>(static_cast<unsigned char>(octets[at]) << 8U |
                               static_cast<unsigned char>(octets[at + 1]));
}

std::string record(const std::string& owner, DnsType type, const std::string& rdata) {
  return wire_name(owner) + number16(static_cast<unsigned>(type)) + number16(1) + number16(0) +
         number16(time_to_live) + number16(static_cast<unsigned>(rdata.size())) + rdata;
}

/// What a negative answer has to carry for it to be kept (RFC 2308).
std::string authority() {
  const std::string numbers(20, '\0');
  return record("example", DnsType::soa,
                wire_name("ns.example") + wire_name("root.example") + numbers);
}

bool bind_to(int socket, int port) {
  const sockaddr_in address = loopback(port);
  return ::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
}

bool receive_exactly(int socket, char* octets, std::size_t count) {
  return ::recv(socket, octets, count, MSG_WAITALL) == static_cast<ssize_t>(count);
}

}  // namespace

std::string wire_name(std::string_view name) {
  std::string wire;
  while (!name.empty()) {
    const std::size_t dot = std::min(name.find('.'), name.size());
    wire += static_cast<char>(dot);
    wire += name.substr(0, dot);
    name.remove_prefix(std::min(dot + 1, name.size()));
  }
  return wire + '\0';
}

DnsResponder::DnsResponder()
    : datagrams_(::socket(AF_INET, SOCK_DGRAM, 0)), listener_(::socket(AF_INET, SOCK_STREAM, 0)) {
  // A port that is free for one protocol may be taken for the other.
  for (int attempt = 0; port_ == 0 && attempt < 50; ++attempt) {
    if (!bind_to(listener_, 0)) throw std::runtime_error("cannot bind to 127.0.0.1");
    sockaddr_in address{};
    socklen_t size = sizeof address;
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    if (bind_to(datagrams_, ntohs(address.sin_port))) {
      port_ = ntohs(address.sin_port);
    } else {
      ::close(listener_);
      listener_ = ::socket(AF_INET, SOCK_STREAM, 0);
    }
  }
  if (port_ == 0 || ::listen(listener_, 16) != 0) throw std::runtime_error("no port for the DNS");
  thread_ = std::thread([this] { serve(); });
}

DnsResponder::~DnsResponder() {
  ending_ = true;
  ::shutdown(listener_, SHUT_RDWR);  // wakes the poll
  thread_.join();
  ::close(listener_);
  ::close(datagrams_);
}

std::string DnsResponder::address() const {
  return "127.0.0.1@" + std::to_string(port_);
}

int DnsResponder::questions(const std::string& name, DnsType type) {
  const std::scoped_lock lock(mutex_);
  return questions_[{name, type}];
}

void DnsResponder::answer(const std::string& name, DnsType type, DnsReplyScript script) {
  const std::scoped_lock lock(mutex_);
  scripts_[{name, type}] = std::move(script);
}

void DnsResponder::add(const std::string& name, DnsType type, std::string rdata) {
  const std::scoped_lock lock(mutex_);
  scripts_[{name, type}].rdata.push_back(std::move(rdata));
}

void DnsResponder::mx(const std::string& name, int preference, const std::string& exchange) {
  add(name, DnsType::mx, number16(static_cast<unsigned>(preference)) + wire_name(exchange));
}

void DnsResponder::a(const std::string& name, const std::string& address) {
  in_addr octets{};
  if (::inet_pton(AF_INET, address.c_str(), &octets) != 1) throw std::invalid_argument(address);
  add(name, DnsType::a, {reinterpret_cast<const char*>(&octets), sizeof octets});
}

void DnsResponder::aaaa(const std::string& name, const std::string& address) {
  in6_addr octets{};
  if (::inet_pton(AF_INET6, address.c_str(), &octets) != 1) throw std::invalid_argument(address);
  add(name, DnsType::aaaa, {reinterpret_cast<const char*>(&octets), sizeof octets});
}

void DnsResponder::txt(const std::string& name, const std::string& text) {
  add(name, DnsType::txt, static_cast<char>(text.size()) + text);
}

void DnsResponder::fault(const std::string& name, DnsType type, Fault fault) {
  const std::scoped_lock lock(mutex_);
  scripts_[{name, type}].fault = fault;
}

void DnsResponder::server_failure(const std::string& name, DnsType type) {
  answer(name, type, {2, {}, Fault::none, {}});
}

void DnsResponder::no_data(const std::string& name, DnsType type) {
  answer(name, type, {});
}

void DnsResponder::serve() {
  while (!ending_) {
    pollfd sockets[] = {{datagrams_, POLLIN, 0}, {listener_, POLLIN, 0}};
    if (::poll(sockets, 2, -1) < 0 || ending_) continue;
    if (sockets[0].revents != 0) serve_datagram();
    if (sockets[1].revents != 0) serve_connection();
  }
}

void DnsResponder::serve_datagram() {
  char octets[65536];
  sockaddr_in from{};
  socklen_t size = sizeof from;
  const ssize_t count =
      ::recvfrom(datagrams_, octets, sizeof octets, 0, reinterpret_cast<sockaddr*>(&from), &size);
  if (count <= 0) return;
  const std::string said = reply({octets, static_cast<std::size_t>(count)}, true);
  if (said.empty()) return;
  ::sendto(datagrams_, said.data(), said.size(), 0, reinterpret_cast<const sockaddr*>(&from), size);
}

void DnsResponder::serve_connection() {
  const int socket = ::accept(listener_, nullptr, nullptr);
  if (socket < 0) return;
  char length[2];
  if (receive_exactly(socket, length, 2)) {
    std::string message(number16_at({length, 2}, 0), '\0');
    if (receive_exactly(socket, message.data(), message.size())) {
      const std::string said = reply(message, false);
      const std::string framed = number16(static_cast<unsigned>(said.size())) + said;
      if (!said.empty()) ::send(socket, framed.data(), framed.size(), MSG_NOSIGNAL);
    }
  }
  ::close(socket);
}

std::string DnsResponder::reply(std::string_view message, bool datagram) {
  if (message.size() < header_size + 5) return {};
  std::string name;
  std::size_t at = header_size;
  while (at < message.size() && message[at] != 0) {
    const auto length = static_cast<unsigned char>(message[at]);
    if (!name.empty()) name += '.';
    name += lower(message.substr(at + 1, length));
    at += 1U + length;
  }
  if (at + 5 > message.size()) return {};
  const auto type = static_cast<DnsType>(number16_at(message, at + 1));
  const std::string question(message.substr(header_size, at + 5 - header_size));

  const std::scoped_lock lock(mutex_);
  ++questions_[{name, type}];
  const auto known = scripts_.lower_bound({name, DnsType{}});
  const bool exists = known != scripts_.end() && known->first.first == name;
  const auto found = scripts_.find({name, type});
  const DnsReplyScript script = found != scripts_.end() ? found->second
                                : exists                ? DnsReplyScript{}
                                                        : DnsReplyScript{name_error, {}, {}, {}};
  if (script.fault == Fault::silent) return {};
  if (script.fault == Fault::rubbish) {
    return std::string(message.substr(0, 2)) + "\x84\x80" + std::string(60, '\xC0');
  }
  const bool truncated = datagram && script.fault == Fault::truncated;
  std::string records;
  unsigned count = 0;
  if (!script.alias.empty()) {
    records += record(name, DnsType::cname, wire_name(script.alias));
    ++count;
  }
  for (const std::string& rdata : script.rdata) {
    if (truncated) break;
    records += record(script.alias.empty() ? name : script.alias, type, rdata);
    ++count;
  }
  const bool negative = count == 0 && !truncated && script.response_code != 2;
  return std::string(message.substr(0, 2)) +
         number16(0x8580U | (truncated ? 0x0200U : 0U) |
                  static_cast<unsigned>(script.response_code)) +
         number16(1) + number16(count) + number16(negative ? 1 : 0) + number16(0) + question +
         records + (negative ? authority() : std::string());
}

}  // namespace postern::smtp::test
