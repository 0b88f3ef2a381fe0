// The roles XPProvider, XPLogon and XPSender: a transport provider (mapi-submission.md §§5.3, 6,
// 9).
//
// Another transport needs this header, support.h and msg_store.h only. A spooler makes one logon of
// each provider, asks it what it accepts, and takes a sender of it for each message that it offers.
// What a transport that only sends does not need has a default.
//
// Errors: outcomes of recipients are values; a mapi::Failure of the store passes through. Threads:
// the calls on one sender are serial, except cancel_message, which may come at any time; the calls
// on a logon are serial among themselves, but senders are at work meanwhile.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "mapi/error.h"
#include "mapi/inbound_message.h"
#include "mapi/msg_store.h"
#include "mapi/support.h"

#pragma GCC visibility push(default)
namespace postern::mapi {

/// Which recipients a transport accepts (IXPLogon::AddressTypes, §7.1).
struct Registration {
  /// Accepts rows of these types, compared without case. nullopt: of any type; one empty string: of
  /// none.
  std::optional<std::vector<std::string>> address_types;
  /// Accepts rows whose entry id names one of these providers, before all that go by type.
  std::vector<ProviderUid> uids;
  /// Accepts rows that have one of these properties, after all that go by type: an SMTP transport
  /// reaches an Exchange recipient by its PR_SMTP_ADDRESS.
  std::vector<Tag<PropertyType::unicode>> address_properties;
  /// STATUS_XP_PREFER_LAST: comes after the others, whatever the order.
  bool prefer_last = false;
  /// PR_OWN_STORE_ENTRYID: the store it is tightly coupled with; empty: none.
  EntryId own_store;
  /// The transport itself suspends a route that fails, and returns SubmitResult::retry_after. To
  /// one that does not, the spooler offers no messages for a time after a critical error.
  bool paces_itself = false;
};

/// The flags of SubmitMessage.
enum class SubmitKind : std::int32_t {
  normal = 0,
  deferred = 1,  ///< BEGIN_DEFERRED: the transport has asked for it by sent_deferred
};

/// The result of SubmitMessage (§3.6).
struct SubmitResult {
  /// S_OK, MAPI_E_WAIT, MAPI_E_NETWORK_ERROR, MAPI_E_BUSY, MAPI_E_NOT_ME, MAPI_E_CANCEL,
  /// MAPI_E_USER_CANCEL; anything else is a fault of the transport. One of mapi::is_exhaustion is
  /// no attempt: the message is offered again a little later.
  Code code = S_OK;
  /// When to offer the message again if rows of it are open: the transport has suspended their
  /// route until then, and this run does not count as an attempt. 0: it does, and the spooler's own
  /// schedule decides.
  std::chrono::seconds retry_after{0};
  /// For a fault: one sentence about it.
  std::string text{};
  /// Offered rows that are not for this transport, by their places in the recipient table: they go
  /// to the next one whatever the result, while rows that are for it wait (§6.3). Rows that are
  /// left open after S_OK without END_RESEND_…, or by MAPI_E_NOT_ME, need not be named.
  std::vector<std::size_t> declined{};
  /// MAPI_E_BUSY: the destination that has as much under way as it may have. The message waits in
  /// memory, unlike the transport, until TransportSupport::has_room of that destination, and is
  /// offered again in the order of the queue. nullopt: it is offered again after a pause.
  std::optional<std::string> destination{};
};

/// The result of EndMessage.
enum class EndMessage : std::uint32_t {
  done = 0,
  resend_now = 0x00010000,    ///< END_RESEND_NOW
  resend_later = 0x00020000,  ///< END_RESEND_LATER
  dont_resend = 0x00040000,   ///< END_DONT_RESEND: sent_deferred will ask for it
};

/// The transmission of one message. MAPI names it by a reference value; here it is an object.
class XPSender {
 public:
  virtual ~XPSender() = default;

  /// Called once with the result, before submit_message returns or later, from any thread. It must
  /// not be called after a failure was thrown.
  using Done = std::function<void(SubmitResult)>;

  /// IXPLogon::SubmitMessage. Sends the message to the rows whose PR_RESPONSIBILITY is FALSE.
  /// `view` is open for modification until `done` is called; only FALSE to TRUE on such rows, their
  /// outcomes and the message's own properties are kept by save_changes. The transport writes each
  /// row's outcome, sets PR_RESPONSIBILITY on final ones, saves as soon as it knows them, and calls
  /// status_recips. With an answer of S_OK that follows at once the spooler saves what is set in
  /// `view`, so that the last save and the message's end can be one commit. A transport that goes
  /// on after it has returned uses `view` within SenderSupport::run only. It throws nothing about
  /// recipients; mapi::Failure from the store passes through.
  virtual void submit_message(MessageHandle& view, SubmitKind kind, Done done) = 0;

  /// IXPLogon::EndMessage. Only after S_OK. Releases everything held for the message.
  virtual EndMessage end_message() = 0;

  /// NOTIFY_CANCEL_MESSAGE: stops as soon as possible, with MAPI_E_USER_CANCEL if anything is left
  /// undone. From any thread, also before submit_message and after it has returned.
  virtual void cancel_message() = 0;
};

/// Mail that goes out, or mail that comes in.
enum class Direction { outbound, inbound };

/// The session of one transport.
class XPLogon {
 public:
  virtual ~XPLogon() = default;

  /// Asked at logon, and again after TransportSupport::config_changed.
  [[nodiscard]] virtual Registration registration() const = 0;

  /// A sender for one message, which the logon must outlive. `support` outlives the sender.
  virtual std::unique_ptr<XPSender> sender(SenderSupport& support) = 0;

  virtual void begin(Direction) {}  ///< NOTIFY_BEGIN_OUTBOUND, NOTIFY_BEGIN_INBOUND
  virtual void end(Direction) {}    ///< NOTIFY_END_OUTBOUND, NOTIFY_END_INBOUND

  /// NOTIFY_ABORT_DEFERRED: the message that end_message has kept (dont_resend) is not to be asked
  /// for any more. `is_gone`: it was cancelled; else the spooler stops, and a later one offers it
  /// anew.
  virtual void abort_deferred(const EntryId&, bool /*is_gone*/) {}

  /// IXPLogon::FlushQueues: asks for due deferred messages and ends the suspension of routes. Then
  /// messages come, and after the last one end_flush. MAPI_E_NO_SUPPORT, MAPI_E_BUSY.
  virtual Code flush_queues(Direction) { return MAPI_E_NO_SUPPORT; }
  virtual void end_flush(Direction) {}

  /// IXPLogon::Poll and StartMessage: one message that has come in; nullopt if there is none.
  /// Called after TransportSupport::new_mail until there is none, or the store does not take one.
  virtual std::optional<InboundMessage> start_message() { return std::nullopt; }
  /// IXPLogon::EndMessage of the message that start_message gave last: it is stored now, or was
  /// before.
  virtual void inbound_stored() {}

  /// Ends the session. No sender is left.
  virtual void transport_logoff() {}
};

/// A transport provider: makes logons.
class XPProvider {
 public:
  virtual ~XPProvider() = default;
  /// `support` must outlive the logon. mapi::Failure: MAPI_E_FAILONEPROVIDER and
  /// MAPI_E_UNCONFIGURED leave the other transports at work.
  virtual std::unique_ptr<XPLogon> transport_logon(TransportSupport& support) = 0;
};

}  // namespace postern::mapi
#pragma GCC visibility pop
