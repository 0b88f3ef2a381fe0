// The roles XPProvider and XPLogon: a transport provider (mapi-submission.md §§5.3, 6, 9).
//
// Another transport needs this header, support.h and msg_store.h only.
//
// Errors: outcomes of recipients are values; a mapi::Failure of the store passes through. Threads:
// the spooler makes one logon per sending session, and its calls on one logon are serial, except
// transport_notify and transport_logoff, which may come from another thread during submit_message.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "mapi/error.h"
#include "mapi/msg_store.h"
#include "mapi/support.h"

#pragma GCC visibility push(default)
namespace postern::mapi {

/// The result of SubmitMessage (§3.6).
struct SubmitResult {
  /// S_OK, MAPI_E_WAIT, MAPI_E_NETWORK_ERROR, MAPI_E_BUSY, MAPI_E_NOT_ME, MAPI_E_CANCEL,
  /// MAPI_E_USER_CANCEL; anything else is a fault of the transport.
  Code code = S_OK;
  /// When to offer the message again if rows of it are open: the transport has suspended their
  /// route until then, and this run does not count as an attempt. 0: it does, and the spooler's own
  /// schedule decides.
  std::chrono::seconds retry_after{0};
};

/// The result of EndMessage.
enum class EndMessage : std::uint32_t {
  done = 0,
  resend_now = 0x00010000,    ///< END_RESEND_NOW
  resend_later = 0x00020000,  ///< END_RESEND_LATER
  dont_resend = 0x00040000,   ///< END_DONT_RESEND
};

/// Names one transmission between submit_message and end_message; 0 = not set yet.
using MessageReference = std::uint32_t;

enum class TransportNotice {
  begin_outbound,        ///< NOTIFY_BEGIN_OUTBOUND
  end_outbound,          ///< NOTIFY_END_OUTBOUND: finish the running message; no further one comes
  begin_outbound_flush,  ///< NOTIFY_BEGIN_OUTBOUND_FLUSH: end the suspension of routes
  cancel_message,        ///< NOTIFY_CANCEL_MESSAGE: stop the message with the given reference
  abort_deferred,        ///< NOTIFY_ABORT_DEFERRED
};

/// A session of one transport.
class XPLogon {
 public:
  virtual ~XPLogon() = default;

  /// The address types this transport accepts ("SMTP"); compared without case.
  [[nodiscard]] virtual std::vector<std::string> address_types() const = 0;

  /// The transport itself suspends a route that fails, and returns SubmitResult::retry_after. To
  /// one that does not, the spooler offers no messages for a time after a critical error.
  [[nodiscard]] virtual bool paces_itself() const { return false; }

  /// Sends the message to the rows whose PR_RESPONSIBILITY is FALSE. `view` is open for
  /// modification; only FALSE→TRUE on such rows and their outcomes are kept by save_changes.
  /// The transport sets `reference` before it transfers data, writes each row's outcome, sets
  /// PR_RESPONSIBILITY on final ones, saves, and calls status_recips for them. It throws nothing
  /// about recipients; mapi::Failure from the store passes through. A failure of
  /// mapi::is_exhaustion, the transport's own too, is no attempt: the message is offered again a
  /// little later.
  virtual SubmitResult submit_message(MessageHandle& view,
                                      std::atomic<MessageReference>& reference) = 0;

  /// Only after submit_message answered S_OK. Releases everything held for the message.
  virtual EndMessage end_message(MessageReference reference) = 0;

  /// Thread-safe.
  virtual void transport_notify(TransportNotice notice, MessageReference reference) = 0;

  /// Ends the session; may come from another thread while a message is being sent.
  virtual void transport_logoff() = 0;
};

/// A transport provider: makes logons.
class XPProvider {
 public:
  virtual ~XPProvider() = default;
  /// `support` must outlive the logon.
  virtual std::unique_ptr<XPLogon> transport_logon(TransportSupport& support) = 0;
};

}  // namespace postern::mapi
#pragma GCC visibility pop
