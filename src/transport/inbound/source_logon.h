// A transport's logon that only brings mail in, from a mailbox.
//
// A thread of its own reads one mail ahead, so that the spooler never waits for a mailbox, and
// marks it in the mailbox when the store has it.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "mapi/transport.h"
#include "transport/inbound/mail_queue.h"
#include "transport/inbound/mail_source.h"

namespace postern::transport {

class SourceLogon final : public mapi::XPLogon {
 public:
  /// `interval`: how often the mailbox is looked at; less often while it cannot be used.
  SourceLogon(std::unique_ptr<MailSource> source, std::chrono::milliseconds interval,
              mapi::TransportSupport& support);

  [[nodiscard]] mapi::Registration registration() const override;
  std::unique_ptr<mapi::XPSender> sender(mapi::SenderSupport&) override;
  std::optional<mapi::InboundMessage> start_message() override;
  void inbound_stored() override;
  void transport_logoff() override { thread_ = {}; }

 private:
  /// What the thread reads ahead, and what became of it.
  enum class Mail : std::uint8_t { none, ready, handed_out, stored, refused };

  void run(const std::stop_token& stop);
  void step(const std::stop_token& stop);
  bool prepare_next(const std::stop_token& stop);
  bool prepare(const std::string& mail, const std::stop_token& stop);
  void mark_stored(const std::stop_token& stop);
  void leave_aside(const std::string& mail, const std::string& sentence);
  void on_fault(const std::exception_ptr& fault, const std::stop_token& stop);
  void wait(const std::stop_token& stop);
  void settle(Mail state);
  void set_state(Mail state);
  [[nodiscard]] Mail state();

  std::unique_ptr<MailSource> source_;
  const std::chrono::milliseconds interval_;
  mapi::TransportSupport& support_;

  // Of the thread alone.
  MailQueue queue_;
  std::string current_;     ///< the mail that `state_` is about
  std::string told_fault_;  ///< of the mailbox: what was said of it, without what has digits in it
  std::chrono::milliseconds pause_;

  std::mutex mutex_;
  std::condition_variable_any changed_;
  bool woken_ = false;
  Mail state_ = Mail::none;
  std::optional<mapi::InboundMessage> ready_;

  std::jthread thread_;
};

}  // namespace postern::transport
