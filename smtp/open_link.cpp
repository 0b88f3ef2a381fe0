#include "smtp/open_link.h"

#include <utility>

namespace postern::smtp {

struct OpenLink::Readiness {
  asio::posix::stream_descriptor descriptor;
  bool waiting_in = false;
  bool waiting_out = false;
};

OpenLink::OpenLink(asio::io_context& context, Connection connection, const Timeouts& timeouts)
    : readiness_(std::make_shared<Readiness>(
          Readiness{duplicate_for_watching(context, connection.stream->socket())})),
      link_(std::move(connection.stream), std::move(connection.server), std::move(connection.host),
            timeouts) {}

OpenLink::~OpenLink() {
  readiness_->descriptor.close();
}

void OpenLink::watch(const std::shared_ptr<Signal>& signal, bool writable) {
  if (!readiness_->waiting_in) wait(readiness_, signal, false);
  if (writable && !readiness_->waiting_out) wait(readiness_, signal, true);
}

void OpenLink::wait(const std::shared_ptr<Readiness>& readiness,
                    const std::shared_ptr<Signal>& signal, bool writable) {
  using Descriptor = asio::posix::stream_descriptor;
  (writable ? readiness->waiting_out : readiness->waiting_in) = true;
  readiness->descriptor.async_wait(writable ? Descriptor::wait_write : Descriptor::wait_read,
                                   [readiness, signal, writable](const boost::system::error_code&) {
                                     (writable ? readiness->waiting_out : readiness->waiting_in) =
                                         false;
                                     signal->raise();
                                   });
}

}  // namespace postern::smtp
