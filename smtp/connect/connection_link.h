// A link over the network: the connection that libcurl has opened, and the wait for its socket.
#pragma once

#include <memory>

#include "smtp/connect/connector.h"
#include "smtp/dialogue/link.h"
#include "smtp/io/descriptor_watcher.h"

namespace postern::smtp {

class ConnectionLink {
 public:
  ConnectionLink(asio::io_context& context, Connection connection, const Timeouts& timeouts);
  ~ConnectionLink();
  ConnectionLink(const ConnectionLink&) = delete;
  ConnectionLink& operator=(const ConnectionLink&) = delete;

  [[nodiscard]] Link& link() { return link_; }
  /// Sets the event once the connection is readable, or writable if that is asked for.
  void watch(const std::shared_ptr<AsyncEvent>& event, bool writable) {
    watcher_->watch(event, writable);
  }

 private:
  std::unique_ptr<DescriptorWatcher> watcher_;
  Link link_;
};

}  // namespace postern::smtp
