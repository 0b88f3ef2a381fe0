// Sends one message over SMTP for a spooler (mapi-submission.md §9): composes it, gives it to the
// SMTP client, and saves the outcomes as soon as they are known.
//
// Recipients who get another entity than the rest (PR_POSTERN_SECURED_ENTITY: an encrypted
// message's Bcc recipients) have a transaction of their own, one after the other.
//
// Threads: as mapi/transport.h says. What the client tells on its engine's thread is carried to the
// spooler's by SenderSupport::run.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "mapi/transport.h"
#include "mime/compose.h"
#include "smtp/client.h"
#include "smtp/dkim_signer.h"
#include "transport/message/composition.h"
#include "transport/message/domain_list.h"
#include "transport/message/offered_recipients.h"
#include "transport/message/recipient_record.h"
#include "transport/smtp/outgoing_source.h"

namespace postern::transport {

/// What the senders of one logon share; it outlives them.
struct SmtpRoute {
  std::string name;  ///< as operators know it
  DomainList domains;
  CompositionSettings composition;
  bool local_delivery_reports = false;
  /// Whether the servers are relays, which may be asked to hold a message (FUTURERELEASE). Mail
  /// hosts are not: a message for later waits here.
  bool may_hold = false;
  smtp::Client& client;
  const smtp::DkimSigner* signer = nullptr;
  mapi::TransportSupport& support;
};

class SmtpSender final : public mapi::XPSender {
 public:
  SmtpSender(const SmtpRoute& route, mapi::SenderSupport& support)
      : route_(route), support_(support) {}

  void submit_message(mapi::MessageHandle& view, mapi::SubmitKind kind, Done done) override;
  mapi::EndMessage end_message() override {
    return rows_left_ ? mapi::EndMessage::resend_later : mapi::EndMessage::done;
  }
  void cancel_message() override { stop_.request_stop(); }

 private:
  [[nodiscard]] std::optional<std::string> full_destination(
      const std::vector<OfferedRecipient>& recipients) const;
  void begin_transaction();
  void end_transaction(mapi::SubmitResult result);
  void answer(mapi::SubmitResult result);
  std::optional<mapi::SubmitResult> prepare();
  mapi::SubmitResult refuse(const Outcome& outcome);
  void start();
  void take(smtp::Delivery delivery);
  void hear(const std::vector<smtp::SettledRecipient>& settled);
  void save_heard();
  mapi::SubmitResult finish(smtp::Delivery delivery);
  void report_route_fault(const smtp::Delivery& delivery);

  const SmtpRoute& route_;
  mapi::SenderSupport& support_;
  std::stop_source stop_;
  mapi::MessageHandle* view_ = nullptr;
  Done done_;
  std::vector<std::size_t> taken_;  ///< of each recipient, its first row
  std::vector<std::size_t> declined_;
  /// Those whose transactions are still to come, by the entity that they get.
  std::map<std::int32_t, std::vector<OfferedRecipient>> waiting_;
  std::optional<mapi::SubmitResult> result_;  ///< of the transactions that have ended
  std::optional<RecipientRecord> record_;
  bool rows_left_ = false;
  std::optional<std::chrono::seconds> hold_;  ///< for so long nobody is to get it

  // Of this transaction
  std::vector<OfferedRecipient> recipients_;
  std::optional<Composition> composition_;
  std::shared_ptr<OutgoingSource> source_;

  std::mutex mutex_;
  std::vector<smtp::SettledRecipient> heard_;  ///< by the engine, and not yet written
};

}  // namespace postern::transport
