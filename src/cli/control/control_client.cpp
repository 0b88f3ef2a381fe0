#include "cli/control/control_client.h"

#include <array>
#include <cerrno>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "cli/control/socket_address.h"
#include "mapi/error.h"

namespace postern::cli {
namespace {

constexpr timeval patience{10, 0};
/// Of thousands of routes, say.
constexpr std::size_t longest_answer = std::size_t{16} << 20;

/// The client's end of a connection to the spooler.
class ControlConnection {
 public:
  explicit ControlConnection(const SocketAddress& address)
      : path_(address.path().string()),
        descriptor_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    if (descriptor_ < 0) {
      throw mapi::system_failure(mapi::MAPI_E_CALL_FAILED, "a socket cannot be made", errno);
    }
    ::setsockopt(descriptor_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    ::setsockopt(descriptor_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  }
  ~ControlConnection() { ::close(descriptor_); }
  ControlConnection(const ControlConnection&) = delete;
  ControlConnection& operator=(const ControlConnection&) = delete;

  /// False if nobody listens.
  bool connect(const sockaddr_un& address) {
    const auto* generic = reinterpret_cast<const sockaddr*>(&address);
    if (::connect(descriptor_, generic, sizeof address) == 0) return true;
    if (errno == ENOENT || errno == ECONNREFUSED) return false;
    if (errno == EAGAIN) throw no_answer();
    throw mapi::system_failure(
        mapi::MAPI_E_NO_ACCESS,
        "the spooler's socket '" + path_ + "' cannot be opened; ask as the user that runs it",
        errno);
  }

  void send(std::string_view line) {
    while (!line.empty()) {
      const auto sent = ::send(descriptor_, line.data(), line.size(), MSG_NOSIGNAL);
      if (sent < 0 && errno == EINTR) continue;
      if (sent <= 0) throw no_answer();
      line.remove_prefix(static_cast<std::size_t>(sent));
    }
  }

  std::string receive_line() {
    std::string line;
    std::array<char, 4096> block{};
    while (line.size() < longest_answer) {
      const auto received = ::recv(descriptor_, block.data(), block.size(), 0);
      if (received < 0 && errno == EINTR) continue;
      if (received <= 0) break;
      line.append(block.data(), static_cast<std::size_t>(received));
      if (line.back() == '\n') return line;
    }
    throw no_answer();
  }

  [[nodiscard]] mapi::Failure no_answer() const {
    return {mapi::MAPI_E_BUSY,
            "the spooler at '" + path_ + "' gives no answer; look whether it is stopping or stuck"};
  }

 private:
  std::string path_;
  int descriptor_;
};

}  // namespace

std::optional<nlohmann::ordered_json> ask_spooler(const std::filesystem::path& store,
                                                  const std::string& request) {
  const SocketAddress address(store);
  ControlConnection connection(address);
  if (!connection.connect(address.address())) return std::nullopt;
  connection.send(request + '\n');
  auto answer = nlohmann::ordered_json::parse(connection.receive_line(), nullptr, false);
  if (!answer.is_object()) throw connection.no_answer();
  if (const auto error = answer.find("error"); error != answer.end() && error->is_string()) {
    throw mapi::Failure(mapi::MAPI_E_BUSY, "the spooler says: " + error->get<std::string>());
  }
  return answer;
}

}  // namespace postern::cli
