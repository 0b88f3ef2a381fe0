// Waiting until a descriptor can be read from or written to.
#pragma once

#include <memory>

#include <boost/asio/posix/stream_descriptor.hpp>

#include "smtp/io/async_event.h"

namespace postern::smtp {

/// A duplicate of the descriptor for Asio to watch, so that its owner and Asio can each close their
/// own. It must be closed first, or the connection stays open. Throws std::system_error if no
/// descriptor is left.
asio::posix::stream_descriptor duplicate_for_watching(asio::io_context& context, int descriptor);

class DescriptorWatcher {
 public:
  /// Owns the descriptor.
  explicit DescriptorWatcher(asio::posix::stream_descriptor descriptor);
  ~DescriptorWatcher();
  DescriptorWatcher(const DescriptorWatcher&) = delete;
  DescriptorWatcher& operator=(const DescriptorWatcher&) = delete;

  /// Sets the event once the descriptor is readable, or writable if that is asked for.
  void watch(const std::shared_ptr<AsyncEvent>& event, bool writable);
  [[nodiscard]] int descriptor() const;

 private:
  struct State;
  static void wait(const std::shared_ptr<State>& state, const std::shared_ptr<AsyncEvent>& event,
                   bool writable);
  std::shared_ptr<State> state_;
};

}  // namespace postern::smtp
