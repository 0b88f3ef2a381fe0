#include "tests/smtp/support/network_server.h"

#include <algorithm>
#include <arpa/inet.h>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdexcept>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

namespace postern::smtp::test {
namespace {

X509* make_certificate(EVP_PKEY* key, const std::string& names, int days, EVP_PKEY* issuer_key,
                       X509* issuer) {
  static std::atomic<long> serial = 0;
  const long number = ++serial;
  const std::string common_name = "postern test " + std::to_string(number);
  X509* certificate = X509_new();
  X509_set_version(certificate, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), number);
  X509_gmtime_adj(X509_getm_notBefore(certificate), days < 0 ? days * 2L * 86400 : -60);
  X509_gmtime_adj(X509_getm_notAfter(certificate), days * 86400L);
  X509_set_pubkey(certificate, key);
  X509_NAME* name = X509_get_subject_name(certificate);
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(common_name.c_str()), -1, -1,
                             0);
  X509_set_issuer_name(certificate, issuer != nullptr ? X509_get_subject_name(issuer) : name);
  const std::pair<int, std::string> extensions[] = {{NID_basic_constraints, "critical,CA:TRUE"},
                                                    {NID_subject_alt_name, names}};
  for (const auto& [id, value] : extensions) {
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, nullptr, id, value.c_str());
    X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
  }
  X509_sign(certificate, issuer_key != nullptr ? issuer_key : key, EVP_sha256());
  return certificate;
}

std::string hex(const unsigned char* octets, unsigned int size) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string text;
  for (unsigned int index = 0; index < size; ++index) {
    text += digits[octets[index] >> 4];
    text += digits[octets[index] & 15];
  }
  return text;
}

}  // namespace

Certificate::Certificate(const std::string& names, int days, const Certificate* issuer)
    : context_(SSL_CTX_new(TLS_server_method())) {
  EVP_PKEY* key = EVP_EC_gen("P-256");
  X509* certificate = make_certificate(
      key, names, days, issuer != nullptr ? SSL_CTX_get0_privatekey(issuer->context()) : nullptr,
      issuer != nullptr ? issuer->x509() : nullptr);
  SSL_CTX_use_PrivateKey(context_, key);
  SSL_CTX_use_certificate(context_, certificate);
  if (issuer != nullptr) SSL_CTX_add1_chain_cert(context_, issuer->x509());
  char path[] = "/tmp/postern-smtp-test-XXXXXX";
  const int descriptor = ::mkstemp(path);
  file_ = path;
  FILE* file = ::fdopen(descriptor, "w");
  PEM_write_X509(file, certificate);
  PEM_write_PrivateKey(file, key, nullptr, nullptr, 0, nullptr, nullptr);
  std::fclose(file);
  X509_free(certificate);
  EVP_PKEY_free(key);
}

std::string Certificate::fingerprint() const {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  X509_digest(x509(), EVP_sha256(), digest, &size);
  return hex(digest, size);
}

std::string Certificate::key_fingerprint() const {
  unsigned char* octets = nullptr;
  const int length = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(x509()), &octets);
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  EVP_Digest(octets, static_cast<std::size_t>(length), digest, &size, EVP_sha256(), nullptr);
  OPENSSL_free(octets);
  return hex(digest, size);
}

Certificate::~Certificate() {
  SSL_CTX_free(context_);
  ::unlink(file_.c_str());
}

const Certificate& localhost_certificate() {
  static const Certificate certificate("DNS:localhost,IP:127.0.0.1");
  return certificate;
}

void synchronise_with_plays() {
  static std::mutex mutex;
  const std::scoped_lock lock(mutex);
}

Peer::~Peer() {
  close();
}

void Peer::close() {
  if (tls_ != nullptr) SSL_free(tls_);
  tls_ = nullptr;
  if (socket_ >= 0) ::shutdown(socket_, SHUT_RDWR);
  socket_ = -1;
}

void Peer::reset() {
  const linger at_once{1, 0};
  ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  // A descriptor of its own is closed for the connection's end to be now: the owner's stays.
  const int nothing = ::open("/dev/null", O_RDWR);
  ::dup2(nothing, socket_);
  ::close(nothing);
  socket_ = -1;
}

Peer::Peer(int socket) : socket_(socket) {
  static std::atomic<unsigned> peers = 0;
  if (const char* seed = std::getenv("POSTERN_TEST_CUTS")) {
    cuts_.emplace(static_cast<unsigned>(std::atoi(seed)) + ++peers);
  }
}

void Peer::say(std::string_view octets) {
  synchronise_with_plays();
  while (cuts_ && octets.size() > 1) {
    const std::size_t piece = 1 + (*cuts_)() % octets.size();
    send(octets.substr(0, piece));
    octets.remove_prefix(piece);
    std::this_thread::sleep_for(std::chrono::microseconds(200));  // or they would come as one
  }
  send(octets);
}

void Peer::send(std::string_view octets) {
  while (!octets.empty()) {
    const auto sent = tls_ != nullptr
                          ? SSL_write(tls_, octets.data(), static_cast<int>(octets.size()))
                          : ::send(socket_, octets.data(), octets.size(), MSG_NOSIGNAL);
    if (sent <= 0) throw Gone{};
    octets.remove_prefix(static_cast<std::size_t>(sent));
  }
}

void Peer::say_endlessly(std::string_view line) {
  std::string lines;
  for (int count = 0; count < 500; ++count) lines += line;
  for (;;) say(lines);
}

void Peer::say_together(std::initializer_list<std::string_view> pieces) {
  hold_back(true);
  for (const std::string_view piece : pieces) say(piece);
  hold_back(false);
}

void Peer::hold_back(bool on) const {
  const int value = on ? 1 : 0;
  ::setsockopt(socket_, IPPROTO_TCP, TCP_CORK, &value, sizeof value);
}

void Peer::fill() {
  char octets[65536];
  const auto count = tls_ != nullptr ? SSL_read(tls_, octets, sizeof octets)
                                     : ::recv(socket_, octets, sizeof octets, 0);
  if (count <= 0) throw Gone{};
  buffer_.append(octets, static_cast<std::size_t>(count));
}

std::string Peer::line() {
  std::size_t end = 0;
  while ((end = buffer_.find("\r\n")) == std::string::npos) fill();
  std::string text = buffer_.substr(0, end);
  buffer_.erase(0, end + 2);
  return text;
}

std::string Peer::content() {
  std::size_t searched = 0;
  std::size_t end = 0;
  while ((end = buffer_.find("\r\n.\r\n", searched)) == std::string::npos) {
    searched = buffer_.size() < 4 ? 0 : buffer_.size() - 4;
    fill();
  }
  std::string text = buffer_.substr(0, end + 2);
  buffer_.erase(0, end + 5);
  return text;
}

std::string Peer::take() {
  if (buffer_.empty()) fill();
  return std::exchange(buffer_, {});
}

bool Peer::more() {
  if (!buffer_.empty() || (tls_ != nullptr && SSL_pending(tls_) > 0)) return true;
  pollfd readable{socket_, POLLIN, 0};
  return ::poll(&readable, 1, 50) > 0;
}

void Peer::start_tls(const Certificate& certificate) {
  tls_ = SSL_new(certificate.context());
  SSL_set_fd(tls_, socket_);
  if (SSL_accept(tls_) <= 0) throw Gone{};
}

void Peer::start_tls_and_say(const Certificate& certificate, std::string_view octets) {
  hold_back(true);
  tls_ = SSL_new(certificate.context());
  SSL_set_max_proto_version(tls_, TLS1_2_VERSION);
  SSL_set_fd(tls_, socket_);
  if (SSL_accept(tls_) <= 0) throw Gone{};
  say(octets);
  hold_back(false);
}

std::string Peer::greet(std::string_view ehlo) {
  say("220 test.example ESMTP\r\n");
  std::string hello = line();
  say(ehlo);
  return hello;
}

void Peer::take_envelope() {
  for (;;) {
    const std::string command = line();
    if (command == "DATA") return say("354 go ahead\r\n");
    if (command == "QUIT") {
      say("221 bye\r\n");
      throw Gone{};
    }
    say("250 2.0.0 ok\r\n");
  }
}

void Peer::serve(const std::function<void(const std::string&)>& takes) {
  for (;;) {
    take_envelope();
    const std::string text = content();
    if (takes) takes(text);
    say("250 2.0.0 taken\r\n");
  }
}

NetworkServer::NetworkServer(Play play, int buffers)
    : NetworkServer(std::move(play), buffers, "127.0.0.1", 0) {}

NetworkServer::NetworkServer(Play play, const std::string& own_address, const NetworkServer& like)
    : NetworkServer(std::move(play), 0, own_address, like.port()) {}

NetworkServer::NetworkServer(Play play, int buffers, const std::string& own_address, int own_port)
    : play_(std::move(play)), listener_(::socket(AF_INET, SOCK_STREAM, 0)) {
  std::signal(SIGPIPE, SIG_IGN);  // this server's own TLS writes
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(own_port));
  ::inet_pton(AF_INET, own_address.c_str(), &address.sin_addr);
  if (own_port != 0) {  // another test's server may have closed connections there just before
    const int on = 1;
    ::setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  }
  if (buffers > 0) {
    ::setsockopt(listener_, SOL_SOCKET, SO_RCVBUF, &buffers, sizeof buffers);
    ::setsockopt(listener_, SOL_SOCKET, SO_SNDBUF, &buffers, sizeof buffers);
  }
  if (::bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 ||
      ::listen(listener_, 64) != 0) {
    throw std::runtime_error("cannot listen on " + own_address);
  }
  socklen_t size = sizeof address;
  ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
  port_ = ntohs(address.sin_port);
  acceptor_ = std::thread([this] { accept_all(); });
}

NetworkServer::~NetworkServer() {
  ::shutdown(listener_, SHUT_RDWR);
  acceptor_.join();
  {
    const std::scoped_lock lock(mutex_);
    for (const int socket : sockets_) ::shutdown(socket, SHUT_RDWR);
  }
  for (std::thread& thread : threads_) thread.join();
  for (const int socket : sockets_) ::close(socket);
  ::close(listener_);
}

void NetworkServer::accept_all() {
  for (;;) {
    const int socket = ::accept(listener_, nullptr, nullptr);
    if (socket < 0 && errno == EMFILE) {  // a test has taken the descriptors away for a time
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
      continue;
    }
    if (socket < 0) return;
    const int on = 1;  // replies must not wait for the client's acknowledgements
    ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    const int number = connections_++;
    most_at_once_ = std::max<int>(most_at_once_, ++open_);
    const std::scoped_lock lock(mutex_);
    sockets_.push_back(socket);
    threads_.emplace_back([this, socket, number] {
      Peer peer(socket);
      try {
        play_(peer, number);
      } catch (const Peer::Gone&) {
      }
      --open_;
    });
  }
}

}  // namespace postern::smtp::test
