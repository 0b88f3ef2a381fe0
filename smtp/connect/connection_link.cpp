#include "smtp/connect/connection_link.h"

#include <utility>

namespace postern::smtp {

ConnectionLink::ConnectionLink(asio::io_context& context, Connection connection,
                               const Timeouts& timeouts)
    : watcher_(std::make_unique<DescriptorWatcher>(
          duplicate_for_watching(context, connection.stream->socket()))),
      link_(std::move(connection.stream), std::move(connection.server), std::move(connection.host),
            timeouts) {
  link_.dialogue().opened_with(std::move(connection.transcript), std::move(connection.mask));
}

// What watches the connection goes before it is closed.
ConnectionLink::~ConnectionLink() {
  watcher_.reset();
}

}  // namespace postern::smtp
