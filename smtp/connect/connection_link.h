// A link on the network: the connection libcurl has opened, and waiting for its readiness.
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
  /// Raises the event once the connection is readable, or writable where that is asked for.
  void watch(const std::shared_ptr<AsyncEvent>& event, bool writable) {
    watcher_->watch(event, writable);
  }

 private:
  std::unique_ptr<DescriptorWatcher> watcher_;
  Link link_;
};

}  // namespace postern::smtp
