// The role Support: what MAPI itself offers to providers (IMAPISupport, mapi-submission.md §5.2).
//
// MAPI has one interface and returns MAPI_E_NO_SUPPORT if a method is called on the wrong kind;
// here the two kinds are two types, so that the wrong call does not compile.
//
// Threads: a StoreSupport may be called from several threads at once, a TransportSupport by the
// thread that is in its logon's submit_message.
#pragma once

#include <string>
#include <vector>

#include "mapi/error.h"
#include "mapi/message.h"

#pragma GCC visibility push(default)
namespace postern::mapi {

/// The support object of a message store.
class StoreSupport {
 public:
  virtual ~StoreSupport() = default;

  /// Marks the rows of a message that is being resent (MSGFLAG_RESEND); leaves others alone (§10).
  /// Throws mapi::Failure(MAPI_E_NO_RECIPIENTS, MAPI_E_NON_STANDARD).
  virtual void prepare_submit(Message& message) = 0;

  struct ExpandResult {
    bool needs_preprocessing = false;
  };
  /// Resolves one-off recipients, restores names, removes duplicates (§3.2).
  virtual ExpandResult expand_recips(Message& message) = 0;

  enum class SentMail { keep, move, remove };
  /// What the store has to do with a message that was sent (the table of §3.7).
  virtual SentMail do_sent_mail(const Message& message) = 0;
};

enum class SpoolerNotice {
  ready_to_send,  ///< NOTIFY_READYTOSEND: recovered, may be offered messages again
  sent_deferred,  ///< NOTIFY_SENTDEFERRED
  /// NOTIFY_CRITICAL_ERROR: an operator has to correct what `text` names; until then the spooler
  /// offers no messages, or a transport that paces itself lets them wait.
  critical_error,
};

/// The support object of a transport logon.
class TransportSupport {
 public:
  virtual ~TransportSupport() = default;

  /// Reports final verdicts (§8): `rows` are recipient rows of `message` with the columns of §8.1.
  /// The spooler makes the reports after submit_message returned. Returns MAPI_W_ERRORS_RETURNED
  /// when rows were ignored because they say neither delivered nor failed, else S_OK.
  virtual Code status_recips(const Message& message, std::vector<Recipient> rows) = 0;

  /// IMAPISupport::SpoolerNotify. `text`: one sentence for the operator.
  virtual void spooler_notify(SpoolerNotice notice, const std::string& text) = 0;

  /// Called between recipients and chunks; MAPI_W_CANCEL_MESSAGE asks the transport to stop.
  virtual Code spooler_yield() = 0;
};

}  // namespace postern::mapi
#pragma GCC visibility pop
