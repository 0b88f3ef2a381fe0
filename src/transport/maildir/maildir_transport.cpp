#include "transport/maildir_transport.h"

#include <utility>

#include "mapi/property_tags.h"
#include "transport/maildir/maildir_sender.h"

namespace postern::transport {
namespace {

/// What all logons of one provider share.
struct MaildirSettings {
  explicit MaildirSettings(MaildirTransportOptions options)
      : mailboxes(options.mailbox),
        domains(options.domains),
        name(options.name.empty() ? std::move(options.mailbox) : std::move(options.name)),
        composition{std::move(options.message_id_domain), std::move(options.default_from)},
        smime(std::move(options.smime)) {}

  MailboxPattern mailboxes;
  DomainList domains;
  std::string name;
  CompositionSettings composition;
  std::optional<smime::SmimeOptions> smime;
};

class MaildirLogon final : public mapi::XPLogon {
 public:
  MaildirLogon(const MaildirSettings& settings, mapi::TransportSupport& support)
      : route_{settings.mailboxes, settings.domains, settings.composition, FaultNotice(support)} {
    mapi::PropertyBag columns;
    columns.set(mapi::PR_DISPLAY_NAME, settings.name);
    support.modify_status_row(columns);
    register_smime(support, settings.smime, settings.composition);
  }

  [[nodiscard]] mapi::Registration registration() const override {
    mapi::Registration registration;
    registration.address_types = {"SMTP"};
    registration.address_properties = {mapi::PR_SMTP_ADDRESS};
    // One mailbox that cannot be written to does not stop mail for the others.
    registration.paces_itself = true;
    return registration;
  }
  std::unique_ptr<mapi::XPSender> sender(mapi::SenderSupport& support) override {
    return std::make_unique<MaildirSender>(route_, support);
  }
  /// What waits is offered anew, and tried.
  mapi::Code flush_queues(mapi::Direction) override { return mapi::S_OK; }

 private:
  MaildirRoute route_;
};

class MaildirProvider final : public mapi::XPProvider {
 public:
  explicit MaildirProvider(MaildirTransportOptions options) : settings_(std::move(options)) {}
  std::unique_ptr<mapi::XPLogon> transport_logon(mapi::TransportSupport& support) override {
    return std::make_unique<MaildirLogon>(settings_, support);
  }

 private:
  MaildirSettings settings_;
};

}  // namespace

std::unique_ptr<mapi::XPProvider> make_maildir_transport(MaildirTransportOptions options) {
  return std::make_unique<MaildirProvider>(std::move(options));
}

}  // namespace postern::transport
