#include "spooler/transport_session.h"

#include <algorithm>
#include <utility>

#include "mapi/property_tags.h"

namespace postern::spooler {
namespace {

/// Neither a delivery time nor a reason: the row has no verdict (§8.1).
bool has_no_verdict(const mapi::Recipient& row) {
  return !row.get(mapi::PR_DELIVER_TIME) && !row.get(mapi::PR_NDR_REASON_CODE) &&
         !row.get(mapi::PR_NDR_DIAG_CODE) && !row.get(mapi::PR_NDR_STATUS_CODE);
}

}  // namespace

void TransportState::suspend(std::chrono::milliseconds pause) {
  const std::scoped_lock lock(mutex_);
  suspended_until_ = Clock::now() + pause;
}

void TransportState::resume() {
  const std::scoped_lock lock(mutex_);
  suspended_until_.reset();
}

std::optional<TransportState::Clock::time_point> TransportState::suspended_until() const {
  const std::scoped_lock lock(mutex_);
  if (!suspended_until_ || *suspended_until_ <= Clock::now()) return std::nullopt;
  return suspended_until_;
}

TransportSession::TransportSession(mapi::XPProvider& provider, TransportState& state,
                                   std::chrono::milliseconds suspension,
                                   SuspendedCallback on_suspended)
    : state_(state),
      suspension_(suspension),
      on_suspended_(std::move(on_suspended)),
      logon_(provider.transport_logon(*this)) {
  logon_->transport_notify(mapi::TransportNotice::begin_outbound, 0);
}

TransportSession::~TransportSession() {
  logon_->transport_notify(mapi::TransportNotice::end_outbound, 0);
  logon_->transport_logoff();
}

mapi::SubmitResult TransportSession::submit_message(mapi::MessageHandle& view,
                                                    std::vector<mapi::Recipient>& reported) {
  if (cancelled_) return {mapi::MAPI_E_USER_CANCEL, {}};
  struct Reporting {
    std::vector<mapi::Recipient>*& place;
    ~Reporting() { place = nullptr; }
  };
  reference_ = 0;
  reported_ = &reported;
  const Reporting until_return_or_throw{reported_};
  return logon_->submit_message(view, reference_);
}

mapi::EndMessage TransportSession::end_message() {
  return logon_->end_message(reference_);
}

void TransportSession::cancel() {
  cancelled_ = true;
  logon_->transport_notify(mapi::TransportNotice::cancel_message, reference_);
}

void TransportSession::flush() {
  state_.resume();
  logon_->transport_notify(mapi::TransportNotice::begin_outbound_flush, 0);
}

mapi::Code TransportSession::status_recips(const mapi::Message&,
                                           std::vector<mapi::Recipient> rows) {
  const auto ignored = std::erase_if(rows, has_no_verdict);
  if (reported_ != nullptr) {
    std::move(rows.begin(), rows.end(), std::back_inserter(*reported_));
  }
  return ignored == 0 ? mapi::S_OK : mapi::MAPI_W_ERRORS_RETURNED;
}

void TransportSession::spooler_notify(mapi::SpoolerNotice notice, const std::string& text) {
  switch (notice) {
    case mapi::SpoolerNotice::critical_error:
      if (!logon_ || !logon_->paces_itself()) state_.suspend(suspension_);
      on_suspended_(text);
      break;
    case mapi::SpoolerNotice::ready_to_send:
      state_.resume();
      break;
    case mapi::SpoolerNotice::sent_deferred:
      break;  // the retry schedule offers deferred messages again
  }
}

mapi::Code TransportSession::spooler_yield() {
  return cancelled_ ? mapi::MAPI_W_CANCEL_MESSAGE : mapi::S_OK;
}

}  // namespace postern::spooler
