// The whole gateway within a program: a store in one file, an SMTP route (and other transports, if
// they are given), and the spooler.
//
// Messages are submitted into the store, from where threads of the gateway send them, retry them
// and report on them until every recipient has a final verdict. What has been submitted is on disk:
// a gateway that is opened again on the same file goes on with it.
//
// THREADS. Every method but the destructor may be called from any thread, also at the same time.
// The functions in GatewayEvents are called on the gateway's threads, one call at a time; they
// must return soon, must not throw, and may call `submit` but neither `wait` nor `stop`.
//
// ERRORS. A call that fails throws mapi::Failure, a code with one sentence that names the thing and
// what to do. What happens to recipients is never an exception: it is an Outcome.
#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/outcome.h"
#include "mapi/entry_id.h"
#include "mapi/message.h"
#include "mapi/msg_store.h"
#include "mapi/transport.h"
#include "session/store_support.h"
#include "spooler/retry_schedule.h"
#include "transport/smtp_transport.h"

#pragma GCC visibility push(default)
namespace postern::gateway {

/// The state of one recipient.
struct RecipientStatus {
  std::string address;  ///< as mapi::address_text says
  /// The latest attempt; nullopt before the first one.
  std::optional<Outcome> outcome;
};

/// The state of one message.
struct MessageStatus {
  mapi::EntryId entry;
  /// Every recipient has a final verdict, and the message has left the outgoing queue.
  bool finished = false;
  std::vector<RecipientStatus> recipients;  ///< in the order of the message's recipient rows
};

/// Callbacks; each may be empty.
struct GatewayEvents {
  /// A message has new outcomes.
  std::function<void(const MessageStatus&)> status{};
  /// No mail can be sent until the operator has corrected what the sentence names (a refused
  /// password, say). Messages stay queued.
  std::function<void(const std::string& sentence)> suspended{};
  /// Descriptors, threads, memory or disk are exhausted; mail waits, and goes on by itself once
  /// there is more. The sentence names the cure.
  std::function<void(const std::string& sentence)> exhausted{};
  /// No mail waits for that any more.
  std::function<void()> recovered{};
  /// The store failed, and no mail is sent any longer; submitted messages are safe.
  std::function<void(const mapi::Failure&)> failed{};
};

/// How a gateway is set up; only `store` and the route or other transports must be given.
struct GatewayOptions {
  /// The message store: a file, which is made if it is absent, with its parent directories; or the
  /// URL of a PostgreSQL database that has its tables (store/postgresql_store.h).
  std::filesystem::path store;
  /// For how long a call waits for a database that is away before it throws.
  std::chrono::milliseconds store_patience{0};
  /// `smtp://[user[:password]@]host[:port]`, `smtps://…` or `lmtp://…` (smtp::Relay::parse).
  /// Empty: `transport.client` says where mail goes.
  std::string relay{};
  /// TLS, credentials, MX, DKIM, S/MIME, pace: everything else about sending.
  transport::SmtpTransportOptions transport{};
  /// Other transports (transport/smtp_transport.h, transport/maildir_transport.h, one's own), asked
  /// before that route in this order: each takes the recipients in its domains. If `relay` is empty
  /// and `transport.client` names no server, these are all: who is left gets a non-delivery report.
  std::vector<std::shared_ptr<mapi::XPProvider>> transports{};
  spooler::RetrySchedule retry{};
  std::size_t sessions = 10;  ///< messages sent at once; at least 1
  /// Distribution lists and contacts among the recipients, and what becomes of sent messages. Its
  /// functions are called on the threads of `submit` and of the gateway, several at once.
  session::SupportOptions support{};
  GatewayEvents events{};
};

/// A running gateway.
class Gateway {
 public:
  /// Opens the store, becomes its spooler, and begins to send what is queued. Throws mapi::Failure:
  /// MAPI_E_INVALID_PARAMETER for options that contradict each other or name what cannot be used,
  /// MAPI_E_BUSY if another spooler has the store, MAPI_E_NOT_ENOUGH_RESOURCES if there is no
  /// thread or descriptor for it, and what store::open_store throws.
  explicit Gateway(GatewayOptions options);
  /// Stops, as `stop()` does.
  ~Gateway();
  Gateway(const Gateway&) = delete;
  Gateway& operator=(const Gateway&) = delete;

  /// Puts a message into the outgoing queue. When it returns, the message is on disk; if it
  /// throws, there is no message. MAPI_E_NO_RECIPIENTS, MAPI_E_NOT_ENOUGH_DISK, MAPI_E_BUSY,
  /// MAPI_E_DISK_ERROR.
  mapi::EntryId submit(mapi::Message message);

  /// The status of a message, without waiting. MAPI_E_NOT_FOUND if it is unknown. Of messages
  /// that are deleted once they are sent (PR_DELETE_AFTER_SUBMIT), the last ones are remembered,
  /// up to 10,000 recipients, until the gateway ends.
  [[nodiscard]] MessageStatus status(const mapi::EntryId& entry) const;

  /// Waits until the message is finished, the time is over or the gateway stops; then as `status`.
  [[nodiscard]] MessageStatus wait(const mapi::EntryId& entry,
                                   std::chrono::milliseconds limit) const;

  /// The store, for everything else: the Inbox with its reports, Sent Items, the queue. Lives as
  /// long as the gateway.
  [[nodiscard]] mapi::MsgStore& store() const;

  /// Starts no further message; messages being sent may finish within `grace`, then they are
  /// cancelled and stay queued. Returns when the threads have ended. May be called again.
  void stop(std::chrono::milliseconds grace = std::chrono::milliseconds{0});

 private:
  class State;
  std::unique_ptr<State> state_;
};

}  // namespace postern::gateway
#pragma GCC visibility pop
