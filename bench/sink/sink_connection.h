// A connection of the benchmarks' SMTP server: a non-blocking socket, TLS on it from STARTTLS on,
// and the dialogue. Replies are written once for all that one reading brought.
//
// While the peer does not read its replies, no further octets are read from it, which bounds
// memory.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include <openssl/ssl.h>

#include "bench/sink/sink_dialogue.h"

namespace postern::bench {

using TlsContext = std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)>;

/// A server's TLS context with this certificate and key (PEM files); throws std::runtime_error.
TlsContext make_tls_context(const std::string& certificate, const std::string& key);

class SinkConnection {
 public:
  /// Owns the socket. Without a context STARTTLS is not offered.
  SinkConnection(int socket, SSL_CTX* context);
  ~SinkConnection();
  SinkConnection(const SinkConnection&) = delete;
  SinkConnection& operator=(const SinkConnection&) = delete;

  /// Reads and writes what it can now; `buffer` is scratch. Returns false at the connection's end.
  bool serve(std::span<char> buffer);
  /// What serve waits for: the socket to be writable, else readable.
  [[nodiscard]] bool waits_to_write() const { return waits_to_write_; }
  SinkDialogue& dialogue() { return dialogue_; }

 private:
  enum class Moved { some, blocked, ended };
  Moved read(std::span<char> buffer, std::size_t& octets);
  Moved write_replies();
  Moved tls_result(int result);
  void start_tls();

  const int socket_;
  SSL_CTX* const context_;
  SSL* tls_ = nullptr;
  std::string replies_;
  SinkDialogue dialogue_;
  bool waits_to_write_ = false;
};

}  // namespace postern::bench
