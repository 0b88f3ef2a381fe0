// A Connector of its own, run until one connection is open or has failed.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "smtp/connect/connector.h"
#include "tests/smtp/support/network_server.h"

namespace postern::smtp::test {

/// What a server offers that has neither TLS nor AUTH.
inline constexpr std::string_view pipelining = "250-test.example\r\n250 PIPELINING\r\n";

/// A connection, or the fault in its place.
struct Opened {
  std::shared_ptr<void> origin;  ///< which the connection must not outlive
  std::optional<Connection> connection;
  RouteFault fault;
  std::optional<TlsFailure> tls_failure;

  [[nodiscard]] bool open() const { return connection.has_value(); }
  [[nodiscard]] const std::string& why() const { return fault.outcome.text; }
};

class Connecting {
 public:
  explicit Connecting(ClientOptions options = {});
  Opened connect(const ConnectTarget& target);

 private:
  struct Origin;
  std::shared_ptr<Origin> origin_;
};

/// A target on 127.0.0.1.
ConnectTarget target_at(int port, TlsPolicy policy, const std::string& scheme = "smtp",
                        const std::string& credentials = "");

/// A file with a text, for as long as this lives.
class TextFile {
 public:
  explicit TextFile(const std::string& text);
  ~TextFile();
  TextFile(const TextFile&) = delete;
  TextFile& operator=(const TextFile&) = delete;
  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] std::string text() const;

 private:
  std::string path_;
};

}  // namespace postern::smtp::test
