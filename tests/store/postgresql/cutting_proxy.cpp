#include "tests/store/postgresql/cutting_proxy.h"

#include <array>
#include <cstring>
#include <poll.h>
#include <stdexcept>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <utility>

namespace postern::store::test {
namespace {

constexpr const char* socket_name = ".s.PGSQL.5432";
constexpr int look_every_milliseconds = 20;

sockaddr_un address_of(const std::filesystem::path& directory) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const auto path = (directory / socket_name).string();
  if (path.size() >= sizeof address.sun_path) throw std::runtime_error(path + " is too long");
  std::memcpy(static_cast<char*>(address.sun_path), path.data(), path.size());
  return address;
}

int make_socket() {
  return ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
}

bool write_all(int descriptor, const char* octets, std::size_t size) {
  while (size > 0) {
    const auto written = ::send(descriptor, octets, size, MSG_NOSIGNAL);
    if (written <= 0) return false;
    octets += written;
    size -= static_cast<std::size_t>(written);
  }
  return true;
}

}  // namespace

CuttingProxy::CuttingProxy(const std::filesystem::path& directory, std::filesystem::path server)
    : server_(std::move(server)), listener_(make_socket()) {
  const auto address = address_of(directory);
  const auto* generic = reinterpret_cast<const sockaddr*>(&address);
  if (::bind(listener_, generic, sizeof address) != 0 || ::listen(listener_, SOMAXCONN) != 0) {
    throw std::runtime_error("the proxy cannot listen");
  }
  thread_ = std::thread([this] { serve(); });
}

CuttingProxy::~CuttingProxy() {
  ending_ = true;
  thread_.join();
  for (auto& connection : connections_) connection.join();
  ::close(listener_);
}

void CuttingProxy::cut_after(std::size_t octets) {
  left_ = static_cast<std::ptrdiff_t>(octets);
  ++generation_;
}

void CuttingProxy::serve() {
  while (!ending_) {
    pollfd watched{.fd = listener_, .events = POLLIN, .revents = 0};
    if (::poll(&watched, 1, look_every_milliseconds) <= 0) continue;
    const int client = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    const int generation = generation_ + 1;
    if (client >= 0) connections_.emplace_back([=, this] { pass(client, generation); });
  }
}

void CuttingProxy::pass(int client, int generation) {
  const int server = make_socket();
  const auto address = address_of(server_);
  std::array<char, 65536> octets{};
  bool goes_on =
      ::connect(server, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  const auto is_to_be_cut = [&] { return generation <= generation_; };
  while (goes_on && !ending_ && !(is_to_be_cut() && has_cut())) {
    std::array watched{pollfd{.fd = client, .events = POLLIN, .revents = 0},
                       pollfd{.fd = server, .events = POLLIN, .revents = 0}};
    ::poll(watched.data(), watched.size(), look_every_milliseconds);
    if (watched[0].revents != 0) {
      const auto size = ::read(client, octets.data(), octets.size());
      goes_on = size > 0 && write_all(server, octets.data(), static_cast<std::size_t>(size));
    }
    if (!goes_on || watched[1].revents == 0) continue;
    const auto size = ::read(server, octets.data(), octets.size());
    if (size <= 0) break;
    passed_ += static_cast<std::size_t>(size);
    if (is_to_be_cut() && (left_ -= size) < 0) break;
    goes_on = write_all(client, octets.data(), static_cast<std::size_t>(size));
  }
  ::close(client);
  ::close(server);
}

}  // namespace postern::store::test
