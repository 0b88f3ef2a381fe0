#include "bench/sink/sink_connection.h"

#include <cerrno>
#include <stdexcept>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/err.h>

namespace postern::bench {
namespace {

constexpr std::size_t tls_buffer = std::size_t{128} * 1024;  ///< several records with one read

bool would_block() {
  return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
}

}  // namespace

TlsContext make_tls_context(const std::string& certificate, const std::string& key) {
  TlsContext context(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
  if (!context || SSL_CTX_use_certificate_chain_file(context.get(), certificate.c_str()) != 1 ||
      SSL_CTX_use_PrivateKey_file(context.get(), key.c_str(), SSL_FILETYPE_PEM) != 1) {
    throw std::runtime_error("cannot use the certificate " + certificate + " with the key " + key);
  }
  SSL_CTX_set_mode(context.get(),
                   SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_read_ahead(context.get(), 1);
  SSL_CTX_set_default_read_buffer_len(context.get(), tls_buffer);
  return context;
}

SinkConnection::SinkConnection(int socket, SSL_CTX* context)
    : socket_(socket), context_(context), dialogue_(context != nullptr, replies_) {}

SinkConnection::~SinkConnection() {
  SSL_free(tls_);
  ::close(socket_);
}

bool SinkConnection::serve(std::span<char> buffer) {
  if (write_replies() == Moved::ended) return false;
  // The socket does not become readable for octets that OpenSSL has buffered.
  while (!waits_to_write_) {
    std::size_t octets = 0;
    const Moved moved = read(buffer, octets);
    if (moved == Moved::ended) return false;
    if (moved == Moved::blocked) break;
    const auto state = dialogue_.take({buffer.data(), octets}, replies_);
    if (state == SinkDialogue::State::closed) {
      write_replies();
      return false;
    }
    if (state == SinkDialogue::State::start_tls) {
      if (write_replies() != Moved::some) return false;
      start_tls();
    } else if (tls_ == nullptr || SSL_has_pending(tls_) == 0) {
      break;
    }
  }
  return write_replies() != Moved::ended;
}

SinkConnection::Moved SinkConnection::read(std::span<char> buffer, std::size_t& octets) {
  if (tls_ != nullptr) {
    return tls_result(SSL_read_ex(tls_, buffer.data(), buffer.size(), &octets));
  }
  const ssize_t got = ::recv(socket_, buffer.data(), buffer.size(), 0);
  if (got < 0) return would_block() ? Moved::blocked : Moved::ended;
  octets = static_cast<std::size_t>(got);
  return got == 0 ? Moved::ended : Moved::some;
}

SinkConnection::Moved SinkConnection::write_replies() {
  waits_to_write_ = false;
  while (!replies_.empty()) {
    std::size_t taken = 0;
    Moved moved = Moved::some;
    if (tls_ != nullptr) {
      moved = tls_result(SSL_write_ex(tls_, replies_.data(), replies_.size(), &taken));
    } else {
      const ssize_t sent = ::send(socket_, replies_.data(), replies_.size(), MSG_NOSIGNAL);
      if (sent < 0) {
        moved = would_block() ? Moved::blocked : Moved::ended;
        waits_to_write_ = moved == Moved::blocked;
      } else {
        taken = static_cast<std::size_t>(sent);
      }
    }
    if (moved != Moved::some) return moved;
    replies_.erase(0, taken);
  }
  return Moved::some;
}

SinkConnection::Moved SinkConnection::tls_result(int result) {
  if (result == 1) return Moved::some;
  switch (SSL_get_error(tls_, result)) {
    case SSL_ERROR_WANT_WRITE:
      waits_to_write_ = true;
      return Moved::blocked;
    case SSL_ERROR_WANT_READ:
      return Moved::blocked;
    default:
      ERR_clear_error();
      return Moved::ended;
  }
}

void SinkConnection::start_tls() {
  tls_ = SSL_new(context_);
  SSL_set_fd(tls_, socket_);
  SSL_set_accept_state(tls_);
}

}  // namespace postern::bench
