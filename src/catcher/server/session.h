// Plays one dialogue over one connection, to its end.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ssl.hpp>

#include "catcher/catcher.h"
#include "catcher/dialogue/dialogue.h"
#include "catcher/server/connection.h"

namespace postern::catcher {

/// Never throws: whatever happens ends in a closed connection. `tls` may be null where the options
/// name no certificate. Everything passed must live until the end.
boost::asio::awaitable<void> serve(ServerConnection& connection, ServerDialogue& dialogue,
                                   const CatcherOptions& options, boost::asio::ssl::context* tls);

}  // namespace postern::catcher
