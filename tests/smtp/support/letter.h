// What most tests of the engine send, to whom, and what their server offers.
#pragma once

#include <string_view>

#include "tests/smtp/support/scripted_server.h"

namespace postern::smtp::test {

inline const TextSource letter("Subject: x\r\n\r\nbody\r\n");
inline const Envelope to_one = envelope_to({"a@x.example"});
inline constexpr std::string_view plain = "250-test.example\r\n250-PIPELINING\r\n250 8BITMIME\r\n";

}  // namespace postern::smtp::test
