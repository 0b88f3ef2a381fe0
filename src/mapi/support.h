// The role Support: what MAPI itself offers to providers (IMAPISupport, mapi-submission.md §5.2).
//
// MAPI has one interface and returns MAPI_E_NO_SUPPORT if a method is called on the wrong kind;
// here each kind is a type, so that the wrong call does not compile.
//
// Threads: a StoreSupport may be called from several threads at once; the others say it themselves.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "mapi/entry_id.h"
#include "mapi/error.h"
#include "mapi/message.h"
#include "mapi/preprocessor.h"
#include "mapi/store_tables.h"

#pragma GCC visibility push(default)
namespace postern::mapi {

/// What a tightly coupled store knows of its own mailboxes: to which of them an SMTP address
/// belongs, in lower case; nullopt: to none.
using OwnRecipients = std::function<std::optional<Mailbox>(const std::string& address)>;

/// The support object of a message store.
class StoreSupport {
 public:
  virtual ~StoreSupport() = default;

  /// Marks the rows of a message that is being resent (MSGFLAG_RESEND); leaves others alone (§10).
  /// Throws mapi::Failure(MAPI_E_NO_RECIPIENTS, MAPI_E_NON_STANDARD).
  virtual void prepare_submit(Message& message) = 0;

  struct ExpandResult {
    bool needs_preprocessing = false;  ///< NEEDS_PREPROCESSING
    /// NEEDS_SPOOLER: a recipient is open whom the store does not deliver to itself.
    bool needs_spooler = true;
  };
  /// Expands personal distribution lists, resolves recipients, restores names, removes duplicates
  /// (§3.2). `own`: of a tightly coupled store. Throws mapi::Failure(MAPI_E_TOO_COMPLEX) for lists
  /// beyond all bounds.
  virtual ExpandResult expand_recips(Message& message, const OwnRecipients* own = nullptr) = 0;

  enum class SentMail { keep, move, remove };
  /// What the store has to do with a message that was sent (the table of §3.7): keep it where it
  /// is, move it to the folder of PR_SENTMAIL_ENTRYID, or remove it. `message` is the message as it
  /// will be kept; hooks may change it, and that folder too. Called from finished_msg and
  /// save_and_finish (also of several), before their commit; a second time if that fails. The store
  /// may hold its locks meanwhile: hooks must not call it.
  ///
  /// CompleteMsg is no call here: a coupled store that has served all recipients leaves the message
  /// in the queue, unlocked, with no row whose PR_RESPONSIBILITY is FALSE. The spooler finds
  /// nothing to send, makes the reports, takes back what preprocessors have done, and
  /// finishes it.
  virtual SentMail do_sent_mail(Message& message) = 0;
};

/// What the sender of one message asks of the spooler. It outlives the sender.
class SenderSupport {
 public:
  virtual ~SenderSupport() = default;

  /// Reports final verdicts (§8): `rows` are recipient rows of the message with the columns of
  /// §8.1. The reports are made after `done`. Returns MAPI_W_ERRORS_RETURNED when rows were ignored
  /// because they say neither delivered nor failed, else S_OK. May be called until end_message has
  /// returned, in submit_message, run and end_message.
  virtual Code status_recips(std::vector<Recipient> rows) = 0;

  /// Asked between recipients and chunks; MAPI_W_CANCEL_MESSAGE asks the transport to stop. From
  /// any thread.
  [[nodiscard]] virtual Code spooler_yield() const = 0;

  /// Whether earlier messages wait for that destination of the transport's
  /// (SubmitResult::destination). In submit_message only.
  [[nodiscard]] virtual bool others_wait(const std::string& /*destination*/) const { return false; }

  /// Runs `work` on a thread of the spooler's: not at the same time as anything else that concerns
  /// this message, and in the order of the calls. From any thread; until `done` is called.
  virtual void run(std::function<void()> work) = 0;
};

/// What the logon of a transport asks of the spooler. From any thread, but not within a call of the
/// spooler's on the logon where that is said.
class TransportSupport {
 public:
  virtual ~TransportSupport() = default;

  /// NOTIFY_READYTOSEND: recovered, may be offered messages again.
  virtual void ready_to_send() = 0;

  /// No message can be sent before `until`; so none is offered. `why`: one sentence.
  virtual void unavailable(std::chrono::system_clock::time_point until, const std::string& why) = 0;

  /// NOTIFY_CRITICAL_ERROR: an operator has to correct what `why` names; until then the spooler
  /// offers no messages, or a transport that paces itself lets them wait.
  virtual void critical_error(const std::string& why) = 0;

  /// NOTIFY_SENTDEFERRED: asks for a message that end_message has kept (dont_resend).
  virtual void sent_deferred(const EntryId& entry) = 0;

  /// There is room for so many messages at a destination for which some wait
  /// (SubmitResult::destination). Returns whether more wait for it than that. Neither blocks nor
  /// calls the transport.
  virtual bool has_room(const std::string& /*destination*/, std::size_t /*messages*/) {
    return false;
  }

  virtual void new_mail() = 0;        ///< NOTIFY_NEWMAIL: start_message has mail
  virtual void config_changed() = 0;  ///< NOTIFY_CONFIG_CHANGE: registration is another

  /// IMAPISupport::RegisterPreprocessor; in transport_logon only.
  virtual void register_preprocessor(Preprocessor preprocessor) = 0;

  /// IMAPISupport::ModifyStatusRow with STATUSROW_UPDATE: these columns of the transport's row.
  virtual void modify_status_row(const PropertyBag& columns) = 0;
};

}  // namespace postern::mapi
#pragma GCC visibility pop
