// Why a connection could not be opened, as a RouteFault: one sentence that names the relay, and the
// proxy if there is one, quotes the server or the system, and says what to do about it. Its texts
// come from a ConnectTranscript, which has masked the secrets.
#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"
#include "smtp/client.h"
#include "smtp/dialogue/reply.h"

namespace postern::smtp {

/// How libcurl or we ended the attempt.
struct ConnectFailure {
  enum class Kind {
    no_such_host,
    unreachable,
    proxy,       ///< cannot be reached, or does not connect us
    proxy_auth,  ///< refuses the credentials
    timed_out,
    starttls_not_offered,
    handshake,
    certificate,  ///< not trusted
    fingerprint,  ///< not one that is required
    tlsa,         ///< no record matches
    ca_file,
    client_certificate,
    auth_not_offered,
    no_mechanism,    ///< `detail`: those that are offered
    token_refused,   ///< by `reply`
    no_credentials,  ///< `detail`: why
    no_token,        ///< `detail`: why; may be better next time
    refused,         ///< by `reply`
    not_smtp,
    lost,
    stopped,
    bad_target,    ///< `detail`: why
    no_resources,  ///< `detail`: which resource is exhausted here, and the cure
  };
  Kind kind;
  Stage stage;
  std::string detail;  ///< what libcurl or the system says of it
  Reply reply;         ///< refused, token_refused
  /// certificate, tlsa: OpenSSL's reason (X509_V_ERR_…).
  long verify_error = 0;
};

/// `proxy`: its text; empty if there is none.
RouteFault connect_fault(const ConnectFailure& failure, const Relay& relay, std::string_view proxy,
                         TimePoint now);

}  // namespace postern::smtp
