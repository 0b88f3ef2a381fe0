// The logon to one transport, and what the transport has said about itself.
//
// Threads: all functions may be called from any thread; they make the calls on the logon serial, as
// it expects.
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
#include "spooler/run/executor.h"

namespace postern::spooler {

/// What the spooler does when a transport calls. Any may come from any thread, and within a call on
/// the logon: none may call it.
struct TransportEvents {
  std::function<void()> ready_to_send;  ///< a suspension is over
  std::function<void(const std::string& why)> suspended;
  std::function<void(const mapi::EntryId&)> sent_deferred;
  std::function<bool(const std::string& destination, std::size_t messages)> has_room;
  std::function<void()> new_mail;
  std::function<void()> config_changed;
  std::function<void()> status_changed;
};

class TransportLogon final : public mapi::TransportSupport {
 public:
  /// `suspension`: for how long nothing is offered after a critical error to a transport that does
  /// not pace itself, and until a logon that has failed is tried again. Throws what the provider
  /// throws, except MAPI_E_FAILONEPROVIDER and MAPI_E_UNCONFIGURED.
  TransportLogon(mapi::XPProvider& provider, std::chrono::milliseconds suspension, Clock clock,
                 TransportEvents events);
  ~TransportLogon() override;
  TransportLogon(const TransportLogon&) = delete;
  TransportLogon& operator=(const TransportLogon&) = delete;

  [[nodiscard]] const std::vector<mapi::Preprocessor>& preprocessors() const {
    return preprocessors_;
  }
  /// Until when nothing can be offered; nullopt: it can now.
  [[nodiscard]] std::optional<mapi::FileTime> suspended_until() const;

  /// The logon has failed, and it is time to try it again.
  [[nodiscard]] bool needs_logon();
  /// Tries it again. Returns whether it has succeeded.
  bool log_on();

  /// While there is no logon nobody knows what the transport takes: then anything that no other
  /// does, which waits for it so.
  [[nodiscard]] mapi::Registration registration();
  /// Counts as active while it exists; the logon outlives it. Null while there is none.
  std::shared_ptr<mapi::XPSender> sender(mapi::SenderSupport& support);
  void abort_deferred(const mapi::EntryId& entry, bool is_gone);
  /// FlushQueues: ends the suspension. Until end_flush the status row says so.
  void flush();
  void end_flush();
  std::optional<mapi::InboundMessage> start_message();
  void inbound_stored();

  void ready_to_send() override;
  void unavailable(std::chrono::system_clock::time_point until, const std::string& why) override;
  void critical_error(const std::string& why) override;
  void sent_deferred(const mapi::EntryId& entry) override { events_.sent_deferred(entry); }
  bool has_room(const std::string& destination, std::size_t messages) override {
    return events_.has_room(destination, messages);
  }
  void new_mail() override { events_.new_mail(); }
  void config_changed() override { events_.config_changed(); }
  void register_preprocessor(mapi::Preprocessor preprocessor) override;
  void modify_status_row(const mapi::PropertyBag& columns) override;

  /// The transport's row of the status table (§5.4): its own columns, and those that the spooler
  /// knows.
  [[nodiscard]] mapi::PropertyBag status_row() const;

 private:
  void suspend(mapi::FileTime until, const std::string& why, std::int32_t status);

  mapi::XPProvider& provider_;
  std::chrono::milliseconds suspension_;
  Clock clock_;
  TransportEvents events_;
  std::vector<mapi::Preprocessor> preprocessors_;
  std::atomic<bool> paces_itself_ = false;
  std::atomic<int> senders_ = 0;
  mutable std::mutex mutex_;
  std::optional<mapi::FileTime> suspended_until_;
  std::string why_;            ///< it was suspended last
  std::int32_t troubles_ = 0;  ///< STATUS_OFFLINE or STATUS_FAILURE, while it is suspended
  bool is_flushing_ = false;
  mapi::EntryId own_store_;  ///< of its registration
  mapi::PropertyBag own_columns_;
  std::mutex calls_;                      ///< on the logon
  std::unique_ptr<mapi::XPLogon> logon_;  ///< the last: it calls back; null: it has failed
};

}  // namespace postern::spooler
