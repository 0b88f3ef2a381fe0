// Puts one message into the Maildirs of its recipients. It is on disk when submit_message returns.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

#include "mapi/transport.h"
#include "mime/compose.h"
#include "transport/maildir/disk_fault.h"
#include "transport/maildir/mailbox_pattern.h"
#include "transport/message/composition.h"
#include "transport/message/domain_list.h"
#include "transport/message/offered_recipients.h"
#include "transport/message/recipient_record.h"

namespace postern::transport {

/// Tells the operator of a fault once, until mail goes again.
class FaultNotice {
 public:
  explicit FaultNotice(mapi::TransportSupport& support) : support_(support) {}
  void tell(const std::string& sentence);
  void clear();

 private:
  mapi::TransportSupport& support_;
  std::mutex mutex_;
  std::string told_;
};

/// What the senders of one logon share; it outlives them.
struct MaildirRoute {
  MailboxPattern mailboxes;
  DomainList domains;
  CompositionSettings composition;
  FaultNotice faults;
};

class MaildirSender final : public mapi::XPSender {
 public:
  MaildirSender(MaildirRoute& route, mapi::SenderSupport& support)
      : route_(route), support_(support) {}

  void submit_message(mapi::MessageHandle& view, mapi::SubmitKind kind, Done done) override;
  mapi::EndMessage end_message() override {
    return rows_left_ ? mapi::EndMessage::resend_later : mapi::EndMessage::done;
  }
  void cancel_message() override { cancelled_ = true; }

 private:
  struct Progress {
    std::size_t settled = 0;        ///< recipients
    bool is_on_schedule = false;    ///< somebody is to be tried again as the spooler sees fit
    std::chrono::seconds pause{0};  ///< for everybody else who is left
  };

  mapi::SubmitResult send(const std::vector<OfferedRecipient>& taken);
  Progress deliver_all(const std::vector<OfferedRecipient>& taken, RecipientRecord& record);
  /// To those who get the same entity.
  void deliver_entity(std::int32_t entity, const std::vector<OfferedRecipient>& recipients,
                      RecipientRecord& record, Progress& progress);
  DiskFault deliver(const mime::Plan& plan, const OfferedRecipient& recipient);
  [[nodiscard]] bool is_cancelled() const;

  MaildirRoute& route_;
  mapi::SenderSupport& support_;
  std::atomic<bool> cancelled_ = false;
  mapi::MessageHandle* view_ = nullptr;
  bool may_be_in_cur_ = false;
  bool rows_left_ = false;
};

}  // namespace postern::transport
