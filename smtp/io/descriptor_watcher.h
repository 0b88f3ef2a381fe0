// Waiting until a descriptor can be read from or written to.
#pragma once

#include <memory>

#include <boost/asio/posix/stream_descriptor.hpp>

#include "smtp/io/async_event.h"

namespace postern::smtp {

/// A descriptor that Asio watches for watcher. It is a duplicate, so that neither its owner nor
/// Asio is disturbed by the other's closing; it must go before the connection is to be closed.
/// Throws std::system_error if no descriptor is left.
asio::posix::stream_descriptor duplicate_for_watching(asio::io_context& context, int descriptor);

class DescriptorWatcher {
 public:
  /// Owns the descriptor.
  explicit DescriptorWatcher(asio::posix::stream_descriptor descriptor);
  ~DescriptorWatcher();
  DescriptorWatcher(const DescriptorWatcher&) = delete;
  DescriptorWatcher& operator=(const DescriptorWatcher&) = delete;

  /// Raises the event once the descriptor is readable, or writable where that is asked for.
  void watch(const std::shared_ptr<AsyncEvent>& event, bool writable);
  [[nodiscard]] int descriptor() const;

 private:
  struct State;
  static void wait(const std::shared_ptr<State>& state, const std::shared_ptr<AsyncEvent>& event,
                   bool writable);
  std::shared_ptr<State> state_;
};

}  // namespace postern::smtp
