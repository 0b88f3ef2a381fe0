// Why a connection could not be opened, as a fault of the route: one sentence that names the relay,
// says what happened in the server's or the system's words, and what to do about it. Never a
// password in it, even where the server repeats one.
#pragma once

#include <string>
#include <string_view>

#include "smtp/client.h"
#include "smtp/moment.h"
#include "smtp/reply.h"

namespace postern::smtp {

/// How libcurl or we ended the attempt.
struct ConnectFailure {
  enum class Kind {
    no_such_host,
    unreachable,
    timed_out,
    starttls_not_offered,
    handshake,
    certificate,
    ca_file,
    auth_not_offered,
    no_mechanism,
    refused,  ///< by `reply`
    not_smtp,
    lost,
    stopped,
  };
  Kind kind;
  Stage stage;
  std::string detail;  ///< what libcurl or the system says of it
  Reply reply;         ///< refused
};

RouteFault connect_fault(const ConnectFailure& failure, const Relay& relay, Moment now);

}  // namespace postern::smtp
