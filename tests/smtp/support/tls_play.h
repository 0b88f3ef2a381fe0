// The scripts of scripted_server.h played over the network and TLS to a real Client, so that a
// fault is met with libcurl and OpenSSL between it and the dialogue.
#pragma once

#include "tests/smtp/support/scripted_server.h"

namespace postern::smtp::test {

/// Carries the message over smtps:// with the certificate verified; the connections go to the
/// scripts in order. Time is the real one here, and all time-outs are short.
Played carry_over_tls(const std::vector<Script>& scripts, const Envelope& envelope,
                      const OctetSource& message);

}  // namespace postern::smtp::test
