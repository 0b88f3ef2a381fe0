// One logon at one transport provider: the TransportSupport for the transport, and the spooler's
// state of it. Each sending thread has a session of its own with every transport.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "mapi/transport.h"

namespace postern::spooler {

/// Shared by all sessions with one provider: whether it is suspended, which only a provider that
/// does not pace itself can be. May be used from any thread.
class TransportState {
 public:
  using Clock = std::chrono::steady_clock;

  /// NOTIFY_CRITICAL_ERROR: no message is offered until `pause` is over.
  void suspend(std::chrono::milliseconds pause);
  void resume();

  /// Until when the transport is suspended; nullopt while it may be used.
  [[nodiscard]] std::optional<Clock::time_point> suspended_until() const;

 private:
  mutable std::mutex mutex_;
  std::optional<Clock::time_point> suspended_until_;
};

/// A session of one sending thread with one transport.
class TransportSession final : public mapi::TransportSupport {
 public:
  using SuspendedCallback = std::function<void(const std::string& reason)>;

  /// Provider and state must outlive the session.
  TransportSession(mapi::XPProvider& provider, TransportState& state,
                   std::chrono::milliseconds suspension, SuspendedCallback on_suspended);
  ~TransportSession() override;
  TransportSession(const TransportSession&) = delete;
  TransportSession& operator=(const TransportSession&) = delete;

  [[nodiscard]] std::vector<std::string> address_types() const { return logon_->address_types(); }
  [[nodiscard]] const TransportState& state() const { return state_; }

  /// XPLogon::submit_message. `reported` receives the rows of status_recips.
  mapi::SubmitResult submit_message(mapi::MessageHandle& view,
                                    std::vector<mapi::Recipient>& reported);
  /// XPLogon::end_message for the message that was submitted last.
  mapi::EndMessage end_message();

  /// Thread-safe: stops the running message, and every later one at once.
  void cancel();

  /// Thread-safe: ends the suspension of the transport and of its routes.
  void flush();

  // TransportSupport
  mapi::Code status_recips(const mapi::Message& message,
                           std::vector<mapi::Recipient> rows) override;
  void spooler_notify(mapi::SpoolerNotice notice, const std::string& text) override;
  mapi::Code spooler_yield() override;

 private:
  TransportState& state_;
  std::chrono::milliseconds suspension_;
  SuspendedCallback on_suspended_;
  std::atomic<bool> cancelled_{false};
  std::atomic<mapi::MessageReference> reference_{0};
  std::vector<mapi::Recipient>* reported_ = nullptr;
  std::unique_ptr<mapi::XPLogon> logon_;  // last: ends first, while the support still stands
};

}  // namespace postern::spooler
