// Opens connections to a relay through libcurl: name look-up, TCP, TLS or STARTTLS, EHLO, AUTH.
//
// What libcurl does not promise is demanded here: a whole dialogue of sound replies, an AUTH that
// was really answered 235, TLS where the policy asks for it. Credentials go over TLS only, save to
// a loopback relay for which TlsPolicy::none was asked for in so many words. All calls but the
// constructor's on the context's thread.
#pragma once

#include <memory>
#include <string>
#include <variant>

#include "smtp/client.h"
#include "smtp/connect_fault.h"
#include "smtp/connect_transcript.h"
#include "smtp/curl_multi.h"
#include "smtp/curl_stream.h"
#include "smtp/signal.h"

namespace postern::smtp {

struct Connection {
  std::unique_ptr<CurlStream> stream;
  Capabilities server;
  std::string host;  ///< "name[address]"
};

class Connector {
 public:
  /// Throws std::invalid_argument with one sentence where the options contradict each other or
  /// cannot be used.
  Connector(asio::io_context& context, ClientOptions options);
  ~Connector();
  Connector(const Connector&) = delete;
  Connector& operator=(const Connector&) = delete;

  /// `signal` wakes the attempt, which ends when `stop` has become true.
  asio::awaitable<std::variant<Connection, RouteFault>> connect(std::shared_ptr<Signal> signal,
                                                                const bool& stop);

 private:
  class Attempt;
  asio::awaitable<std::variant<Connection, ConnectFailure>> attempt(std::shared_ptr<Signal> signal,
                                                                    const bool& stop,
                                                                    TlsPolicy policy);

  ClientOptions options_;
  TlsPolicy policy_;
  CurlMulti multi_;
  CURLSH* share_;  ///< TLS sessions
};

}  // namespace postern::smtp
