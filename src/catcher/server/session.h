// Runs one dialogue over one connection, to its end.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ssl.hpp>

#include "catcher/catcher.h"
#include "catcher/dialogue/dialogue.h"
#include "catcher/server/connection.h"

namespace postern::catcher {

/// Never throws: every failure closes the connection. `tls` may be null if the options name no
/// certificate. All references must exist until the end.
boost::asio::awaitable<void> serve(ServerConnection& connection, ServerDialogue& dialogue,
                                   const CatcherOptions& options, boost::asio::ssl::context* tls);

}  // namespace postern::catcher
