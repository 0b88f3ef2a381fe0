// The logon to one transport, and what the transport has said about itself.
//
// Threads: all functions may be called from any thread.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "mapi/transport.h"
#include "spooler/run/executor.h"

namespace postern::spooler {

/// What the spooler does when a transport calls. Any may come from any thread.
struct TransportEvents {
  std::function<void()> ready_to_send;  ///< a suspension is over
  std::function<void(const std::string& why)> suspended;
  std::function<void(const mapi::EntryId&)> sent_deferred;
  std::function<void()> new_mail;
  std::function<void()> config_changed;
};

class TransportLogon final : public mapi::TransportSupport {
 public:
  /// `suspension`: for how long nothing is offered after a critical error to a transport that does
  /// not pace itself. Throws what the provider throws.
  TransportLogon(mapi::XPProvider& provider, std::chrono::milliseconds suspension, Clock clock,
                 TransportEvents events);
  ~TransportLogon() override;
  TransportLogon(const TransportLogon&) = delete;
  TransportLogon& operator=(const TransportLogon&) = delete;

  [[nodiscard]] mapi::XPLogon& logon() { return *logon_; }
  [[nodiscard]] const std::vector<mapi::Preprocessor>& preprocessors() const {
    return preprocessors_;
  }
  /// Until when nothing can be offered; nullopt: it can now.
  [[nodiscard]] std::optional<mapi::FileTime> suspended_until() const;
  /// FlushQueues: ends the suspension.
  void flush();

  void ready_to_send() override;
  void unavailable(std::chrono::system_clock::time_point until, const std::string& why) override;
  void critical_error(const std::string& why) override;
  void sent_deferred(const mapi::EntryId& entry) override { events_.sent_deferred(entry); }
  void new_mail() override { events_.new_mail(); }
  void config_changed() override { events_.config_changed(); }
  void register_preprocessor(mapi::Preprocessor preprocessor) override;
  void modify_status_row(const mapi::PropertyBag& columns) override;

  /// The columns of the transport's row of the status table.
  [[nodiscard]] mapi::PropertyBag status_row() const;

 private:
  void suspend(mapi::FileTime until);

  std::chrono::milliseconds suspension_;
  Clock clock_;
  TransportEvents events_;
  std::vector<mapi::Preprocessor> preprocessors_;
  mutable std::mutex mutex_;
  std::optional<mapi::FileTime> suspended_until_;
  mapi::PropertyBag status_row_;
  std::unique_ptr<mapi::XPLogon> logon_;  ///< the last: it calls back
};

}  // namespace postern::spooler
