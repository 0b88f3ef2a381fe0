// A small SMTP server on 127.0.0.1 for tests of the real engine: a thread per connection, each
// playing a piece of code, with TLS where the code asks for it.
#pragma once

#include <atomic>
#include <functional>
#include <initializer_list>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include <openssl/ssl.h>

namespace postern::smtp::test {

/// A certificate for the given names, made now, self-signed unless there is an issuer. Its PEM file
/// holds its key as well and serves as the authority.
class Certificate {
 public:
  /// `names` as in subjectAltName: "DNS:localhost,IP:127.0.0.1".
  explicit Certificate(const std::string& names, int days = 1, const Certificate* issuer = nullptr);
  ~Certificate();
  Certificate(const Certificate&) = delete;
  Certificate& operator=(const Certificate&) = delete;
  [[nodiscard]] const std::string& file() const { return file_; }
  [[nodiscard]] SSL_CTX* context() const { return context_; }
  [[nodiscard]] X509* x509() const { return SSL_CTX_get0_certificate(context_); }
  /// SHA-256, as lower-case hex.
  [[nodiscard]] std::string fingerprint() const;
  [[nodiscard]] std::string key_fingerprint() const;

 private:
  SSL_CTX* context_;
  std::string file_;
};

/// For localhost and 127.0.0.1, made once.
const Certificate& localhost_certificate();

/// Makes what a play has written before it spoke visible here, where it was heard: sockets order
/// the two, but neither the language nor ThreadSanitizer knows.
void synchronise_with_plays();

/// One connection, from the server's side. The functions throw Gone when the client has left.
class Peer {
 public:
  struct Gone {};
  /// What it says comes in pieces, cut at random places, where the environment has a
  /// POSTERN_TEST_CUTS, which is a seed.
  explicit Peer(int socket);
  ~Peer();
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;

  void say(std::string_view octets);
  /// The line again and again, until the client leaves.
  [[noreturn]] void say_endlessly(std::string_view line);
  /// In one segment, but with TLS each of them in a record of its own.
  void say_together(std::initializer_list<std::string_view> pieces);
  /// The next line without its end.
  std::string line();
  /// The content up to its dot, which is taken off; stuffed dots stay.
  std::string content();
  void start_tls(const Certificate& certificate);
  /// Whatever has come, at least one octet.
  std::string take();
  /// The same with TLS 1.2, with these octets in one segment with the handshake's end.
  void start_tls_and_say(const Certificate& certificate, std::string_view octets);
  /// Whether the handshake resumed a session.
  [[nodiscard]] bool resumed() const { return SSL_session_reused(tls_) == 1; }
  /// Whether octets of the client wait to be taken.
  [[nodiscard]] bool more();
  void close();
  void reset();  ///< closes with RST
  [[nodiscard]] int socket() const { return socket_; }

  /// Greets, and plays EHLO up to its reply. Returns the EHLO line.
  std::string greet(std::string_view ehlo);
  /// Plays willing transactions until the client leaves. `takes` is called with each content.
  void serve(const std::function<void(const std::string&)>& takes = {});
  /// One willing transaction up to the 354.
  void take_envelope();

 private:
  void fill();
  void send(std::string_view octets);
  /// Nothing leaves before there is a whole segment, or a while has passed, or this is off again.
  void hold_back(bool on) const;

  int socket_;
  std::optional<std::mt19937> cuts_;
  SSL* tls_ = nullptr;
  std::string buffer_;
};

class NetworkServer {
 public:
  using Play = std::function<void(Peer&, int connection)>;  ///< connections are counted from 0

  /// `buffers`: SO_RCVBUF and SO_SNDBUF of its connections, in octets; 0: the system's.
  explicit NetworkServer(Play play, int buffers = 0);
  /// At another loopback address, and at the port of `like`.
  NetworkServer(Play play, const std::string& address, const NetworkServer& like);
  ~NetworkServer();
  NetworkServer(const NetworkServer&) = delete;
  NetworkServer& operator=(const NetworkServer&) = delete;

  [[nodiscard]] int port() const { return port_; }
  [[nodiscard]] int connections() const { return connections_; }
  [[nodiscard]] int most_at_once() const { return most_at_once_; }

 private:
  NetworkServer(Play play, int buffers, const std::string& address, int port);
  void accept_all();

  Play play_;
  int listener_;
  int port_ = 0;
  std::atomic<int> connections_ = 0;
  std::atomic<int> open_ = 0;
  std::atomic<int> most_at_once_ = 0;
  std::mutex mutex_;
  std::list<int> sockets_;
  std::list<std::thread> threads_;
  std::thread acceptor_;
};

}  // namespace postern::smtp::test
