// Runs the engine's work although resources run out meanwhile.
#pragma once

#include <boost/asio/io_context.hpp>

namespace postern::smtp {

namespace asio = boost::asio;

/// Runs the context until it is out of work. Where memory or a descriptor is missing in a handler,
/// what it was for runs into its time limit; the others go on. Throws what else a handler throws: a
/// bug.
void run_context(asio::io_context& context);

}  // namespace postern::smtp
