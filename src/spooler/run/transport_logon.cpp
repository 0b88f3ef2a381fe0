#include "spooler/run/transport_logon.h"

#include <utility>

#include "mapi/property_tags.h"

namespace postern::spooler {

TransportLogon::TransportLogon(mapi::XPProvider& provider, std::chrono::milliseconds suspension,
                               Clock clock, TransportEvents events)
    : provider_(provider),
      suspension_(suspension),
      clock_(std::move(clock)),
      events_(std::move(events)) {
  log_on();
}

bool TransportLogon::needs_logon() {
  {
    const std::scoped_lock lock(calls_);
    if (logon_) return false;
  }
  return !suspended_until();
}

bool TransportLogon::log_on() {
  const std::scoped_lock lock(calls_);
  if (logon_) return false;
  preprocessors_.clear();
  try {
    logon_ = provider_.transport_logon(*this);
  } catch (const mapi::Failure& failure) {
    if (failure.code() != mapi::MAPI_E_FAILONEPROVIDER &&
        failure.code() != mapi::MAPI_E_UNCONFIGURED) {
      throw;
    }
    suspend(clock_() + suspension_, failure.what(), mapi::STATUS_FAILURE);
    return false;
  }
  logon_->begin(mapi::Direction::outbound);
  return true;
}

TransportLogon::~TransportLogon() {
  if (!logon_) return;
  logon_->end(mapi::Direction::outbound);
  logon_->transport_logoff();
}

std::optional<mapi::FileTime> TransportLogon::suspended_until() const {
  const std::scoped_lock lock(mutex_);
  if (!suspended_until_ || *suspended_until_ <= clock_()) return std::nullopt;
  return suspended_until_;
}

mapi::Registration TransportLogon::registration() {
  const std::scoped_lock lock(calls_);
  if (!logon_) {
    mapi::Registration anything;
    anything.prefer_last = true;
    return anything;
  }
  auto registration = logon_->registration();
  paces_itself_ = registration.paces_itself;
  {
    const std::scoped_lock own(mutex_);
    own_store_ = registration.own_store;
  }
  return registration;
}

std::shared_ptr<mapi::XPSender> TransportLogon::sender(mapi::SenderSupport& support) {
  std::unique_ptr<mapi::XPSender> made;
  {
    const std::scoped_lock lock(calls_);
    if (!logon_) return nullptr;
    made = logon_->sender(support);
  }
  ++senders_;
  return {made.release(), [this](mapi::XPSender* sender) {
            const std::unique_ptr<mapi::XPSender> owned(sender);
            --senders_;
          }};
}

void TransportLogon::abort_deferred(const mapi::EntryId& entry, bool is_gone) {
  const std::scoped_lock lock(calls_);
  logon_->abort_deferred(entry, is_gone);
}

void TransportLogon::flush() {
  ready_to_send();
  {
    const std::scoped_lock lock(calls_);
    if (!logon_ || logon_->flush_queues(mapi::Direction::outbound) != mapi::S_OK) return;
  }
  {
    const std::scoped_lock lock(mutex_);
    is_flushing_ = true;
  }
  events_.status_changed();
}

void TransportLogon::end_flush() {
  {
    const std::scoped_lock lock(mutex_);
    if (!std::exchange(is_flushing_, false)) return;
  }
  {
    const std::scoped_lock lock(calls_);
    logon_->end_flush(mapi::Direction::outbound);
  }
  events_.status_changed();
}

std::optional<mapi::InboundMessage> TransportLogon::start_message() {
  const std::scoped_lock lock(calls_);
  return logon_ ? logon_->start_message() : std::nullopt;
}

void TransportLogon::inbound_stored() {
  const std::scoped_lock lock(calls_);
  logon_->inbound_stored();
}

void TransportLogon::ready_to_send() {
  {
    const std::scoped_lock lock(mutex_);
    suspended_until_.reset();
    troubles_ = 0;
  }
  events_.ready_to_send();
  events_.status_changed();
}

void TransportLogon::unavailable(std::chrono::system_clock::time_point until,
                                 const std::string& why) {
  suspend(mapi::FileTime::from(until), why, mapi::STATUS_OFFLINE);
}

/// A transport that paces itself lets its messages wait by itself.
void TransportLogon::critical_error(const std::string& why) {
  if (paces_itself_) {
    events_.suspended(why);
  } else {
    suspend(clock_() + suspension_, why, mapi::STATUS_FAILURE);
  }
}

void TransportLogon::suspend(mapi::FileTime until, const std::string& why, std::int32_t status) {
  {
    const std::scoped_lock lock(mutex_);
    suspended_until_ = until;
    why_ = why;
    troubles_ = status;
  }
  events_.suspended(why);
  events_.status_changed();
}

void TransportLogon::register_preprocessor(mapi::Preprocessor preprocessor) {
  preprocessors_.push_back(std::move(preprocessor));
}

void TransportLogon::modify_status_row(const mapi::PropertyBag& columns) {
  {
    const std::scoped_lock lock(mutex_);
    for (const auto& [id, value] : columns.properties()) own_columns_.set(id, value);
  }
  events_.status_changed();
}

mapi::PropertyBag TransportLogon::status_row() const {
  const std::scoped_lock lock(mutex_);
  auto row = own_columns_;
  auto status = row.get_or(mapi::PR_STATUS_CODE, 0) | mapi::STATUS_OUTBOUND_ENABLED;
  if (suspended_until_ && *suspended_until_ > clock_()) {
    status |= troubles_;
    row.set(mapi::PR_STATUS_STRING, why_);
    row.set(mapi::PR_POSTERN_NEXT_ATTEMPT, *suspended_until_);
  }
  if ((status & (mapi::STATUS_OFFLINE | mapi::STATUS_FAILURE)) == 0) {
    status |= mapi::STATUS_AVAILABLE;
  }
  if (senders_ > 0) status |= mapi::STATUS_OUTBOUND_ACTIVE;
  if (is_flushing_) status |= mapi::STATUS_OUTBOUND_FLUSH;
  row.set(mapi::PR_STATUS_CODE, status);
  row.set(mapi::PR_RESOURCE_TYPE, mapi::MAPI_TRANSPORT_PROVIDER);
  row.set(mapi::PR_RESOURCE_METHODS, mapi::STATUS_FLUSH_QUEUES);
  if (!own_store_.empty()) {
    row.set(mapi::PR_OWN_STORE_ENTRYID, own_store_.bytes);
    row.set(mapi::PR_RESOURCE_FLAGS,
            row.get_or(mapi::PR_RESOURCE_FLAGS, 0) | mapi::STATUS_OWN_STORE);
  }
  return row;
}

}  // namespace postern::spooler
