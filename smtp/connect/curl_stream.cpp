#include "smtp/connect/curl_stream.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

namespace postern::smtp {
namespace {

constexpr std::size_t largest_record = std::size_t{16} * 1024;  ///< of TLS (RFC 8446 §5.1)
constexpr std::size_t long_flight = 2 * largest_record;

StreamResult result_of(CURLcode code, std::size_t octets) {
  using State = StreamResult::State;
  if (code == CURLE_AGAIN) return {};
  if (code != CURLE_OK) return {State::closed, 0, curl_easy_strerror(code)};
  if (octets == 0) return {State::closed, 0, "the server closed the connection"};
  return {State::moved, octets, {}};
}

}  // namespace

void CurlStream::touch() {
  std::array<char, 4096> octets;
  StreamResult result = read(octets);
  if (result.state == StreamResult::State::moved) early_.assign(octets.data(), result.octets);
}

int CurlStream::socket() const {
  curl_socket_t socket = CURL_SOCKET_BAD;
  curl_easy_getinfo(handle_->get(), CURLINFO_ACTIVESOCKET, &socket);
  return socket;
}

StreamResult CurlStream::read(std::span<char> into) {
  if (!early_.empty()) {
    const std::size_t count = std::min(into.size(), early_.size());
    std::memcpy(into.data(), early_.data(), count);
    early_.erase(0, count);
    return {StreamResult::State::moved, count, {}, true};
  }
  std::size_t count = 0;
  const CURLcode code = curl_easy_recv(handle_->get(), into.data(), into.size(), &count);
  StreamResult result = result_of(code, count);
  result.more = guard_->holds_octets();
  return result;
}

// Each call sends one record of TLS. Those of a long flight leave in whole segments, which wakes
// the other side less often; what is left behind the last one of them goes at once.
StreamResult CurlStream::write(std::string_view octets) {
  const bool more_follows = octets.size() > largest_record;
  if (octets.size() > long_flight && guard_->has_session()) hold_back(true);
  std::size_t count = 0;
  const CURLcode code = curl_easy_send(handle_->get(), octets.data(), octets.size(), &count);
  if (!more_follows) hold_back(false);
  if (code == CURLE_OK && count == 0) return {};
  return result_of(code, count);
}

void CurlStream::hold_back(bool on) {
  if (on == holding_back_) return;
  const int value = on ? 1 : 0;
  if (::setsockopt(socket(), IPPROTO_TCP, TCP_CORK, &value, sizeof value) == 0) holding_back_ = on;
}

}  // namespace postern::smtp
