#include "smtp/io/curl_handle.h"

#include <cerrno>
#include <new>
#include <sys/socket.h>
#include <utility>

namespace postern::smtp {

CurlHandle::CurlHandle(CurlMulti& multi, std::shared_ptr<void> owner)
    : owner_(std::move(owner)), multi_(multi), easy_(curl_easy_init()) {
  if (easy_ == nullptr) throw std::bad_alloc();
  curl_easy_setopt(easy_, CURLOPT_PROXY, "");
  curl_easy_setopt(easy_, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy_, CURLOPT_FRESH_CONNECT, 1L);
  curl_easy_setopt(easy_, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  curl_easy_setopt(easy_, CURLOPT_CAPATH, nullptr);  // Debian's default defeats the CA cache
  curl_easy_setopt(easy_, CURLOPT_OPENSOCKETFUNCTION, &CurlHandle::on_open_socket);
  curl_easy_setopt(easy_, CURLOPT_OPENSOCKETDATA, this);
}

curl_socket_t CurlHandle::on_open_socket(void* self, curlsocktype,
                                         curl_sockaddr* address) noexcept {
  const int socket = ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
  // A kind of address that this machine does not speak says nothing of the others.
  if (socket < 0 && errno != EAFNOSUPPORT) {
    static_cast<CurlHandle*>(self)->socket_error_ = {errno, std::generic_category()};
  }
  return socket;
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

}  // namespace postern::smtp
