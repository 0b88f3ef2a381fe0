// What an Engine (engine.h) has to do with transports as such: their logons, what they say of
// themselves, and the mail that they bring.
#include <utility>

#include "mapi/property_tags.h"
#include "session/inbound.h"
#include "spooler/run/engine.h"

namespace postern::spooler {

void Engine::log_on(const std::vector<mapi::XPProvider*>& providers) {
  for (auto* provider : providers) {
    transports_.push_back(std::make_unique<TransportLogon>(*provider, options_.suspension, clock_,
                                                           events_of(transports_.size())));
  }
  ask_transports();
  for (std::size_t i = 0; i < transports_.size(); ++i) poll(i);
}

TransportEvents Engine::events_of(std::size_t transport) {
  return {.ready_to_send = [this] { wake_(); },
          .suspended =
              [this](const std::string& why) {
                if (observer_.suspended) notify([&] { observer_.suspended(why); });
              },
          .sent_deferred = [this,
                            transport](const mapi::EntryId& entry) { asked_for(entry, transport); },
          .has_room =
              [this, transport](const std::string& destination, std::size_t messages) {
                return has_room({transport, destination}, messages);
              },
          .new_mail = [this, transport] { poll(transport); },
          .config_changed =
              [this] {
                const std::scoped_lock lock(mutex_);
                if (profile_) executor_.run([this] { call([this] { ask_transports(); }); });
              },
          .status_changed =
              [this] {
                if (observer_.status_changed) notify(observer_.status_changed);
              }};
}

/// AddressTypes.
void Engine::ask_transports() {
  std::vector<mapi::Registration> registrations;
  session::Preprocessors preprocessors;
  for (auto& transport : transports_) {
    registrations.push_back(transport->registration());
    preprocessors.push_back(transport->preprocessors());
  }
  auto profile = std::make_shared<const TransportProfile>(
      TransportProfile{session::TransportOrder(std::move(registrations), options_.transport_order),
                       std::move(preprocessors)});
  const std::scoped_lock lock(mutex_);
  profile_ = std::move(profile);
}

/// Transports whose logon has failed.
void Engine::log_on_again() {
  bool is_any_new = false;
  for (auto& transport : transports_) {
    try {
      if (transport->needs_logon() && transport->log_on()) is_any_new = true;
    } catch (const std::exception& error) {  // of one transport, while others work
      transport->critical_error(error.what());
    }
  }
  if (is_any_new) ask_transports();
}

/// NOTIFY_SENTDEFERRED.
void Engine::asked_for(const mapi::EntryId& entry, std::size_t transport) {
  {
    const std::scoped_lock lock(mutex_);
    if (!deferrals_.ask(entry, transport, running_.contains(entry))) return;
  }
  wake_();
}

/// IXPLogon::Poll. Of a transport that speaks before all are logged on, it is done then.
void Engine::poll(std::size_t transport) {
  {
    const std::scoped_lock lock(mutex_);
    if (!profile_ || stopping_) return;
  }
  inbound_->run([this, transport] { call([&] { fetch(transport); }); });
}

/// Takes what the transport has until there is nothing more; all of it in one order.
void Engine::fetch(std::size_t transport) {
  {
    const std::scoped_lock lock(mutex_);
    if (!profile_ || stopping_ || waiting_.contains(transport)) return;
  }
  while (const auto message = transports_.at(transport)->start_message()) {
    if (!receive(transport, *message)) return;
  }
}

/// False: it will be tried again after a pause, and then the rest is fetched; or the transport
/// keeps the message, which the store does not take.
bool Engine::receive(std::size_t transport, const mapi::InboundMessage& message) {
  try {
    const auto now = clock_();
    auto decision =
        session::decide_inbound(message, session::lookup_in(store_), options_.reporter, now);
    if (!decision.known) {
      session::store_inbound(store_, std::move(decision), message.returned, now);
    }
  } catch (...) {
    const auto failure = mapi::as_failure(std::current_exception());
    if (!mapi::is_passing(failure.code())) {
      waits_no_more(transport);
      if (observer_.trouble) notify([&] { observer_.trouble({}, failure.what()); });
      return false;
    }
    pause(transport, failure, [this, transport, message] {
      inbound_->run([this, transport, message] {
        call([&] {
          if (receive(transport, message)) fetch(transport);
        });
      });
    });
    return false;
  }
  waits_no_more(transport);
  transports_.at(transport)->inbound_stored();
  return true;
}

std::vector<mapi::PropertyBag> Engine::status() {
  std::vector<mapi::PropertyBag> rows;
  mapi::PropertyBag own;
  own.set(mapi::PR_RESOURCE_TYPE, mapi::MAPI_SPOOLER);
  own.set(mapi::PR_RESOURCE_METHODS, mapi::STATUS_FLUSH_QUEUES);
  own.set(mapi::PR_DISPLAY_NAME, "Postern spooler");
  {
    const std::scoped_lock lock(mutex_);
    auto status = mapi::STATUS_AVAILABLE | mapi::STATUS_OUTBOUND_ENABLED;
    if (!running_.empty()) status |= mapi::STATUS_OUTBOUND_ACTIVE;
    if (is_flushing_) status |= mapi::STATUS_OUTBOUND_FLUSH;
    if (exhaustion_.paused_until(clock_())) {
      status = (status & ~mapi::STATUS_AVAILABLE) | mapi::STATUS_FAILURE;
      own.set(mapi::PR_STATUS_STRING, lack_);
    }
    own.set(mapi::PR_STATUS_CODE, status);
  }
  rows.push_back(std::move(own));
  for (const auto& transport : transports_) rows.push_back(transport->status_row());
  return rows;
}

}  // namespace postern::spooler
