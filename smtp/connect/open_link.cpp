#include "smtp/connect/open_link.h"

#include <utility>

namespace postern::smtp {

OpenLink::OpenLink(asio::io_context& context, Connection connection, const Timeouts& timeouts)
    : readiness_(std::make_unique<Readiness>(
          duplicate_for_watching(context, connection.stream->socket()))),
      link_(std::move(connection.stream), std::move(connection.server), std::move(connection.host),
            timeouts) {
  link_.dialogue().opened_with(std::move(connection.transcript), std::move(connection.mask));
}

// What watches the connection goes before it is closed.
OpenLink::~OpenLink() {
  readiness_.reset();
}

}  // namespace postern::smtp
