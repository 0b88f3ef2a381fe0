// A connection to an IMAP server on which libcurl has logged in, as a wire.
#pragma once

#include <memory>
#include <stdexcept>
#include <stop_token>

#include "transport/imap/mailbox.h"
#include "transport/imap_source.h"

namespace postern::transport::imap {

/// The connection cannot be made, or is lost; what to say of it, as the end of a sentence.
class ConnectionFault : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Connects, with TLS as the options say, and logs in. Throws ConnectionFault; also when `stop` is
/// requested, here and in each call of the wire.
std::unique_ptr<Wire> connect(const ImapSourceOptions& options, std::stop_token stop);

}  // namespace postern::transport::imap
