#include "smtp/io/descriptor_watcher.h"

#include <cerrno>
#include <fcntl.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace postern::smtp {

asio::posix::stream_descriptor duplicate_for_watching(asio::io_context& context, int descriptor) {
  const int duplicate = ::fcntl(descriptor, F_DUPFD_CLOEXEC, 0);
  if (duplicate < 0) throw std::system_error(errno, std::generic_category(), "dup");
  asio::posix::stream_descriptor watched(context);
  boost::system::error_code error;
  watched.assign(duplicate, error);
  if (!error) return watched;
  ::close(duplicate);
  throw std::system_error(error, "epoll");
}

struct DescriptorWatcher::State {
  asio::posix::stream_descriptor descriptor;
  bool waiting_in = false;
  bool waiting_out = false;
};

DescriptorWatcher::DescriptorWatcher(asio::posix::stream_descriptor descriptor)
    : state_(std::make_shared<State>(State{std::move(descriptor)})) {}

DescriptorWatcher::~DescriptorWatcher() {
  boost::system::error_code ignored;
  state_->descriptor.close(ignored);
}

int DescriptorWatcher::descriptor() const {
  return state_->descriptor.native_handle();
}

void DescriptorWatcher::watch(const std::shared_ptr<AsyncEvent>& event, bool writable) {
  if (!state_->waiting_in) wait(state_, event, false);
  if (writable && !state_->waiting_out) wait(state_, event, true);
}

void DescriptorWatcher::wait(const std::shared_ptr<State>& state,
                             const std::shared_ptr<AsyncEvent>& event, bool writable) {
  using Descriptor = asio::posix::stream_descriptor;
  (writable ? state->waiting_out : state->waiting_in) = true;
  state->descriptor.async_wait(writable ? Descriptor::wait_write : Descriptor::wait_read,
                               [state, event, writable](const boost::system::error_code&) {
                                 (writable ? state->waiting_out : state->waiting_in) = false;
                                 event->set_inline();
                               });
}

}  // namespace postern::smtp
