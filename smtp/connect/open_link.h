// A link on the network: the connection libcurl has opened, and waiting for its readiness.
#pragma once

#include <memory>

#include "smtp/connect/connector.h"
#include "smtp/dialogue/link.h"
#include "smtp/io/readiness.h"

namespace postern::smtp {

class OpenLink {
 public:
  OpenLink(asio::io_context& context, Connection connection, const Timeouts& timeouts);
  ~OpenLink();
  OpenLink(const OpenLink&) = delete;
  OpenLink& operator=(const OpenLink&) = delete;

  [[nodiscard]] Link& link() { return link_; }
  /// Raises the signal once the connection is readable, or writable where that is asked for.
  void watch(const std::shared_ptr<Signal>& signal, bool writable) {
    readiness_->watch(signal, writable);
  }

 private:
  std::unique_ptr<Readiness> readiness_;
  Link link_;
};

}  // namespace postern::smtp
