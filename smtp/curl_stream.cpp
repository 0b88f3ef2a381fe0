#include "smtp/curl_stream.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <new>

namespace postern::smtp {
namespace {

StreamResult result_of(CURLcode code, std::size_t octets) {
  using State = StreamResult::State;
  if (code == CURLE_AGAIN) return {};
  if (code != CURLE_OK) return {State::closed, 0, curl_easy_strerror(code)};
  if (octets == 0) return {State::closed, 0, "the server closed the connection"};
  return {State::moved, octets, {}};
}

}  // namespace

CurlHandle::CurlHandle(CurlMulti& multi) : multi_(multi), easy_(curl_easy_init()) {
  if (easy_ == nullptr) throw std::bad_alloc();
  curl_easy_setopt(easy_, CURLOPT_PROXY, "");
  curl_easy_setopt(easy_, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy_, CURLOPT_FRESH_CONNECT, 1L);
  curl_easy_setopt(easy_, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  curl_easy_setopt(easy_, CURLOPT_CAPATH, nullptr);  // Debian's default defeats the CA cache
}

CurlHandle::~CurlHandle() {
  multi_.remove(easy_);
  curl_easy_cleanup(easy_);
  curl_slist_free_all(connect_to_);
}

void CurlHandle::connect_to(const std::string& entry) {
  curl_slist* const longer = curl_slist_append(connect_to_, entry.c_str());
  if (longer == nullptr) throw std::bad_alloc();
  connect_to_ = longer;
  curl_easy_setopt(easy_, CURLOPT_CONNECT_TO, connect_to_);
}

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

StreamResult CurlStream::write(std::string_view octets) {
  std::size_t count = 0;
  const CURLcode code = curl_easy_send(handle_->get(), octets.data(), octets.size(), &count);
  if (code == CURLE_OK && count == 0) return {};
  return result_of(code, count);
}

}  // namespace postern::smtp
