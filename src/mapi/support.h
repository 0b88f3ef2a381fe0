// The role Support: what MAPI itself offers to providers (IMAPISupport, mapi-submission.md §5.2).
//
// MAPI has one interface and answers MAPI_E_NO_SUPPORT when a method is called on the wrong kind;
// here the two kinds are two types, so that the wrong call does not compile.
#pragma once

#include <string>
#include <vector>

#include "mapi/error.h"
#include "mapi/message.h"

#pragma GCC visibility push(default)
namespace postern::mapi {

/// What a message store gets.
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
  /// What becomes of a message that was sent (the table of §3.7); the store does it.
  virtual SentMail do_sent_mail(const Message& message) = 0;
};

enum class SpoolerNotice {
  ready_to_send,  ///< NOTIFY_READYTOSEND: recovered, may be offered messages again
  sent_deferred,  ///< NOTIFY_SENTDEFERRED
  /// NOTIFY_CRITICAL_ERROR: an operator has to mend what `text` says; until then nothing is
  /// offered, or, where the transport paces itself, it lets messages wait.
  critical_error,
};

/// What a transport provider gets.
class TransportSupport {
 public:
  virtual ~TransportSupport() = default;

  /// Reports final verdicts (§8): `rows` are recipient rows of `message` with the columns of §8.1.
  /// The spooler makes the reports after submit_message returned. Returns MAPI_W_ERRORS_RETURNED
  /// when rows were ignored because they say neither delivered nor failed, else S_OK.
  virtual Code status_recips(const Message& message, std::vector<Recipient> rows) = 0;

  virtual void spooler_notify(SpoolerNotice notice, const std::string& text) = 0;

  /// Called between recipients and chunks; MAPI_W_CANCEL_MESSAGE asks the transport to stop.
  virtual Code spooler_yield() = 0;
};

}  // namespace postern::mapi
#pragma GCC visibility pop
