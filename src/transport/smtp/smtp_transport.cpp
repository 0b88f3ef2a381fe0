#include "transport/smtp_transport.h"

#include <mutex>
#include <set>
#include <utility>

#include "mapi/property_tags.h"
#include "transport/smtp/smtp_sender.h"

namespace postern::transport {
namespace {

/// The route as operators know it.
std::string route_name(const SmtpTransportOptions& options) {
  if (!options.name.empty()) return options.name;
  return options.client.mx ? "to the recipients' mail hosts" : options.client.relay.text();
}

/// The client and the keys, which all logons of one provider share.
struct Shared {
  explicit Shared(SmtpTransportOptions given)
      : options(std::move(given)),
        name(route_name(options)),
        domains(options.domains),
        has_relays(!options.client.mx && !options.client.relay.lmtp),
        client(client_options(std::exchange(options.client, {}))) {
    if (!options.dkim.empty()) signer.emplace(std::exchange(options.dkim, {}));
  }

  smtp::ClientOptions client_options(smtp::ClientOptions given) {
    given.transcripts = true;
    given.room = [this](const std::string& destination, std::size_t messages) {
      return tell_room(destination, messages);
    };
    return given;
  }

  /// To all logons: any of them may have messages that wait.
  bool tell_room(const std::string& destination, std::size_t messages) {
    const std::scoped_lock lock(mutex);
    bool more = false;
    for (auto* logon : logons) more = logon->has_room(destination, messages) || more;
    return more;
  }

  SmtpTransportOptions options;  ///< without what was given away: passwords are kept once
  std::string name;
  DomainList domains;
  bool has_relays;
  std::mutex mutex;
  std::set<mapi::TransportSupport*> logons;  ///< guarded by the mutex
  smtp::Client client;
  std::optional<smtp::DkimSigner> signer;
};

class SmtpLogon final : public mapi::XPLogon {
 public:
  SmtpLogon(std::shared_ptr<Shared> shared, mapi::TransportSupport& support)
      : shared_(std::move(shared)),
        route_{shared_->name,
               shared_->domains,
               {shared_->options.message_id_domain, shared_->options.default_from},
               shared_->options.local_delivery_reports,
               shared_->has_relays,
               shared_->client,
               shared_->signer ? &*shared_->signer : nullptr,
               support} {
    {
      const std::scoped_lock lock(shared_->mutex);
      shared_->logons.insert(&support);
    }
    mapi::PropertyBag columns;
    columns.set(mapi::PR_DISPLAY_NAME, shared_->name);
    support.modify_status_row(columns);
    register_smime(support, shared_->options.smime, route_.composition);
  }
  ~SmtpLogon() override {
    const std::scoped_lock lock(shared_->mutex);
    shared_->logons.erase(&route_.support);
  }
  SmtpLogon(const SmtpLogon&) = delete;
  SmtpLogon& operator=(const SmtpLogon&) = delete;

  [[nodiscard]] mapi::Registration registration() const override {
    mapi::Registration registration;
    registration.address_types = {"SMTP"};
    registration.address_properties = {mapi::PR_SMTP_ADDRESS};
    registration.paces_itself = true;
    return registration;
  }
  std::unique_ptr<mapi::XPSender> sender(mapi::SenderSupport& support) override {
    return std::make_unique<SmtpSender>(route_, support);
  }
  mapi::Code flush_queues(mapi::Direction direction) override {
    if (direction == mapi::Direction::outbound) shared_->client.resume();
    return mapi::S_OK;
  }

 private:
  std::shared_ptr<Shared> shared_;
  SmtpRoute route_;
};

class SmtpProvider final : public mapi::XPProvider {
 public:
  explicit SmtpProvider(SmtpTransportOptions options)
      : shared_(std::make_shared<Shared>(std::move(options))) {}
  std::unique_ptr<mapi::XPLogon> transport_logon(mapi::TransportSupport& support) override {
    return std::make_unique<SmtpLogon>(shared_, support);
  }

 private:
  std::shared_ptr<Shared> shared_;
};

}  // namespace

std::unique_ptr<mapi::XPProvider> make_smtp_transport(SmtpTransportOptions options) {
  try {
    return std::make_unique<SmtpProvider>(std::move(options));
  } catch (const std::exception&) {
    if (const auto lack = mapi::exhaustion(std::current_exception())) throw *lack;
    throw;
  }
}

}  // namespace postern::transport
