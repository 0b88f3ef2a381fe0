// Sends one message over SMTP for a spooler (mapi-submission.md §9): composes it, saves its
// Message-ID before the first attempt, gives it to the SMTP client, and saves the outcomes as soon
// as they are known.
//
// Rows that get another entity than the rest (PR_POSTERN_SECURED_ENTITY: an encrypted message's Bcc
// recipients) have a transaction of their own, one after the other.
//
// Threads: as mapi/transport.h says. What the client tells on its engine's thread is carried to the
// spooler's by SenderSupport::run.
#pragma once

#include <cstddef>
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
#include "transport/smtp/envelope.h"
#include "transport/smtp/outgoing_source.h"

namespace postern::transport {

/// What the senders of one logon share; it outlives them.
struct SmtpRoute {
  std::string name;  ///< as operators know it
  std::string message_id_domain;
  std::optional<std::string> default_from;
  bool local_delivery_reports = false;
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
  void begin_transaction();
  void end_transaction(const mapi::SubmitResult& result);
  std::optional<mapi::SubmitResult> prepare();
  void compose();
  mapi::SubmitResult refuse(const std::string& sentence, EnhancedStatus status);
  void start();
  void hear(const std::vector<smtp::SettledRecipient>& settled);
  void save_heard();
  mapi::SubmitResult finish(smtp::Delivery delivery);
  void write(std::size_t recipient, const Outcome& outcome);
  void save();
  void report_route_fault(const smtp::Delivery& delivery);

  const SmtpRoute& route_;
  mapi::SenderSupport& support_;
  std::stop_source stop_;
  mapi::MessageHandle* view_ = nullptr;
  Done done_;
  std::vector<std::int32_t> entities_left_;   ///< to be sent, the next one last
  std::int32_t entity_ = 0;                   ///< PR_POSTERN_SECURED_ENTITY of this transaction
  std::optional<mapi::SubmitResult> result_;  ///< of the transactions that have ended
  std::optional<mime::Plan> plan_;
  std::shared_ptr<OutgoingSource> source_;
  OfferedEnvelope offered_;
  std::vector<bool> written_;                ///< the envelope's recipients whose outcome is final
  std::vector<mapi::Recipient> final_rows_;  ///< written, and not reported yet
  bool rows_left_ = false;

  std::mutex mutex_;
  std::vector<smtp::SettledRecipient> heard_;  ///< by the engine, and not yet written
};

}  // namespace postern::transport
