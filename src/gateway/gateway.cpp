#include "gateway/gateway.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <set>
#include <stdexcept>
#include <utility>

#include "mapi/address.h"
#include "mapi/error.h"
#include "mapi/property_tags.h"
#include "mapi/recipient_outcome.h"
#include "session/store_support.h"
#include "spooler/spooler.h"
#include "store/open_store.h"

namespace postern::gateway {
namespace {

MessageStatus status_of(const mapi::EntryId& entry, const mapi::Message& message, bool finished) {
  MessageStatus status{entry, finished, {}};
  for (const auto& recipient : message.recipients) {
    status.recipients.push_back({mapi::address_text(recipient), mapi::outcome(recipient)});
  }
  return status;
}

bool has_smtp_route(const GatewayOptions& options) {
  const auto& client = options.transport.client;
  return !options.relay.empty() || client.mx || !client.relay.host.empty() ||
         !client.relay.socket_path.empty();
}

using Transports = std::vector<std::shared_ptr<mapi::XPProvider>>;

Transports make_transports(GatewayOptions& options) {
  Transports transports = std::move(options.transports);
  if (!transports.empty() && !has_smtp_route(options)) return transports;
  try {
    if (!options.relay.empty()) {
      options.transport.client.relay = smtp::Relay::parse(options.relay);
    }
    options.transport.client.connections =
        std::max(options.transport.client.connections, options.sessions);
    transports.push_back(transport::make_smtp_transport(options.transport));
  } catch (const std::invalid_argument& fault) {
    throw mapi::Failure(mapi::MAPI_E_INVALID_PARAMETER, fault.what());
  }
  return transports;
}

std::vector<mapi::XPProvider*> pointers(const Transports& transports) {
  std::vector<mapi::XPProvider*> all;
  for (const auto& transport : transports) all.push_back(transport.get());
  return all;
}

/// The last messages that were deleted once they were sent.
class DeletedMessages {
 public:
  void add(MessageStatus status) {
    recipients_ += status.recipients.size();
    messages_.push_back(std::move(status));
    while (recipients_ > max_recipients && messages_.size() > 1) {
      recipients_ -= messages_.front().recipients.size();
      messages_.pop_front();
    }
  }
  [[nodiscard]] const MessageStatus* find(const mapi::EntryId& entry) const {
    for (const auto& message : messages_) {
      if (message.entry == entry) return &message;
    }
    return nullptr;
  }

 private:
  static constexpr std::size_t max_recipients = 10'000;

  std::deque<MessageStatus> messages_;
  std::size_t recipients_ = 0;
};

}  // namespace

class Gateway::State {
 public:
  explicit State(GatewayOptions options)
      : events_(std::move(options.events)),
        support_(std::move(options.support)),
        transports_(make_transports(options)),
        provider_(store::open_store(options.store, support_, options.store_patience)),
        client_(provider_->logon()),
        session_(provider_->spooler_logon()),
        spooler_(*session_, pointers(transports_), spooler_options(options), observer()) {}

  [[nodiscard]] mapi::MsgStore& client() const { return *client_; }

  mapi::EntryId submit(mapi::Message message) {
    const bool deletes_after_submit = message.get_or(mapi::PR_DELETE_AFTER_SUBMIT, false);
    auto entry = client_->submit(client_->folder(mapi::SpecialFolder::outbox), std::move(message));
    if (deletes_after_submit) {
      const std::scoped_lock lock(mutex_);
      // The spooler may have been faster.
      if (deleted_.find(entry) == nullptr) awaiting_deletion_.insert(entry);
    }
    return entry;
  }

  MessageStatus status(const mapi::EntryId& entry) const {
    const std::scoped_lock lock(mutex_);
    return current_status(entry);
  }

  MessageStatus wait(const mapi::EntryId& entry, std::chrono::milliseconds limit) const {
    const auto until = std::chrono::steady_clock::now() + limit;
    std::unique_lock lock(mutex_);
    while (true) {
      auto status = current_status(entry);
      const auto seen = changes_;
      const auto something_new = [&] { return stopping_ || changes_ != seen; };
      if (status.finished || stopping_ || !changed_.wait_until(lock, until, something_new)) {
        return status;
      }
    }
  }

  void stop(std::chrono::milliseconds grace) {
    end_waits();
    spooler_.stop(grace);
  }

 private:
  static spooler::SpoolerOptions spooler_options(const GatewayOptions& options) {
    spooler::SpoolerOptions spooler;
    spooler.sessions = options.sessions;
    spooler.open_messages = options.transport.client.mx
                                ? spooler.with_many_destinations
                                : spooler.with_one_destination(options.sessions);
    spooler.retry = options.retry;
    spooler.reporter.host = options.transport.message_id_domain;
    return spooler;
  }

  spooler::SpoolerObserver observer() {
    spooler::SpoolerObserver observer;
    observer.message = [this](const mapi::EntryId& entry, const mapi::Message& message,
                              bool finished) {
      const auto status = status_of(entry, message, finished);
      note(status, message.get_or(mapi::PR_DELETE_AFTER_SUBMIT, false));
      if (events_.status) events_.status(status);
    };
    observer.suspended = events_.suspended;
    observer.exhausted = events_.exhausted;
    observer.recovered = events_.recovered;
    observer.failed = [this](const mapi::Failure& failure) {
      end_waits();
      if (events_.failed) events_.failed(failure);
    };
    return observer;
  }

  void note(const MessageStatus& status, bool deletes_after_submit) {
    {
      const std::scoped_lock lock(mutex_);
      ++changes_;
      if (status.finished && deletes_after_submit) {
        deleted_.add(status);
        awaiting_deletion_.erase(status.entry);
      }
    }
    changed_.notify_all();
  }

  void end_waits() {
    {
      const std::scoped_lock lock(mutex_);
      stopping_ = true;
    }
    changed_.notify_all();
  }

  /// Under `mutex_`. Asks as the spooler, who may look at a message that is being sent.
  [[nodiscard]] MessageStatus current_status(const mapi::EntryId& entry) const {
    if (const auto* const deleted = deleted_.find(entry)) return *deleted;
    try {
      // In this order: a message that is not queued any more holds its last verdicts.
      const bool finished = !session_->queue_row(entry);
      const auto handle = session_->open_entry(entry, mapi::Access::read_only);
      return status_of(entry, handle->message(), finished);
    } catch (const mapi::Failure& failure) {
      // It has just been deleted, and the spooler is about to tell its verdicts.
      const bool is_being_deleted =
          failure.code() == mapi::MAPI_E_NOT_FOUND && awaiting_deletion_.contains(entry);
      if (!is_being_deleted) throw;
      return {entry, false, {}};
    }
  }

  GatewayEvents events_;
  session::DefaultStoreSupport support_;
  Transports transports_;
  std::unique_ptr<mapi::MSProvider> provider_;
  std::unique_ptr<mapi::MsgStore> client_;
  std::unique_ptr<mapi::MsgStore> session_;

  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  std::uint64_t changes_ = 0;  ///< how often a message changed
  bool stopping_ = false;
  std::set<mapi::EntryId> awaiting_deletion_;  ///< once they are sent
  DeletedMessages deleted_;

  spooler::Spooler spooler_;  ///< last: its threads use what stands above
};

Gateway::Gateway(GatewayOptions options) : state_(std::make_unique<State>(std::move(options))) {}

Gateway::~Gateway() = default;

mapi::EntryId Gateway::submit(mapi::Message message) {
  return state_->submit(std::move(message));
}

MessageStatus Gateway::status(const mapi::EntryId& entry) const {
  return state_->status(entry);
}

MessageStatus Gateway::wait(const mapi::EntryId& entry, std::chrono::milliseconds limit) const {
  return state_->wait(entry, limit);
}

mapi::MsgStore& Gateway::store() const {
  return state_->client();
}

void Gateway::stop(std::chrono::milliseconds grace) {
  state_->stop(grace);
}

}  // namespace postern::gateway
