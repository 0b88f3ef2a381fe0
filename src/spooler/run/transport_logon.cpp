#include "spooler/run/transport_logon.h"

#include <utility>

#include "mapi/property_tags.h"

namespace postern::spooler {

TransportLogon::TransportLogon(mapi::XPProvider& provider, std::chrono::milliseconds suspension,
                               Clock clock, TransportEvents events)
    : suspension_(suspension),
      clock_(std::move(clock)),
      events_(std::move(events)),
      logon_(provider.transport_logon(*this)) {
  logon_->begin(mapi::Direction::outbound);
}

TransportLogon::~TransportLogon() {
  logon_->end(mapi::Direction::outbound);
  logon_->transport_logoff();
}

std::optional<mapi::FileTime> TransportLogon::suspended_until() const {
  const std::scoped_lock lock(mutex_);
  if (!suspended_until_ || *suspended_until_ <= clock_()) return std::nullopt;
  return suspended_until_;
}

void TransportLogon::flush() {
  ready_to_send();
  logon_->flush_queues(mapi::Direction::outbound);
}

void TransportLogon::ready_to_send() {
  {
    const std::scoped_lock lock(mutex_);
    suspended_until_.reset();
  }
  events_.ready_to_send();
}

void TransportLogon::unavailable(std::chrono::system_clock::time_point until,
                                 const std::string& why) {
  suspend(mapi::FileTime::from(until));
  events_.suspended(why);
}

void TransportLogon::critical_error(const std::string& why) {
  // In its logon a transport has no registration yet: it cannot have said that it paces itself.
  if (!logon_ || !logon_->registration().paces_itself) suspend(clock_() + suspension_);
  events_.suspended(why);
}

void TransportLogon::suspend(mapi::FileTime until) {
  const std::scoped_lock lock(mutex_);
  suspended_until_ = until;
}

void TransportLogon::register_preprocessor(mapi::Preprocessor preprocessor) {
  preprocessors_.push_back(std::move(preprocessor));
}

void TransportLogon::modify_status_row(const mapi::PropertyBag& columns) {
  const std::scoped_lock lock(mutex_);
  for (const auto& [id, value] : columns.properties()) status_row_.set(id, value);
}

mapi::PropertyBag TransportLogon::status_row() const {
  const std::scoped_lock lock(mutex_);
  return status_row_;
}

}  // namespace postern::spooler
