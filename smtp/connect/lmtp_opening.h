// Greeting and LHLO (RFC 2033 §4.1) on an open connection, with the same transcript, time limits
// and faults as libcurl's EHLO.
#pragma once

#include <memory>
#include <optional>

#include "smtp/connect/fault.h"
#include "smtp/connect/transcript.h"
#include "smtp/io/async_event.h"
#include "smtp/io/socket_stream.h"

namespace postern::smtp {

class LmtpOpening {
 public:
  /// All arguments must outlive the opening.
  LmtpOpening(asio::io_context& context, SocketStream& stream, ConnectTranscript& transcript,
              const ClientOptions& options)
      : context_(context), stream_(stream), transcript_(transcript), options_(options) {}

  /// Returns nullopt once the server is ready for MAIL.
  asio::awaitable<std::optional<ConnectFailure>> run(std::shared_ptr<AsyncEvent> event,
                                                     const bool& stop);

 private:
  using Kind = ConnectFailure::Kind;
  using Result = std::optional<ConnectFailure>;
  /// Sends the command, if there is one, and reads a whole reply.
  asio::awaitable<Result> exchange(std::string_view command, std::chrono::milliseconds limit,
                                   std::shared_ptr<AsyncEvent> event, const bool& stop);
  [[nodiscard]] Result write(std::string_view& command);
  [[nodiscard]] Result read();
  [[nodiscard]] Result receive(std::string_view octets);
  [[nodiscard]] ConnectFailure failure(Kind kind, std::string detail) const;

  asio::io_context& context_;
  SocketStream& stream_;
  ConnectTranscript& transcript_;
  const ClientOptions& options_;
};

}  // namespace postern::smtp
